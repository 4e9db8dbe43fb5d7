import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor, type Table } from './table-for';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const kinds = createKindRegistry();

function table(group: string, resource: string, ...objects: readonly object[]): Table {
  const row = kinds.resource(group, 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  const made = objects.map((object) => ({
    ...object,
    metadata: { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z', ...(object as KubeObject).metadata },
  }));
  return tableFor(row, made, { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
}

const cells = (group: string, resource: string, object: object): unknown =>
  table(group, resource, object).rows[0]?.cells;

const networking = 'networking.k8s.io';
const hosts = (...names: readonly string[]): object => ({ spec: { rules: names.map((host) => ({ host })) } });

describe('the columns of networking', () => {
  it.each<[string, object, unknown[]]>([
    ['ingresses', {}, ['x', '<none>', '*', '', '80', '60m']],
    [
      'ingresses',
      {
        spec: { ingressClassName: 'c', rules: [{ host: 'a' }, {}, { host: 'b' }], tls: [{}] },
        status: { loadBalancer: { ingress: [{ hostname: 'h' }, { ip: '10.0.0.1' }, { ip: '10.0.0.1' }, {}] } },
      },
      ['x', 'c', 'a,b', '10.0.0.1,h', '80, 443', '60m'],
    ],
    ['ingresses', hosts('a', 'b', 'c', 'd', 'e'), ['x', '<none>', 'a,b,c + 2 more...', '', '80', '60m']],
    ['ingressclasses', { spec: { controller: 'a.b/c' } }, ['x', 'a.b/c', '<none>', '60m']],
    [
      'ingressclasses',
      {
        metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
        spec: { controller: 'a.b/c', parameters: { kind: 'K', apiGroup: 'g.io', name: 'n' } },
      },
      ['x (default)', 'a.b/c', 'K.g.io/n', '60m'],
    ],
    ['networkpolicies', { spec: { podSelector: {} } }, ['x', '<none>', '60m']],
    ['networkpolicies', { spec: { podSelector: { matchLabels: { a: 'b' } } } }, ['x', 'a=b', '60m']],
    ['ipaddresses', {}, ['x', '<none>', '60m']],
    [
      'ipaddresses',
      { spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } } },
      ['x', 'services/n/s', '60m'],
    ],
    ['ipaddresses', { spec: { parentRef: { group: 'g', resource: 'r', name: 's' } } }, ['x', 'r.g/s', '60m']],
    ['servicecidrs', { spec: { cidrs: ['10.0.0.0/24', 'fd00::/64'] } }, ['x', '10.0.0.0/24,fd00::/64', '60m']],
  ])('show of %s %j', (resource, object, expected) => {
    expect(cells(networking, resource, object)).toEqual(expected);
  });

  it('leave one cell of addresses unsaid', () => {
    expect(table(networking, 'ipaddresses').columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'ParentRef']);
  });
});

describe('the columns of priority and fairness', () => {
  const flow = 'flowcontrol.apiserver.k8s.io';
  const schema = (name: string, matchingPrecedence: number): object => ({
    metadata: { name },
    spec: { matchingPrecedence, priorityLevelConfiguration: { name: 'l' } },
  });

  it('show flow schemas in the order in which they are asked', () => {
    const { rows } = table(flow, 'flowschemas', schema('a', 30), schema('c', 20), schema('b', 20));
    expect(rows.map(({ cells: [name] }) => name)).toEqual(['b', 'c', 'a']);
    expect(rows[0]?.cells).toEqual(['b', 'l', 20, '<none>', '60m', '?']);
  });

  it('show whether the level of a flow schema is missing', () => {
    const object = {
      ...schema('x', 5),
      spec: {
        matchingPrecedence: 5,
        priorityLevelConfiguration: { name: 'l' },
        distinguisherMethod: { type: 'ByUser' },
      },
      status: { conditions: [{ type: 'Dangling', status: 'True' }] },
    };
    expect(cells(flow, 'flowschemas', object)).toEqual(['x', 'l', 5, 'ByUser', '60m', 'True']);
  });

  it.each<[object, unknown[]]>([
    [{ type: 'Exempt' }, ['x', 'Exempt', '<none>', '<none>', '<none>', '<none>', '60m']],
    [
      { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } },
      ['x', 'Limited', 5, '<none>', '<none>', '<none>', '60m'],
    ],
    [
      {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 5,
          limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 6, queueLengthLimit: 50 } },
        },
      },
      ['x', 'Limited', 5, 64, 6, 50, '60m'],
    ],
  ])('show of a level %j', (spec, expected) => {
    expect(cells(flow, 'prioritylevelconfigurations', { spec })).toEqual(expected);
  });
});

describe('the columns of certificate signing requests', () => {
  it.each<[object, string]>([
    [{}, 'Pending'],
    [{ conditions: [{ type: 'Approved' }], certificate: 'YQ==' }, 'Approved,Issued'],
    [{ conditions: [{ type: 'Denied' }, { type: 'Failed' }] }, 'Denied,Failed'],
  ])('show of status %j', (status, expected) => {
    const object = { spec: { signerName: 'a.b/c', username: 'jane', expirationSeconds: 3600 }, status };
    expect(cells('certificates.k8s.io', 'certificatesigningrequests', object)).toEqual([
      'x',
      '60m',
      'a.b/c',
      'jane',
      '60m',
      expected,
    ]);
  });
});
