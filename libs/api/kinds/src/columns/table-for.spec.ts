import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import type { ResourceRow } from '../resource-row';
import { type ColumnOptions, tableFor } from './table-for';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const hourAgo = '2026-01-01T23:00:00Z';
const options: ColumnOptions = { nowMs, includeObject: 'Metadata', apiVersion: 'meta.k8s.io/v1' };
const kinds = createKindRegistry();

function row(group: string, resource: string): ResourceRow {
  const found = kinds.resource(group, 'v1', resource);
  if (found === undefined) throw new Error(`no ${resource}`);
  return found;
}

const object = (name: string, fields: object = {}, metadata: object = {}): KubeObject => ({
  metadata: { name, creationTimestamp: hourAgo, ...metadata },
  ...fields,
});
const cells = (group: string, resource: string, of: KubeObject): readonly unknown[] =>
  tableFor(row(group, resource), [of], options).rows[0]?.cells ?? [];

describe('tables', () => {
  it('describe an enumeration without the values that the OpenAPI adds', () => {
    const describe = (): string =>
      'How it is exposed. \n\nPossible enum values:\n - `"A"` is one.\n - `"B"` is another.';
    const { columnDefinitions } = tableFor(row('', 'services'), [], { ...options, describe });
    expect(columnDefinitions[1]).toMatchObject({ name: 'Type', description: 'How it is exposed.' });
  });

  it('describe their columns: name, type, format, priority', () => {
    const { columnDefinitions } = tableFor(row('', 'pods'), [], options);
    expect(columnDefinitions.map((c) => [c.name, c.type, c.format, c.priority])).toEqual([
      ['Name', 'string', 'name', 0],
      ['Ready', 'string', '', 0],
      ['Status', 'string', '', 0],
      ['Restarts', 'string', '', 0],
      ['Age', 'string', '', 0],
      ['IP', 'string', '', 1],
      ['Node', 'string', '', 1],
      ['Nominated Node', 'string', '', 1],
      ['Readiness Gates', 'string', '', 1],
    ]);
  });

  it('take the documentation of fields from where it is', () => {
    const describe = (struct: string, field: string): string => `<${struct}.${field}>`;
    const { columnDefinitions } = tableFor(row('', 'pods'), [], { ...options, describe });
    expect(columnDefinitions.map((c) => c.description).filter((d) => d.startsWith('<'))).toEqual([
      '<meta/v1.ObjectMeta.name>',
      '<meta/v1.ObjectMeta.creationTimestamp>',
      '<core/v1.PodStatus.podIP>',
      '<core/v1.PodSpec.nodeName>',
      '<core/v1.PodStatus.nominatedNodeName>',
      '<core/v1.PodSpec.readinessGates>',
    ]);
  });

  it('refer to fields that there are', () => {
    const referred: string[] = [];
    const describe = (struct: string, field: string): string => {
      referred.push(`${struct}.${field}`);
      return '';
    };
    for (const served of kinds.resources()) tableFor(served, [], { ...options, describe });
    const missing = referred.filter((text) => {
      const dot = text.lastIndexOf('.');
      return !kinds.types.struct(text.slice(0, dot)).byName.has(text.slice(dot + 1));
    });
    expect(missing).toEqual([]);
  });

  const container = (fields: object): object => ({
    name: 'c',
    ready: false,
    restartCount: 0,
    image: '',
    imageID: '',
    ...fields,
  });
  const pod = (status: object, spec: object = {}, metadata: object = {}): KubeObject =>
    object('p', { spec: { containers: [{ name: 'c' }], ...spec }, status }, metadata);
  const init = { initContainers: [{ name: 'i' }, { name: 'j' }] };

  it.each<[string, KubeObject, string, string, string]>([
    ['waits', pod({ phase: 'Pending' }), '0/1', 'Pending', '0'],
    [
      'is gated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      '0/1',
      'SchedulingGated',
      '0',
    ],
    ['was evicted', pod({ phase: 'Failed', reason: 'Evicted' }), '0/1', 'Evicted', '0'],
    [
      'runs',
      pod({ phase: 'Running', containerStatuses: [container({ ready: true, state: { running: {} } })] }),
      '1/1',
      'Running',
      '0',
    ],
    [
      'pulls in vain',
      pod({ phase: 'Pending', containerStatuses: [container({ state: { waiting: { reason: 'ImagePullBackOff' } } })] }),
      '0/1',
      'ImagePullBackOff',
      '0',
    ],
    [
      'crashes again and again',
      pod({
        phase: 'Running',
        containerStatuses: [
          container({
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T23:55:00Z' } },
          }),
        ],
      }),
      '0/1',
      'CrashLoopBackOff',
      '3 (5m ago)',
    ],
    [
      'is done',
      pod({
        phase: 'Succeeded',
        containerStatuses: [container({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
      }),
      '0/1',
      'Completed',
      '0',
    ],
    [
      'was killed',
      pod({ phase: 'Failed', containerStatuses: [container({ state: { terminated: { exitCode: 137, signal: 9 } } })] }),
      '0/1',
      'Signal:9',
      '0',
    ],
    [
      'failed without a word',
      pod({ phase: 'Failed', containerStatuses: [container({ state: { terminated: { exitCode: 3 } } })] }),
      '0/1',
      'ExitCode:3',
      '0',
    ],
    [
      'has one container done and one running, ready',
      pod(
        {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            container({ state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
            container({ ready: true, state: { running: {} } }),
          ],
        },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      '1/2',
      'Running',
      '0',
    ],
    [
      'the same, not ready',
      pod(
        {
          phase: 'Running',
          containerStatuses: [
            container({ state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
            container({ ready: true, state: { running: {} } }),
          ],
        },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      '1/2',
      'NotReady',
      '0',
    ],
    [
      'initializes: the second of two',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            container({ name: 'i', state: { terminated: { exitCode: 0 } } }),
            container({ name: 'j', state: { waiting: { reason: 'PodInitializing' } } }),
          ],
          containerStatuses: [container({ state: { waiting: { reason: 'PodInitializing' } } })],
        },
        init,
      ),
      '0/1',
      'Init:1/2',
      '0',
    ],
    [
      'fails to initialize',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            container({ name: 'i', restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }),
          ],
        },
        init,
      ),
      '0/1',
      'Init:CrashLoopBackOff',
      '2',
    ],
    [
      'failed to initialize',
      pod(
        { phase: 'Failed', initContainerStatuses: [container({ name: 'i', state: { terminated: { exitCode: 7 } } })] },
        init,
      ),
      '0/1',
      'Init:ExitCode:7',
      '0',
    ],
    [
      'has a sidecar, which counts',
      pod(
        {
          phase: 'Running',
          initContainerStatuses: [
            container({ name: 's', started: true, ready: true, restartCount: 1, state: { running: {} } }),
          ],
          containerStatuses: [container({ ready: true, state: { running: {} } })],
        },
        { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
      ),
      '2/2',
      'Running',
      '1',
    ],
    ['ends', pod({ phase: 'Running' }, {}, { deletionTimestamp: hourAgo }), '0/1', 'Terminating', '0'],
    [
      'ended before it was deleted',
      pod({ phase: 'Succeeded' }, {}, { deletionTimestamp: hourAgo }),
      '0/1',
      'Succeeded',
      '0',
    ],
    [
      'is lost with its node',
      pod({ phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: hourAgo }),
      '0/1',
      'Unknown',
      '0',
    ],
  ])('show a pod that %s', (_name, of, ready, status, restarts) => {
    expect(cells('', 'pods', of).slice(0, 5)).toEqual(['p', ready, status, restarts, '60m']);
  });

  it('show where a pod is, and its gates', () => {
    const of = pod(
      {
        phase: 'Running',
        podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd::1' }],
        nominatedNodeName: 'n2',
        conditions: [
          { type: 'a', status: 'True' },
          { type: 'b', status: 'False' },
        ],
      },
      { nodeName: 'n1', readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }, { conditionType: 'c' }] },
    );
    expect(cells('', 'pods', of).slice(5)).toEqual(['10.0.0.1', 'n1', 'n2', '1/3']);
    expect(cells('', 'pods', pod({})).slice(5)).toEqual(['<none>', '<none>', '<none>', '<none>']);
  });

  it('mark pods that are over', () => {
    const [done, failed, running] = tableFor(
      row('', 'pods'),
      ['Succeeded', 'Failed', 'Running'].map((phase) => pod({ phase })),
      options,
    ).rows;
    expect(done?.conditions).toEqual([
      { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
    ]);
    expect(failed?.conditions).toEqual([
      { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
    ]);
    expect(running?.conditions).toBeUndefined();
  });

  const template = {
    template: {
      spec: {
        containers: [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:2' },
        ],
      },
    },
  };
  const involved = { involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{c}' } };

  it.each<[string, string, KubeObject, readonly unknown[]]>([
    ['', 'namespaces', object('n', { status: { phase: 'Active' } }), ['n', 'Active', '60m']],
    ['', 'configmaps', object('c', { data: { a: '', b: '' }, binaryData: { c: '' } }), ['c', 3, '60m']],
    ['', 'secrets', object('s', { type: 'Opaque', data: { a: '' } }), ['s', 'Opaque', 1, '60m']],
    ['', 'serviceaccounts', object('s'), ['s', '60m']],
    ['', 'limitranges', object('l'), ['l', hourAgo]],
    ['rbac.authorization.k8s.io', 'clusterroles', object('r'), ['r', hourAgo]],
    [
      '',
      'services',
      object('s', {
        spec: {
          type: 'NodePort',
          clusterIPs: ['10.0.0.1'],
          ports: [
            { port: 80, nodePort: 30080, protocol: 'TCP' },
            { port: 53, protocol: 'UDP' },
          ],
          selector: { b: '2', a: '1' },
        },
      }),
      ['s', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP,53/UDP', '60m', 'a=1,b=2'],
    ],
    [
      '',
      'services',
      object('s', { spec: { type: 'ExternalName', externalName: 'x.example' } }),
      ['s', 'ExternalName', '<none>', 'x.example', '<none>', '60m', '<none>'],
    ],
    [
      '',
      'services',
      object('s', { spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.2'] } }),
      ['s', 'LoadBalancer', '10.0.0.2', '<pending>', '<none>', '60m', '<none>'],
    ],
    [
      '',
      'services',
      object('s', {
        spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.2'], externalIPs: ['9.9.9.9'] },
        status: { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { hostname: 'lb' }] } },
      }),
      ['s', 'LoadBalancer', '10.0.0.2', '2.2.2.2,lb,9.9.9.9', '<none>', '60m', '<none>'],
    ],
    ['', 'endpoints', object('e'), ['e', '<none>', '60m']],
    [
      '',
      'endpoints',
      object('e', {
        subsets: [{ addresses: [{ ip: '1.1.1.1' }, { ip: 'fd::1' }], ports: [{ port: 80 }, { port: 443 }] }],
      }),
      ['e', '1.1.1.1:80,[fd::1]:80,1.1.1.1:443 + 1 more...', '60m'],
    ],
    [
      'discovery.k8s.io',
      'endpointslices',
      object('e', {
        addressType: 'IPv4',
        ports: [{ port: 80 }, { name: 'x' }, {}],
        endpoints: [{ addresses: ['1.1.1.1'] }],
      }),
      ['e', 'IPv4', '80,x,*', '1.1.1.1', '60m'],
    ],
    [
      'discovery.k8s.io',
      'endpointslices',
      object('e', { addressType: 'IPv6', endpoints: [] }),
      ['e', 'IPv6', '<unset>', '<unset>', '60m'],
    ],
    [
      '',
      'nodes',
      object('n'),
      ['n', 'Unknown', '<none>', '60m', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'],
    ],
    [
      '',
      'nodes',
      object(
        'n',
        {
          spec: { unschedulable: true },
          status: {
            conditions: [{ type: 'Ready', status: 'False' }],
            addresses: [{ type: 'InternalIP', address: '10.1.1.1' }],
            nodeInfo: { kubeletVersion: 'v1', osImage: 'os', kernelVersion: 'k', containerRuntimeVersion: 'r' },
          },
        },
        {
          labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'db', 'node-role.kubernetes.io/': '' },
        },
      ),
      ['n', 'NotReady,SchedulingDisabled', 'db,worker', '60m', 'v1', '10.1.1.1', '<none>', 'os', 'k', 'r'],
    ],
    [
      'apps',
      'deployments',
      object('d', {
        spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, ...template },
        status: { readyReplicas: 1, updatedReplicas: 2 },
      }),
      ['d', '1/3', 2, 0, '60m', 'a,b', 'a:1,b:2', 'a=b'],
    ],
    [
      'apps',
      'replicasets',
      object('r', { spec: { replicas: 3, selector: {}, ...template }, status: { replicas: 2, readyReplicas: 1 } }),
      ['r', 3, 2, 1, '60m', 'a,b', 'a:1,b:2', '<none>'],
    ],
    [
      'apps',
      'controllerrevisions',
      object(
        'c',
        { revision: 4 },
        { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true }] },
      ),
      ['c', 'daemonset.apps/d', 4, '60m'],
    ],
    ['coordination.k8s.io', 'leases', object('l', { spec: { holderIdentity: 'me' } }), ['l', 'me', '60m']],
    [
      'scheduling.k8s.io',
      'priorityclasses',
      object('p', { value: 5, preemptionPolicy: 'Never' }),
      ['p', 5, false, '60m', 'Never'],
    ],
    [
      'rbac.authorization.k8s.io',
      'rolebindings',
      object('b', {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'User', name: 'jane' },
          { kind: 'User', name: 'joe' },
          { kind: 'ServiceAccount', namespace: 'ns', name: 'robot' },
        ],
      }),
      ['b', 'Role/r', '60m', 'jane, joe', '', 'ns/robot'],
    ],
    [
      '',
      'events',
      object('e', {
        ...involved,
        type: 'Normal',
        reason: 'R',
        message: ' m ',
        source: { component: 'kubelet', host: 'n' },
        firstTimestamp: hourAgo,
        lastTimestamp: '2026-01-01T23:59:00Z',
        count: 2,
      }),
      ['60s', 'Normal', 'R', 'pod/p', 'spec.containers{c}', 'kubelet, n', 'm', '60m', 2, 'e'],
    ],
    [
      '',
      'events',
      object('e', {
        ...involved,
        eventTime: '2026-01-01T23:00:00.000000Z',
        reportingComponent: 'rc',
        reportingInstance: '',
        firstTimestamp: null,
        lastTimestamp: null,
      }),
      ['60m', '', '', 'pod/p', 'spec.containers{c}', 'rc', '', '60m', 1, 'e'],
    ],
    [
      'events.k8s.io',
      'events',
      {
        ...object('e', {
          regarding: { kind: 'Node' },
          note: 'n',
          reportingController: 'x/y',
          reportingInstance: 'y-1',
          eventTime: '2026-01-01T23:00:00.000000Z',
          series: { count: 7, lastObservedTime: '2026-01-01T23:59:30.000000Z' },
        }),
        apiVersion: 'events.k8s.io/v1',
      },
      ['30s', '', '', 'node', '', 'x/y, y-1', 'n', '60m', 7, 'e'],
    ],
  ])('show %s %s', (group, resource, of, expected) => {
    expect(cells(group, resource, of)).toEqual(expected);
  });
});
