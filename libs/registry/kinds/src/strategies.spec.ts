import { builtinRows, createTypeTable } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { createStrategies, defaultServiceNodePorts } from './strategies';
import { runCreate, testContext, testStrategies } from './testing/run-strategy';
import { seededRandom } from '@reckon/kernel';

const rows = builtinRows(createTypeTable());

describe('the table of strategies', () => {
  const table = testStrategies();

  it.each([...table.keys()])('has a row of the kinds table for %s', (key) => {
    const found = rows.filter((row) => `${row.group}/${row.resource}` === key);
    expect(found.length).toBeGreaterThan(0);
    const [group = '', resource = ''] = key.split('/');
    const known = found.flatMap((row) => row.subresources.map(({ name }) => name));
    for (const name of Object.keys(table.of(group, resource)?.subresources ?? {})) expect(known).toContain(name);
  });

  it('has every resource that is stored', () => {
    const stored = rows.filter(({ verbs }) => verbs.includes('create') && verbs.includes('get'));
    expect(stored.length).toBeGreaterThan(50);
    expect(stored.filter((row) => table.of(row.group, row.resource) === undefined)).toEqual([]);
    for (const row of stored)
      if (row.subresources.some(({ name }) => name === 'status'))
        expect(table.of(row.group, row.resource)?.subresources['status'], row.resource).toBeDefined();
  });

  it('has nothing for kinds without rules', () => {
    expect(table.of('', 'nothing')).toBeUndefined();
    expect(table.of('apps', 'pods')).toBeUndefined();
  });

  it('belongs to one cluster', () => {
    expect(() =>
      createStrategies({
        serviceClusterIpRange: 'nonsense',
        serviceNodePorts: defaultServiceNodePorts,
        random: seededRandom(1),
      }),
    ).toThrow('not a network in CIDR notation: nonsense');
  });
});

const template = {
  metadata: { labels: { app: 'a' } },
  spec: {
    volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
    containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 1 }], resources: { limits: { cpu: '1' } } }],
  },
};

