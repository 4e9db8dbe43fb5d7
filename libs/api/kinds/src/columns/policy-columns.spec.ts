import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const row = createKindRegistry().resource('policy', 'v1', 'poddisruptionbudgets');
const nowMs = Date.parse('2026-01-02T00:00:00Z');

describe('the columns of disruption budgets', () => {
  it.each<[object, unknown[]]>([
    [{ spec: {} }, ['N/A', 'N/A', 0]],
    [{ spec: { minAvailable: 0 }, status: { disruptionsAllowed: 2 } }, ['0', 'N/A', 2]],
    [{ spec: { maxUnavailable: '50%' } }, ['N/A', '50%', 0]],
  ])('%j', (of, cells) => {
    if (row === undefined) throw new Error('no disruption budgets');
    const metadata = { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z' };
    const table = tableFor(row, [{ metadata, ...of }], {
      nowMs,
      includeObject: 'None',
      apiVersion: 'meta.k8s.io/v1',
    });
    expect(table.columnDefinitions.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'Name:string',
      'Min Available:string',
      'Max Unavailable:string',
      'Allowed Disruptions:integer',
      'Age:string',
    ]);
    expect(table.rows[0]?.cells).toEqual(['x', ...cells, '60m']);
  });
});
