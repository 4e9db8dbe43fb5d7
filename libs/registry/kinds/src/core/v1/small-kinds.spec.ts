import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testContext, testStrategies } from '../../testing/run-strategy';
import { namespaceStrategy } from './namespace.strategy';

const named = { metadata: { name: 'x', namespace: 'team' } };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const subdomain = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

type Row = [string, object, ...string[]];

const refused: Row[] = [
  ['/configmaps', { data: { 'a b': '1' } }, `data[a b]: Invalid value: "a b": ${subdomain}`],
  ['/configmaps', { data: { '..': '1' } }, `data[..]: Invalid value: ".."`],
  [
    '/configmaps',
    { data: { a: '1' }, binaryData: { a: 'MQ==' } },
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ],
  ['/configmaps', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, '[]: Too long: may not be more than 1048576 bytes'],
  ['/secrets', { data: { 'a/b': 'MQ==' } }, `data[a/b]: Invalid value: "a/b": ${subdomain}`],
  ['/secrets', { type: 'kubernetes.io/tls' }, 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  [
    '/secrets',
    { type: 'kubernetes.io/basic-auth' },
    'data[username]: Required value',
    'data[password]: Required value',
  ],
  ['/secrets', { type: 'kubernetes.io/ssh-auth' }, 'data[ssh-privatekey]: Required value'],
  [
    '/secrets',
    { type: 'kubernetes.io/service-account-token' },
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
  [
    '/secrets',
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } },
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input',
  ],
  ['/secrets', { type: 'kubernetes.io/dockercfg' }, 'data[.dockercfg]: Required value'],
  [
    '/namespaces',
    { metadata: { name: 'x' }, spec: { finalizers: ['mine'] } },
    'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    '/nodes',
    { spec: { taints: [{ key: 'a', effect: 'Later' }] } },
    'metadata.taints[0].effect: Unsupported value: "Later": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    '/nodes',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'NoExecute' },
          { key: 'a', value: 'b', effect: 'NoExecute' },
        ],
      },
    },
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoExecute","TimeAdded":null}: taints must be unique by key and effect pair',
  ],
  [
    '/nodes',
    { spec: { podCIDR: '10.0.0.0' } },
    'spec.podCIDRs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value',
  ],
  [
    '/nodes',
    {
      status: {
        nodeInfo: { swap: { capacity: 0 } },
        declaredFeatures: ['Zebra', 'Alpha', 'Alpha', 'alpha/x', `A${'a'.repeat(253)}`],
      },
    },
    'metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero',
    'status.declaredFeatures[1]: Invalid value: "Alpha": list must be sorted alphabetically',
    'status.declaredFeatures[2]: Duplicate value: "Alpha"',
    'status.declaredFeatures[3]: Invalid value: "alpha/x": invalid feature name "alpha/x": must start with an UpperCamelCase segment, with subsequent segments',
    'status.declaredFeatures[4]: Invalid value: "Aaaa',
    'status.declaredFeatures[4]: Invalid value: "Aaaa',
  ],
  [
    '/nodes',
    { spec: { podCIDRs: ['10.0.0.0/24', 'x'] } },
    'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value',
    'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
  ],
  [
    '/nodes',
    { spec: { podCIDR: '10.0.0.1/24' } },
    'spec.podCIDRs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
  ],
  [
    '/nodes',
    {
      metadata: {
        name: 'x',
        annotations: {
          'scheduler.alpha.kubernetes.io/taints': '[{"key":"a","effect":"Later"}]',
          'scheduler.alpha.kubernetes.io/preferAvoidPods':
            '{"preferAvoidPods":[{"podSignature":{"podController":{"kind":"A"}}},{}]}',
        },
      },
    },
    'metadata.annotations.scheduler.alpha.kubernetes.io/taints[0].effect: Unsupported value: "Later"',
    'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature.PodController.Controller: Invalid value: false: must point to a controller',
    'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[1].PodSignature: Required value',
  ],
  [
    '/nodes',
    { metadata: { name: 'x', annotations: { 'scheduler.alpha.kubernetes.io/taints': '[{"key":1}]' } } },
    'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/taints": json: cannot unmarshal number into Go struct field Taint.Key of type string',
  ],
  [
    '/nodes',
    { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] } },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  ],
  [
    '/nodes',
    { status: { capacity: { pods: '1500m' } } },
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
    'status.allocatable.pods: Invalid value: "1500m": must be an integer',
  ],
  [
    '/endpoints',
    { subsets: [{ ports: [{ port: 1 }] }] },
    'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  ],
  [
    '/endpoints',
    { subsets: [{ addresses: [{ ip: '010.1.1.1' }], ports: [{ port: 1 }] }] },
    'subsets[0].addresses[0].ip: Invalid value: "010.1.1.1": must not have leading 0s',
  ],
  [
    '/endpoints',
    { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 1 }, { port: 2, name: 'B_' }] }] },
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'subsets[0].ports[0].name: Required value',
    'subsets[0].ports[1].name: Invalid value: "B_"',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } }] } },
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
    'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Pod', default: { cpu: '1' } }, { type: 'Pod' }] } },
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    'spec.limits[1].type: Duplicate value: "Pod"',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } },
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }] } },
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Node', max: { cpu: '1' } }] } },
    'spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }] } },
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
  ],
  [
    '/limitranges',
    {
      spec: {
        limits: [{ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }],
      },
    },
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
  ],
  [
    '/limitranges',
    {
      spec: {
        limits: [
          { type: 'Container', default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '2Mi' } },
        ],
      },
    },
    'spec.limits[0].defaultRequest[hugepages-2Mi]: Invalid value: "2Mi": default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi',
  ],
  [
    '/limitranges',
    { spec: { limits: [{ type: 'Pod', max: { 'requests.example.com/x': '1' } }] } },
    'spec.limits[0].max[requests.example.com/x]: Invalid value: "requests.example.com/x": doesn\'t follow extended resource name standard',
  ],
  ['apps/controllerrevisions', { revision: 1 }, 'data: Required value: data is mandatory'],
  [
    'apps/controllerrevisions',
    { data: {}, revision: -1 },
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    { metadata: { name: 'system-node-critical' }, value: 5 },
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000",
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    { metadata: { name: 'system-node-critical' }, value: 2_000_001_000, globalDefault: true },
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-node-critical PriorityClass must be false",
  ],
  [
    '/events',
    { involvedObject: { namespace: 'elsewhere' } },
    'involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace',
  ],
  [
    '/events',
    { involvedObject: { namespace: 'team' }, eventTime: '2026-01-01T00:00:00.000000Z', reason: 'R', action: 'A' },
    'reportingComponent: Required value',
    'reportingComponent: Invalid value: "": name part must be non-empty',
    'reportingComponent: Invalid value: "": name part must consist of',
    'reportingInstance: Required value',
  ],
  [
    'events.k8s.io/events',
    {
      involvedObject: { namespace: 'team' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      type: 'Normal',
      reason: 'R',
      action: 'A',
      reportingComponent: 'a/b/c',
      reportingInstance: 'i',
    },
    'reportingController: Invalid value: "a/b/c": a valid label key must consist of',
  ],
  [
    'events.k8s.io/events',
    { involvedObject: { namespace: 'team' }, count: 3 },
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: ',
    'count: Invalid value: "": needs to be unset',
  ],
  [
    'coordination.k8s.io/leases',
    { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    { metadata: { name: 'high' }, value: 1_000_000_001 },
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    { metadata: { name: 'system-mine' }, value: 1 },
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    { metadata: { name: 'a' }, value: 1, preemptionPolicy: 'Maybe' },
    'preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    'discovery.k8s.io/endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: [] }, { addresses: ['fd00::1'] }], ports: [] },
    'endpoints[0].addresses: Required value: must contain at least 1 address',
    'endpoints[1].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address',
  ],
  [
    'discovery.k8s.io/endpointslices',
    { addressType: 'FQDN', endpoints: [{ addresses: ['single'] }], ports: [{ port: 1 }, { port: 2, protocol: 'X' }] },
    'endpoints[0].addresses[0]: Invalid value: "single": should be a domain with at least two segments separated by dots',
    'ports[1].name: Duplicate value: ""',
    'ports[1].protocol: Unsupported value: "X"',
  ],
  [
    'discovery.k8s.io/endpointslices',
    { addressType: 'IP', endpoints: [] },
    'addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"',
  ],
];

