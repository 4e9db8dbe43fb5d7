import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const row = createKindRegistry().resource('apiregistration.k8s.io', 'v1', 'apiservices');
const nowMs = Date.parse('2026-01-02T00:00:00Z');

function cells(fields: object): readonly unknown[] | undefined {
  if (row === undefined) throw new Error('no apiservices');
  const object: KubeObject = { metadata: { name: 'v1.', creationTimestamp: '2026-01-01T23:00:00Z' }, ...fields };
  return tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' }).rows[0]?.cells;
}

const available = (status: string, reason?: string): object => ({
  status: {
    conditions: [
      { type: 'Other', status: 'True' },
      { type: 'Available', status, reason },
    ],
  },
});

describe('APIServices', () => {
  it.each<[object, string, string]>([
    [{ spec: {}, ...available('True', 'Local') }, 'Local', 'True'],
    [{ spec: { service: { namespace: 'n', name: 's' } } }, 'n/s', 'Unknown'],
    [{ spec: {}, ...available('False', 'ServiceNotFound') }, 'Local', 'False (ServiceNotFound)'],
    [{ spec: {}, ...available('False') }, 'Local', 'False'],
  ])('%j', (fields, service, availability) => {
    expect(cells(fields)).toEqual(['v1.', service, availability, '60m']);
  });
});
