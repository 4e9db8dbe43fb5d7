import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { tableFor } from './table-for';

const kinds = createKindRegistry();
const nowMs = Date.parse('2026-01-02T00:00:00Z');

function shown(group: string, resource: string, of: object): { names: string[]; cells: unknown } {
  const row = kinds.resource(group, 'v1', resource);
  if (row === undefined) throw new Error(`no ${resource}`);
  const object = { metadata: { name: 'x', creationTimestamp: '2026-01-01T23:00:00Z' }, ...of } as KubeObject;
  const table = tableFor(row, [object], { nowMs, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' });
  const wide = (priority: number): string => (priority === 1 ? '*' : '');
  return {
    names: table.columnDefinitions.map(({ name, type, priority }) => `${name}:${type}${wide(priority)}`),
    cells: table.rows[0]?.cells,
  };
}

const template = {
  metadata: { labels: { b: '2', a: '1' } },
  spec: {
    nodeSelector: { disk: 'ssd' },
    containers: [
      { name: 'c', image: 'i:1' },
      { name: 'd', image: 'j:2' },
    ],
  },
};
const selector = { matchLabels: { a: '1' } };

describe('the columns of workloads', () => {
  it.each<[string, string, object, string[], unknown[]]>([
    [
      'apps',
      'daemonsets',
      {
        spec: { selector, template },
        status: {
          desiredNumberScheduled: 5,
          currentNumberScheduled: 4,
          numberReady: 3,
          updatedNumberScheduled: 2,
          numberAvailable: 1,
          numberMisscheduled: 9,
        },
      },
      [
        'Name:string',
        'Desired:integer',
        'Current:integer',
        'Ready:integer',
        'Up-to-date:integer',
        'Available:integer',
        'Node Selector:string',
        'Age:string',
        'Containers:string*',
        'Images:string*',
        'Selector:string*',
      ],
      ['x', 5, 4, 3, 2, 1, 'disk=ssd', '60m', 'c,d', 'i:1,j:2', 'a=1'],
    ],
    [
      'apps',
      'statefulsets',
      { spec: { replicas: 3, selector, template }, status: { replicas: 2, readyReplicas: 1 } },
      ['Name:string', 'Ready:string', 'Age:string', 'Containers:string*', 'Images:string*'],
      ['x', '1/3', '60m', 'c,d', 'i:1,j:2'],
    ],
    [
      '',
      'replicationcontrollers',
      { spec: { replicas: 3, selector: { b: '2', a: '1' }, template }, status: { replicas: 2, readyReplicas: 1 } },
      [
        'Name:string',
        'Desired:integer',
        'Current:integer',
        'Ready:integer',
        'Age:string',
        'Containers:string*',
        'Images:string*',
        'Selector:string*',
      ],
      ['x', 3, 2, 1, '60m', 'c,d', 'i:1,j:2', 'a=1,b=2'],
    ],
    [
      '',
      'podtemplates',
      { template },
      ['Name:string', 'Containers:string', 'Images:string', 'Pod Labels:string'],
      ['x', 'c,d', 'i:1,j:2', 'a=1,b=2'],
    ],
  ])('of %s %s', (group, resource, of, names, cells) => {
    expect(shown(group, resource, of)).toEqual({ names, cells });
  });

  it.each([
    ['apps', 'daemonsets', ['x', 0, 0, 0, 0, 0, '<none>', '60m', '', '', '<none>']],
    ['apps', 'statefulsets', ['x', '0/0', '60m', '', '']],
    ['', 'replicationcontrollers', ['x', 0, 0, 0, '60m', '', '', '<none>']],
    ['', 'podtemplates', ['x', '', '', '<none>']],
  ])('of %s %s are there for an object that says nothing', (group, resource, cells) => {
    expect(shown(group, resource, {}).cells).toEqual(cells);
  });
});

describe('the columns of what is counted and how it runs', () => {
  it('show what a quota has left, requests apart from limits', () => {
    const status = {
      hard: { pods: '50', 'requests.cpu': '20', 'limits.memory': '1Gi', 'limits.cpu': '4', 'count/configmaps': '5' },
      used: { pods: '3', 'requests.cpu': '300m', 'limits.cpu': '1' },
    };
    expect(shown('', 'resourcequotas', { status })).toEqual({
      names: ['Name:string', 'Request:string', 'Limit:string', 'Age:string'],
      cells: [
        'x',
        'count/configmaps: 0/5, pods: 3/50, requests.cpu: 300m/20',
        'limits.cpu: 1/4, limits.memory: 0/1Gi',
        '60m',
      ],
    });
    expect(shown('', 'resourcequotas', {}).cells).toEqual(['x', '', '', '60m']);
  });

  it('show the handler of a runtime class', () => {
    expect(shown('node.k8s.io', 'runtimeclasses', { handler: 'runc' })).toEqual({
      names: ['Name:string', 'Handler:string', 'Age:string'],
      cells: ['x', 'runc', '60m'],
    });
  });

  it.each([
    [[], ['x', 'Unknown', '', '']],
    [[{ type: 'Healthy', status: 'True', message: 'ok' }], ['x', 'Healthy', 'ok', '']],
    [
      [
        { type: 'Other', status: 'True' },
        { type: 'Healthy', status: 'False', message: 'no', error: 'refused' },
      ],
      ['x', 'Unhealthy', 'no', 'refused'],
    ],
  ])('show the health of a component by %j', (conditions, cells) => {
    expect(shown('', 'componentstatuses', { conditions })).toEqual({
      names: ['Name:string', 'Status:string', 'Message:string', 'Error:string'],
      cells,
    });
  });
});