/** Something to default of every kind that has defaults. */
const samples: readonly (readonly [string, object])[] = [
  ['/pods', template],
  ['/podtemplates', { template }],
  ['/services', { spec: { type: 'LoadBalancer', ports: [{ port: 1 }], sessionAffinity: 'ClientIP' } }],
  ['/secrets', { stringData: { a: '1' } }],
  ['/namespaces', {}],
  ['/nodes', { spec: { podCIDR: '10.0.0.0/24' }, status: { capacity: { cpu: '1' } } }],
  ['/endpoints', { subsets: [{ ports: [{ port: 1 }] }] }],
  ['/limitranges', { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }],
  [
    'admissionregistration.k8s.io/mutatingwebhookconfigurations',
    { webhooks: [{ name: 'a.b.c', clientConfig: { service: { name: 's', namespace: 'n' } }, rules: [{}] }] },
  ],
  [
    'admissionregistration.k8s.io/validatingwebhookconfigurations',
    { webhooks: [{ name: 'a.b.c', clientConfig: { service: { name: 's', namespace: 'n' } }, rules: [{}] }] },
  ],
  [
    'admissionregistration.k8s.io/validatingadmissionpolicies',
    { spec: { matchConstraints: { resourceRules: [{}], excludeResourceRules: [{}] } } },
  ],
  ['admissionregistration.k8s.io/validatingadmissionpolicybindings', { spec: { matchResources: {} } }],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', { spec: { matchConstraints: { resourceRules: [{}] } } }],
  ['admissionregistration.k8s.io/mutatingadmissionpolicybindings', { spec: { matchResources: {} } }],
  ['apiregistration.k8s.io/apiservices', { spec: { service: { name: 's', namespace: 'n' } } }],
  ['/replicationcontrollers', { spec: { template } }],
  ['/resourcequotas', { spec: { hard: { 'requests.cpu': '100u' } } }],
  ['apps/daemonsets', { spec: { selector: { matchLabels: { app: 'a' } }, template } }],
  ['apps/deployments', { spec: { selector: { matchLabels: { app: 'a' } }, template } }],
  ['apps/replicasets', { spec: { selector: { matchLabels: { app: 'a' } }, template } }],
  [
    'apps/statefulsets',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        serviceName: 's',
        template,
        volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'] } }],
      },
    },
  ],
  ['node.k8s.io/runtimeclasses', { handler: 'h', overhead: { podFixed: { cpu: '100u' } } }],
  [
    'flowcontrol.apiserver.k8s.io/flowschemas',
    { spec: { priorityLevelConfiguration: { name: 'system' }, matchingPrecedence: 0 } },
  ],
  [
    'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } },
  ],
  ['networking.k8s.io/ingressclasses', { spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n' } } }],
  ['networking.k8s.io/networkpolicies', { spec: { podSelector: {}, egress: [{ ports: [{ port: 1 }] }] } }],
  [
    'autoscaling/horizontalpodautoscalers',
    { spec: { scaleTargetRef: { kind: 'K', name: 'n' }, maxReplicas: 2, behavior: { scaleUp: {} } } },
  ],
  ['batch/cronjobs', { spec: { schedule: '@daily', jobTemplate: { spec: { template } } } }],
  ['batch/jobs', { spec: { template } }],
  ['discovery.k8s.io/endpointslices', { addressType: 'IPv4', ports: [{ port: 1 }] }],
  [
    'apiextensions.k8s.io/customresourcedefinitions',
    { spec: { group: 'a.b', names: { plural: 'ws', kind: 'W' }, versions: [{ name: 'v1', storage: true }] } },
  ],
  [
    'resource.k8s.io/resourceclaims',
    { spec: { devices: { requests: [{ name: 'r', exactly: { tolerations: [{ key: 'k' }] } }] } } },
  ],
  [
    'resource.k8s.io/resourceclaimtemplates',
    { spec: { spec: { devices: { requests: [{ name: 'r', firstAvailable: [{ name: 's' }] }] } } } },
  ],
  ['scheduling.k8s.io/priorityclasses', { value: 1 }],
  [
    'rbac.authorization.k8s.io/rolebindings',
    { subjects: [{ kind: 'User', name: 'u' }], roleRef: { kind: 'Role', name: 'r' } },
  ],
  ['/persistentvolumes', { spec: { hostPath: { path: '/data' }, azureDisk: {}, rbd: {}, scaleIO: {}, iscsi: {} } }],
  ['/persistentvolumeclaims', { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'c' } } }],
  ['storage.k8s.io/csidrivers', { spec: {} }],
  ['storage.k8s.io/storageclasses', { provisioner: 'example.com/p' }],
  ['storage.k8s.io/volumeattachments', { spec: { source: { inlineVolumeSpec: { hostPath: { path: '/data' } } } } }],
];

describe('defaults', () => {
  it.each(samples)('of %s are the same when applied again, and let every phase run', (key, sample) => {
    const [group = '', resource = ''] = key.split('/');
    const strategy = testStrategies().of(group, resource)?.strategy;
    const object = structuredClone({ metadata: { name: 'x', namespace: 'team' }, ...sample }) as KubeObject;
    strategy?.defaults?.(object);
    const once = structuredClone(object);
    strategy?.defaults?.(object);
    expect(object).toEqual(once);
    const { object: created } = runCreate(key, object);
    const again = structuredClone(created);
    strategy?.defaults?.(again);
    expect(again).toEqual(created);
  });

  it.each([...testStrategies().keys()])('and rules of %s take an object of which nothing is given', (key) => {
    const bare: Record<string, unknown> = { metadata: { name: 'x', namespace: 'team' } };
    // The decoder has refused what lacks these.
    if (key.endsWith('bindings')) bare['roleRef'] = {};
    const { object } = runCreate(key, bare);
    const [group = '', resource = ''] = key.split('/');
    const strategy = testStrategies().of(group, resource)?.strategy;
    strategy?.prepareForUpdate?.(testContext(), structuredClone(object), object);
    expect(() => strategy?.validateUpdate?.(testContext(), structuredClone(object), object)).not.toThrow();
  });
});
