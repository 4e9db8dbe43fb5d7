import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const kinds = createKindRegistry();
const nowMs = Date.parse('2026-01-01T01:00:00Z');
const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };

function table(group: string, resource: string, object: KubeObject): ReturnType<typeof tableFor> {
  const row = kinds.resource(group, 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  return tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
}
const cells = (resource: string, object: KubeObject, group = 'resource.k8s.io'): readonly unknown[] =>
  table(group, resource, object).rows[0]?.cells ?? [];

describe('tables of devices', () => {
  const allocation = { devices: {} };
  it.each<[string, object, object]>([
    ['pending', {}, {}],
    ['deleted', { deletionTimestamp: metadata.creationTimestamp }, {}],
    ['allocated', {}, { allocation }],
    ['allocated,reserved', {}, { allocation, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] }],
    ['deleted,allocated', { deletionTimestamp: metadata.creationTimestamp }, { allocation }],
  ])('say of a claim that it is %s', (state, meta, status) => {
    expect(cells('resourceclaims', { metadata: { ...metadata, ...meta }, spec: {}, status })).toEqual([
      'x',
      state,
      '60m',
    ]);
  });

  it('say where a slice is', () => {
    const spec = {
      driver: 'gpu.example.com',
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    };
    const slice = { metadata, spec };
    expect(table('resource.k8s.io', 'resourceslices', slice).columnDefinitions.map(({ name }) => name)).toEqual([
      'Name',
      'Node',
      'Driver',
      'Pool',
      'Age',
    ]);
    expect(cells('resourceslices', slice)).toEqual(['x', 'n', 'gpu.example.com', 'p', '60m']);
    const everywhere = { driver: spec.driver, pool: spec.pool };
    expect(cells('resourceslices', { metadata, spec: everywhere })).toEqual(['x', '', 'gpu.example.com', 'p', '60m']);
  });

  it.each(['deviceclasses', 'resourceclaimtemplates'])('have no more than a name and an age for %s', (resource) => {
    expect(cells(resource, { metadata, spec: {} })).toEqual(['x', '60m']);
  });

  it('show of definitions when they were made', () => {
    expect(cells('customresourcedefinitions', { metadata, spec: {} }, 'apiextensions.k8s.io')).toEqual([
      'x',
      '2026-01-01T00:00:00Z',
    ]);
  });
});
