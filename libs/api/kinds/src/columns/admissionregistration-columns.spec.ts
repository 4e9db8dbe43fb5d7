import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const kinds = createKindRegistry();
const nowMs = Date.parse('2026-01-02T00:00:00Z');

function table(resource: string, fields: object): ReturnType<typeof tableFor> {
  const row = kinds.resource('admissionregistration.k8s.io', 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  const object: KubeObject = { metadata: { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z' }, ...fields };
  return tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
}

const cells = (resource: string, fields: object): readonly unknown[] | undefined =>
  table(resource, fields).rows[0]?.cells;

describe('webhook configurations', () => {
  it.each(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'])('count their webhooks: %s', (kind) => {
    expect(table(kind, {}).columnDefinitions.map(({ name, type }) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Webhooks', 'integer'],
      ['Age', 'string'],
    ]);
    expect(cells(kind, { webhooks: [{}, {}] })).toEqual(['x', 2, '60m']);
    expect(cells(kind, {})).toEqual(['x', 0, '60m']);
  });
});

describe('admission policies', () => {
  it.each([
    ['validatingadmissionpolicies', 'validations', 'Validations'],
    ['mutatingadmissionpolicies', 'mutations', 'Mutations'],
  ])('count what they do: %s', (resource, field, name) => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(table(resource, {}).columnDefinitions.map((c) => c.name)).toEqual(['Name', name, 'ParamKind', 'Age']);
    expect(cells(resource, { spec: { [field]: [{}], paramKind } })).toEqual(['x', 1, 'v1/ConfigMap', '60m']);
    expect(cells(resource, {})).toEqual(['x', 0, '<unset>', '60m']);
  });
});

describe('bindings of policies', () => {
  const selector = {
    matchLabels: { b: '2', a: '1' },
    matchExpressions: [
      { key: 'k', operator: 'In', values: ['v', 'w'] },
      { key: 'e', operator: 'Exists' },
    ],
  };

  it.each<[object | undefined, string]>([
    [undefined, '<unset>'],
    [{}, '<unset>'],
    [{ name: 'p' }, '*/p'],
    [{ name: 'p', namespace: 'n' }, 'n/p'],
    [
      { selector },
      '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[v w],},LabelSelectorRequirement{Key:e,Operator:Exists,Values:[],},},}',
    ],
  ])('show their parameters %j', (paramRef, text) => {
    for (const resource of ['validatingadmissionpolicybindings', 'mutatingadmissionpolicybindings'])
      expect(cells(resource, { spec: { policyName: 'p', paramRef } })).toEqual(['x', 'p', text, '60m']);
  });
});
