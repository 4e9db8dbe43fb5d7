import { describe, expect, it } from 'vitest';
import { createKindRegistry } from './kind-registry';
import { mergeSchema, type MergeSchema } from './merge-schema';
import { openStructType } from './open-struct';

const registry = createKindRegistry();

function walk(kind: string, path: string): MergeSchema | undefined {
  let schema: MergeSchema | undefined = mergeSchema(registry.types, registry.types.struct(kind));
  for (const step of path === '' ? [] : path.split('.')) schema = step === '[]' ? schema?.item : schema?.child(step);
  return schema;
}

describe('mergeSchema', () => {
  it.each([
    [
      'core/v1.Pod',
      'spec.containers',
      { shape: 'list', patchStrategy: ['merge'], patchMergeKey: 'name', atomic: false },
    ],
    [
      'core/v1.Pod',
      'spec.containers.[].ports',
      { patchMergeKey: 'containerPort', listType: { type: 'map', keys: ['containerPort', 'protocol'] } },
    ],
    ['core/v1.Pod', 'spec.containers.[].ports.[].protocol', { shape: 'scalar', default: 'TCP' }],
    ['core/v1.Pod', 'spec.containers.[].command', { shape: 'list', patchStrategy: [], atomic: true }],
    ['core/v1.Pod', 'spec.volumes', { patchStrategy: ['merge', 'retainKeys'] }],
    ['core/v1.Pod', 'metadata.finalizers', { listType: { type: 'set' }, patchStrategy: ['merge'], patchMergeKey: '' }],
    ['core/v1.Pod', 'metadata.labels.any', { shape: 'scalar', typeName: 'string' }],
    ['core/v1.Pod', 'spec.nodeSelector', { shape: 'map', atomic: true }],
    ['apps/v1.Deployment', 'spec.selector', { shape: 'struct', atomic: true, typeName: 'LabelSelector' }],
    ['apps/v1.Deployment', 'spec.strategy', { patchStrategy: ['retainKeys'] }],
    ['core/v1.PersistentVolume', 'spec.claimRef', { atomic: false }],
    ['apps/v1.ControllerRevision', 'data.anything.below', { shape: 'untyped' }],
  ])('%s %s', (kind, path, expected) => {
    expect(walk(kind, path)).toMatchObject(expected);
  });

  it('has no child where the struct has no field', () => {
    expect(walk('core/v1.Pod', 'spec.nope')).toBeUndefined();
    expect(walk('core/v1.Pod', 'spec')?.typeName).toBe('PodSpec');
    expect(walk('core/v1.Pod', 'spec.nodeName.x')).toBeUndefined();
  });

  it('takes any field of an open kind', () => {
    const widget = mergeSchema(registry.types, openStructType(registry.types, 'Widget'));
    expect(widget.child('spec')?.child('x')?.shape).toBe('untyped');
    expect(widget.child('metadata')?.child('finalizers')?.listType).toEqual({ type: 'set' });
  });
});
