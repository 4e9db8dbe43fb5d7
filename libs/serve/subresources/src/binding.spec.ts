import type { KubeObject } from '@reckon/api/machinery';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindingHandler } from './binding';
import { type SubresourceFixture, openSubresources, pod } from './testing/subresource-fixture.suite';

let f: SubresourceFixture;
beforeEach(async () => {
  f = await openSubresources();
  await f.create(f.pods, pod('web'));
});
afterEach(() => f.close());

const binding = (node: string, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  target: { kind: 'Node', name: node },
});

const bind = (object: KubeObject, call: object = {}) =>
  f.call(bindingHandler(f.pods), f.pods, { subresource: 'binding', name: 'web', object, ...call });

describe('a binding', () => {
  it('gives the pod its node, labels, annotations and condition', async () => {
    expect(await bind(binding('node-0', { annotations: { a: '1' }, labels: { l: '2' } }))).toEqual({
      code: 201,
      object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    });
    expect(await f.get(f.pods, 'web')).toMatchObject({
      metadata: { annotations: { a: '1' }, labels: { l: '2' }, generation: 1 },
      spec: { nodeName: 'node-0' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
  });

  it('names the pod in its body when it is posted to the namespace', async () => {
    expect((await bind(binding('node-0'), { name: '', subresource: '' })).code).toBe(201);
    expect(await f.get(f.pods, 'web')).toMatchObject({ spec: { nodeName: 'node-0' } });
  });

  it('holds for good', async () => {
    await bind(binding('node-0'));
    expect(await bind(binding('node-1'))).toMatchObject({
      code: 409,
      object: {
        reason: 'Conflict',
        message: 'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node-0"',
        details: { name: 'web', kind: 'pods/binding' },
      },
    });
  });

  it.each([
    [
      'another name than its path',
      binding('node-0', { name: 'other' }),
      {},
      400,
      'name in URL does not match name in Binding object',
    ],
    ['a pod that is not there', binding('node-0', { name: 'gone' }), { name: 'gone' }, 404, 'pods "gone" not found'],
    ['another uid', binding('node-0', { uid: 'other' }), {}, 409, 'Precondition failed: UID in precondition: other'],
    ['no node', binding(''), {}, 422, 'target.name: Required value'],
  ])('of %s is refused', async (_, object, call, code, message) => {
    const refused = await bind(object, call);
    expect(refused.code).toBe(code);
    expect(refused.object['message']).toContain(message);
    expect((await f.get(f.pods, 'web'))['spec']).not.toHaveProperty('nodeName');
  });

  it('does nothing in a dry run', async () => {
    const options = {
      dryRun: true,
      admission: { mutate: () => undefined, validate: () => undefined },
      apiVersion: 'v1',
    };
    expect((await bind(binding('node-0'), { options })).code).toBe(201);
    expect((await f.get(f.pods, 'web'))['spec']).not.toHaveProperty('nodeName');
  });

  it('that admission forbids leaves the pod as it is', async () => {
    const admission = {
      mutate: () => undefined,
      validate: (object: KubeObject | undefined) => {
        if (object?.kind === 'Binding') throw new Error('no');
      },
    };
    await expect(bind(binding('node-0'), { options: { dryRun: false, admission, apiVersion: 'v1' } })).rejects.toThrow(
      'no',
    );
    expect((await f.get(f.pods, 'web'))['spec']).not.toHaveProperty('nodeName');
  });
});