describe('creating', () => {
  it.each<Row>(refused)('%s with %j is refused', (key, changes, ...messages) => {
    const { refusals } = runCreate(key, { ...named, ...changes });
    expect(refusals).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(refusals[index]).toContain(message);
  });

  it.each<[string, object]>([
    ['/configmaps', { data: { a: '1' }, binaryData: { b: 'MQ==' } }],
    ['/secrets', { type: 'kubernetes.io/basic-auth', data: { password: 'MQ==' } }],
    ['/secrets', { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{}') } }],
    [
      '/nodes',
      {
        spec: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] },
        status: { capacity: { cpu: '4' }, declaredFeatures: ['Alpha', 'Alpha/sub', 'Beta'] },
      },
    ],
    ['/endpoints', { subsets: [{ addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 1 }] }] }],
    ['/limitranges', { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1' } }] } }],
    ['/limitranges', { spec: { limits: [{ type: 'example.com/Node', max: { cpu: '1' } }] } }],
    [
      '/limitranges',
      { spec: { limits: [{ type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '2' } }] } },
    ],
    [
      '/limitranges',
      {
        spec: {
          limits: [{ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '2' } }],
        },
      },
    ],
    [
      '/limitranges',
      {
        spec: {
          limits: [
            { type: 'Container', default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '4Mi' } },
          ],
        },
      },
    ],
    ['/limitranges', { spec: { limits: [{ type: 'Pod', max: { 'example.com/x': '1' } }] } }],
    ['apps/controllerrevisions', { data: { a: 1 }, revision: 0 }],
    ['/events', { involvedObject: { namespace: 'team' } }],
    ['coordination.k8s.io/leases', { metadata: { name: 'x', finalizers: ['unqualified'] } }],
    ['scheduling.k8s.io/priorityclasses', { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 }],
    ['discovery.k8s.io/endpointslices', { addressType: 'FQDN', endpoints: [{ addresses: ['a.b.'] }] }],
  ])('%s with %j is accepted', (key, changes) => {
    expect(runCreate(key, { ...named, ...changes }).refusals).toEqual([]);
  });

  it.each<[string, object, object]>([
    [
      '/secrets',
      { stringData: { a: 'é' }, data: { a: 'MQ==', b: 'MQ==' } },
      { type: 'Opaque', data: { a: 'w6k=', b: 'MQ==' } },
    ],
    [
      '/namespaces',
      { metadata: { name: 'x', labels: { a: 'b' } }, status: { phase: 'Terminating' } },
      {
        metadata: { labels: { a: 'b', 'kubernetes.io/metadata.name': 'x' } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      },
    ],
    [
      '/nodes',
      { spec: { podCIDR: '10.0.0.0/24' }, status: { capacity: { cpu: '4' } } },
      { spec: { podCIDRs: ['10.0.0.0/24'] }, status: { allocatable: { cpu: '4' } } },
    ],
    ['/endpoints', { subsets: [{ ports: [{ port: 1 }] }] }, { subsets: [{ ports: [{ port: 1, protocol: 'TCP' }] }] }],
    [
      '/limitranges',
      { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1' } }] } },
      { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1' } }] } },
    ],
    [
      'scheduling.k8s.io/priorityclasses',
      { value: 1 },
      { metadata: { generation: 1 }, preemptionPolicy: 'PreemptLowerPriority' },
    ],
    [
      'discovery.k8s.io/endpointslices',
      { addressType: 'IPv4', ports: [{ port: 1 }] },
      { metadata: { generation: 1 }, ports: [{ name: '', protocol: 'TCP', port: 1 }] },
    ],
    [
      'rbac.authorization.k8s.io/rolebindings',
      {
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'ServiceAccount', name: 's' },
        ],
        roleRef: { kind: 'Role', name: 'r' },
      },
      {
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }, { kind: 'ServiceAccount', name: 's' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
      },
    ],
  ])('%s from %j fills in', (key, changes, expected) => {
    expect(runCreate(key, { ...named, ...changes }).object).toMatchObject(expected);
  });

  it('stores nothing of stringData', () => {
    expect(runCreate('/secrets', { ...named, stringData: { a: '1' } }).object).not.toHaveProperty('stringData');
  });

  it('names a limit range that has no name', () => {
    expect(runCreate('/limitranges', { metadata: { namespace: 'team' } }).object.metadata.name).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it.each<[string, object, string]>([
    [
      '/nodes',
      { spec: { podCIDRs: ['FD00::/64'] } },
      'spec.podCIDRs[0]: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")',
    ],
    [
      '/serviceaccounts',
      { metadata: { name: 'x', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } },
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ],
    [
      '/podtemplates',
      { template: { spec: { containers: [], nodeSelector: { 'beta.kubernetes.io/arch': 'arm' } } } },
      'template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
    ],
  ])('%s with %j warns', (key, changes, warning) => {
    expect(runCreate(key, { ...named, ...changes }).warnings).toEqual([warning]);
  });
});

describe('updating', () => {
  const frozen = 'field is immutable when `immutable` is set';
  type Change = [string, object, Record<string, unknown>, ...string[]];
  const rows: Change[] = [
    ['/configmaps', { immutable: true, data: { a: '1' } }, { 'data.a': '2' }, `data: Forbidden: ${frozen}`],
    ['/configmaps', { immutable: true }, { immutable: false }, `immutable: Forbidden: ${frozen}`],
    ['/configmaps', { immutable: true }, { 'metadata.labels': { a: 'b' } }],
    ['/secrets', { immutable: true, data: { a: 'MQ==' } }, { data: {} }, `data: Forbidden: ${frozen}`],
    ['/secrets', { type: 'Opaque' }, { type: 'mine' }, 'type: Invalid value: "mine": field is immutable'],
    [
      '/nodes',
      { spec: { podCIDR: '10.0.0.0/24' } },
      { spec: { podCIDR: '10.0.1.0/24' } },
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ],
    [
      '/nodes',
      { spec: { providerID: 'a' } },
      { 'spec.providerID': 'b' },
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
    ['/nodes', {}, { 'spec.unschedulable': true }],
    [
      'scheduling.k8s.io/priorityclasses',
      { value: 1 },
      { value: 2, preemptionPolicy: 'Never' },
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
    [
      'discovery.k8s.io/endpointslices',
      { addressType: 'IPv4', endpoints: [] },
      { addressType: 'IPv6' },
      'addressType: Invalid value: "IPv6": field is immutable',
    ],
    [
      'events.k8s.io/events',
      { involvedObject: { namespace: 'team' }, reason: 'A' },
      { reason: 'B', series: { count: 1, lastObservedTime: '2026-01-01T00:00:00.000000Z' } },
      'series.count: Invalid value: "": should be at least 2',
      'reason: Invalid value: "B": field is immutable',
      'reason: Invalid value: "B": field is immutable',
    ],
    [
      'events.k8s.io/events',
      { involvedObject: { namespace: 'team' }, source: { host: 'h' } },
      { 'involvedObject.kind': 'Pod', source: undefined, related: { name: 'r' } },
      'involvedObject: Invalid value: {"Kind":"Pod","Namespace":"team","Name":"","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
      'source: Invalid value: {"Component":"","Host":""}: field is immutable',
      'related: Invalid value: {"Kind":"","Namespace":"","Name":"r","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
    ],
    ['/events', { involvedObject: { namespace: 'team' }, reason: 'A' }, { reason: 'B', count: 2 }],
    [
      'apps/controllerrevisions',
      { data: { a: 1 }, revision: 1 },
      { data: { a: 2 }, revision: 2 },
      'data: Invalid value: {"a":2}: field is immutable',
    ],
  ];

  it.each<Change>(rows)('%s %j with %j', (key, from, changes, ...messages) => {
    const old = runCreate(key, { ...named, ...from }).object;
    const { refusals } = runUpdate(key, old, changed(old, changes));
    expect(refusals).toEqual(messages);
  });

  it('keeps addresses of endpoints in the form that they have, and says how they are better written', () => {
    const subset = { addresses: [{ ip: '::ffff:1.2.3.4' }], ports: [{ port: 1, protocol: 'TCP' }] };
    const odd = changed(runCreate('/endpoints', named).object, { subsets: [subset] });
    const { refusals, warnings } = runUpdate('/endpoints', odd, changed(odd, { 'metadata.labels': { a: 'b' } }));
    expect(refusals).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('subsets[0].addresses[0].ip: non-standard IP address "::ffff:1.2.3.4" will be');
    const controlled = changed(odd, {
      'metadata.labels': { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    });
    expect(runUpdate('/endpoints', odd, controlled).warnings).toEqual([]);
    const more = changed(odd, { 'subsets.1': { ...subset, ports: [] } });
    expect(runUpdate('/endpoints', odd, more).refusals).toHaveLength(2);
  });

  it('lets an event of the core version have any name that fits into a path', () => {
    const rule = testStrategies().of('', 'events')?.strategy.nameRule;
    expect(rule?.('system:node.A_1', false)).toEqual([]);
    expect(rule?.('a/b', false)).toEqual(["may not contain '/'"]);
    expect(testStrategies().of('events.k8s.io', 'events')?.strategy.nameRule).toBeUndefined();
  });

  it('keeps the type of a secret that leaves it out', () => {
    const old = runCreate('/secrets', { ...named, type: 'mine' }).object;
    // The default comes first, as upstream.
    expect(runUpdate('/secrets', old, changed(old, { type: undefined })).refusals).toEqual([
      'type: Invalid value: "Opaque": field is immutable',
    ]);
  });

  it('counts the changes of slices that readers care for', () => {
    const slice = runCreate('discovery.k8s.io/endpointslices', { ...named, addressType: 'IPv4', endpoints: [] }).object;
    const generation = (changes: Record<string, unknown>): number | undefined =>
      runUpdate('discovery.k8s.io/endpointslices', slice, changed(slice, changes)).object.metadata.generation;
    expect(generation({ 'metadata.annotations': { a: 'b' } })).toBe(1);
    expect(generation({ 'metadata.labels': { a: 'b' } })).toBe(2);
    expect(generation({ endpoints: [{ addresses: ['10.1.1.1'] }] })).toBe(2);
  });

  it('keeps spec and status apart', () => {
    const node = runCreate('/nodes', { ...named, status: { phase: 'Running' } }).object;
    const both = changed(node, { 'spec.unschedulable': true, 'status.phase': 'Gone' });
    expect(runUpdate('/nodes', node, both).object).toMatchObject({
      spec: { unschedulable: true },
      status: { phase: 'Running' },
    });
    const reported = runUpdate('/nodes', node, both, 'status').object;
    expect(reported).toMatchObject({ status: { phase: 'Gone' } });
    expect(reported).not.toMatchObject({ spec: { unschedulable: true } });
  });
});

describe('a namespace', () => {
  const whole = runCreate('/namespaces', { metadata: { name: 'x' } }).object;
  const asNamespace = (object: KubeObject): corev1.Namespace => object;

  it('is emptied before it goes', () => {
    const namespace = asNamespace(structuredClone(whole));
    expect(namespaceStrategy.interceptDelete?.(testContext(), namespace, {})).toBe('update');
    expect(namespace).toMatchObject({
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: { phase: 'Terminating' },
    });
    expect(namespaceStrategy.interceptDelete?.(testContext(), namespace, {})).toBe('keep');
    expect(namespaceStrategy.mayDeleteDuringUpdate?.(namespace, namespace)).toBe(false);
    const empty = changed(namespace, { 'spec.finalizers': [] });
    expect(namespaceStrategy.interceptDelete?.(testContext(), empty, {})).toBe('delete');
    expect(namespaceStrategy.mayDeleteDuringUpdate?.(empty, empty)).toBe(true);
  });

  it('is finalized through the subresource alone', () => {
    const without = changed(whole, { 'spec.finalizers': ['example.com/x'] });
    expect(runUpdate('/namespaces', whole, without).object).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
    expect(runUpdate('/namespaces', whole, without, 'finalize').object).toMatchObject({
      spec: { finalizers: ['example.com/x'] },
    });
    const wrong = changed(whole, { 'spec.finalizers': ['mine'] });
    expect(runUpdate('/namespaces', whole, wrong, 'finalize').refusals[0]).toContain(
      'spec.finalizers[0]: Invalid value: "mine"',
    );
  });

  it('has the phase that its deletion says', () => {
    const phase = (object: KubeObject, value: string): readonly string[] =>
      runUpdate('/namespaces', object, changed(object, { 'status.phase': value }), 'status').refusals;
    expect(phase(whole, 'Terminating')).toEqual([
      'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    ]);
    expect(phase(whole, 'Active')).toEqual([]);
    const going = changed(whole, { 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z' });
    expect(phase(going, 'Active')).toEqual([
      'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
    ]);
  });
});
