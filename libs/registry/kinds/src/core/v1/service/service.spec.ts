import { type KubeObject, StatusError } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import {
  changed,
  runCreate,
  runUpdate,
  storageHolding,
  testContext,
  testStrategies,
} from '../../../testing/run-strategy';
import type { StrategyTable } from '../../../strategies';

const given = {
  metadata: { name: 'web', namespace: 'team' },
  spec: { selector: { app: 'a' }, ports: [{ port: 80 }] },
};

const dualStack = '10.0.0.0/24,fd00::/108';

interface Made {
  readonly service: corev1.Service;
  readonly refusal: string;
}

/** Decides where the other services are `others`; what throws is told as a text. */
function decided(
  object: () => KubeObject,
  table: StrategyTable,
  others: readonly KubeObject[],
  old?: KubeObject,
): Made {
  try {
    const service = object();
    const strategy = table.of('', 'services')?.strategy;
    strategy?.decide?.(testContext(), storageHolding('services', others), service, old);
    return { service: service, refusal: '' };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { service: {} as corev1.Service, refusal: error.status.message ?? '' };
  }
}

function make(changes: Record<string, unknown> = {}, others: readonly KubeObject[] = [], range?: string): Made {
  const table = testStrategies(range);
  return decided(() => runCreate('/services', changed(given, changes), table).object, table, others);
}

function update(
  from: corev1.Service,
  changes: Record<string, unknown>,
  others: readonly KubeObject[] = [],
  range?: string,
): Made {
  const table = testStrategies(range);
  const old = from as unknown as KubeObject;
  return decided(() => runUpdate('/services', old, changed(old, changes), '', table).object, table, others, old);
}

const asObject = ({ service }: Made, name = 'other'): KubeObject => changed(service, { 'metadata.name': name });

describe('the defaults of a service', () => {
  it('are those of the API', () => {
    expect(make().service.spec).toMatchObject({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
  });

  it('give a load balancer ports on nodes and a policy for what comes from outside', () => {
    expect(make({ 'spec.type': 'LoadBalancer' }).service.spec).toMatchObject({
      allocateLoadBalancerNodePorts: true,
      externalTrafficPolicy: 'Cluster',
    });
  });

  it('make clients stick for three hours', () => {
    const { service } = make({ 'spec.sessionAffinity': 'ClientIP' });
    expect(service.spec?.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10_800 } });
  });
});

describe('a service', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ 'spec.ports': [] }, 'spec.ports: Required value'],
    [
      { 'spec.ports': [{ port: 1 }, { port: 2 }] },
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value',
    ],
    [
      { 'spec.ports': [{ port: 0 }] },
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0',
    ],
    [
      {
        'spec.ports': [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      {
        'spec.ports': [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ],
      },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
    ],
    [
      { 'spec.ports': [{ port: 1, protocol: 'X' }] },
      'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
    [{ 'spec.ports': [{ port: 1, targetPort: 'No_' }] }, 'spec.ports[0].targetPort: Invalid value: "No_"'],
    [
      { 'spec.ports': [{ port: 1, nodePort: 30000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      { 'spec.type': 'Magic' },
      'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      { 'spec.type': 'NodePort', 'spec.clusterIP': 'None' },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
    ],
    [{ 'spec.type': 'ExternalName' }, 'spec.externalName: Required value'],
    [{ 'spec.selector': { 'a b': 'x' } }, 'spec.selector: Invalid value: "a b"'],
    [
      { 'spec.sessionAffinity': 'Cookie' },
      'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
    ],
    [
      { 'spec.sessionAffinity': 'ClientIP', 'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 86_401 } } },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
    [
      { 'spec.externalIPs': ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range',
    ],
    [
      { 'spec.loadBalancerSourceRanges': ['10.0.0.0/8'] },
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      { 'spec.allocateLoadBalancerNodePorts': false },
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      { 'spec.loadBalancerClass': 'a/b' },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      { 'spec.externalTrafficPolicy': 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      { 'spec.healthCheckNodePort': 31000 },
      "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
    [
      { 'spec.internalTrafficPolicy': 'X' },
      'spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
    ],
    [{ 'spec.trafficDistribution': 'Far' }, 'spec.trafficDistribution: Unsupported value: "Far"'],
    [
      {
        'metadata.annotations': {
          'service.kubernetes.io/topology-aware-hints': 'auto',
          'service.kubernetes.io/topology-mode': 'disabled',
        },
      },
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "disabled": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    ],
    [
      {
        'spec.type': 'ExternalName',
        'spec.externalName': 'a.example',
        'spec.clusterIP': '10.96.0.9',
        'spec.ipFamilies': ['IPv4'],
        'spec.ipFamilyPolicy': 'SingleStack',
      },
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
    ],
    [{ 'spec.externalIPs': ['10.0.0'] }, 'spec.externalIPs[0]: Invalid value: "10.0.0": must be a valid IP address'],
    [
      { 'spec.externalIPs': ['0.0.0.0', '::', '169.254.1.1', 'febf::1', '224.0.0.9', 'ff12::1'] },
      'spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[1]: Invalid value: "::": may not be unspecified (::)',
      'spec.externalIPs[2]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[3]: Invalid value: "febf::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[4]: Invalid value: "224.0.0.9": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[5]: Invalid value: "ff12::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ])('with %j is refused', (changes, ...messages) => {
    const { refusals } = runCreate('/services', changed(given, changes));
    expect(refusals).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(refusals[index]).toContain(message);
  });

  it.each<[Record<string, unknown>]>([
    [
      {
        'metadata.annotations': {
          'service.kubernetes.io/topology-aware-hints': 'auto',
          'service.kubernetes.io/topology-mode': 'auto',
        },
      },
    ],
    [{ 'spec.type': 'ExternalName', 'spec.externalName': 'a.example.', 'spec.ports': [] }],
    [{ 'spec.sessionAffinity': 'ClientIP', 'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 86_400 } } }],
    [{ 'spec.sessionAffinity': 'None', 'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 0 } } }],
    [{ 'spec.externalIPs': ['169.253.1.1', 'fec0::1', '224.0.1.9', 'ff03::1', '128.0.0.1'] }],
    [{ 'spec.type': 'LoadBalancer', 'spec.loadBalancerSourceRanges': [' 10.0.0.0/8'] }],
    [{ 'spec.externalIPs': ['8.8.8.8'], 'spec.externalTrafficPolicy': 'Local' }],
  ])('with %j is accepted', (changes) => {
    expect(runCreate('/services', changed(given, changes)).refusals).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'spec.clusterIPs': ['10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified',
    ],
    [{ 'spec.clusterIP': '10.96.0.9', 'spec.clusterIPs': ['10.96.0.8'] }, 'first value must match `clusterIP`'],
    [
      { 'spec.ipFamilies': ['IPv5'] },
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
    ],
    [{ 'spec.ipFamilies': ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [{ 'spec.ipFamilyPolicy': 'RequireDualStack' }, 'this cluster is not configured for dual-stack services'],
    [{ 'spec.clusterIP': 'fd00::1' }, 'IPv6 is not configured on this cluster'],
    [{ 'spec.clusterIP': 'nonsense' }, 'spec.clusterIPs[0]: Invalid value: "nonsense": must be a valid IP address'],
    [
      { 'spec.clusterIP': 'None', 'spec.clusterIPs': ['None', '10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["None","10.96.0.9"]: \'None\' must be the first and only value',
    ],
    [
      { 'spec.clusterIP': '10.96.0.9', 'spec.ipFamilies': ['IPv6'] },
      'spec.clusterIPs[0]: Invalid value: "10.96.0.9": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      { 'spec.clusterIP': '10.96.0.8', 'spec.clusterIPs': ['10.96.0.8', '10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.8","10.96.0.9"]: may specify no more than one IP for each IP family',
    ],
    [
      { 'spec.clusterIP': '10.96.0.8', 'spec.clusterIPs': ['10.96.0.8', 'fd00::1', 'fd00::2'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.8","fd00::1","fd00::2"]: may only hold up to 2 values',
    ],
    [{ 'spec.ipFamilies': ['IPv4', 'IPv4'] }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    [
      { 'spec.ipFamilyPolicy': 'Both' },
      'spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ],
    [
      {
        'spec.ipFamilyPolicy': 'SingleStack',
        'spec.clusterIP': '10.96.0.8',
        'spec.clusterIPs': ['10.96.0.8', 'fd00::1'],
      },
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
    ],
    [
      { 'spec.ipFamilyPolicy': 'SingleStack', 'spec.ipFamilies': ['IPv4', 'IPv6'] },
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
  ])('with %j is refused before validation', (changes, message) => {
    expect(make(changes).refusal).toContain(message);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ 'spec.externalName': 'x.example' }, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
    [
      { 'spec.clusterIP': 'None', 'spec.externalIPs': ['8.8.8.8'] },
      'spec.externalIPs is ignored for headless services',
    ],
    [{ 'spec.externalIPs': ['8.8.8.8'] }, 'spec.externalIPs is deprecated'],
    [
      { 'spec.clusterIP': 'None', 'spec.loadBalancerIP': '8.8.8.8' },
      'spec.loadBalancerIP is ignored for headless services',
    ],
    [
      { 'spec.type': 'ExternalName', 'spec.externalName': 'a.example', 'spec.externalIPs': ['8.8.8.8'] },
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ],
    [
      { 'spec.trafficDistribution': 'PreferClose' },
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ])('with %j warns', (changes, warning) => {
    expect(runCreate('/services', changed(given, changes)).warnings).toEqual([warning]);
  });
});

describe('the addresses of services', () => {
  it('come from the upper band of the range', () => {
    const { spec } = make({}, [], '10.0.0.0/24').service;
    expect(Number(spec?.clusterIP?.split('.')[3])).toBeGreaterThan(16);
    expect(spec?.clusterIPs).toEqual([spec?.clusterIP]);
  });

  it('come from the lower band when the upper is full, and end', () => {
    const taken: KubeObject[] = [];
    for (let n = 0; n < 30; n++) {
      const made = make({}, taken, '10.0.0.0/27');
      expect(made.refusal).toBe('');
      taken.push(asObject(made, `s${String(n)}`));
    }
    expect(new Set(taken.map((object) => (object as unknown as corev1.Service).spec?.clusterIP)).size).toBe(30);
    expect(make({}, taken, '10.0.0.0/27').refusal).toContain('failed to allocate a serviceIP: range is full');
  });

  it('may be chosen, if they are free and of the range', () => {
    const made = make({ 'spec.clusterIP': '10.96.0.10' });
    expect(made.service.spec?.clusterIPs).toEqual(['10.96.0.10']);
    expect(make({ 'spec.clusterIP': '10.96.0.10' }, [asObject(made)]).refusal).toBe(
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    );
    expect(make({ 'spec.clusterIP': '10.1.0.1' }).refusal).toContain(
      'failed to allocate IP 10.1.0.1: the provided network does not match the current range',
    );
  });

  it('are not given to headless services and names', () => {
    expect(make({ 'spec.clusterIP': 'None' }).service.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    const name = make({ 'spec.type': 'ExternalName', 'spec.externalName': 'a.example' }).service.spec;
    expect(name?.clusterIP).toBeUndefined();
    expect(name?.ipFamilies).toBeUndefined();
  });

  it('are one of each family, in the order that was asked for', () => {
    const { spec } = make(
      { 'spec.ipFamilyPolicy': 'PreferDualStack', 'spec.ipFamilies': ['IPv6'] },
      [],
      dualStack,
    ).service;
    expect(spec?.ipFamilies).toEqual(['IPv6', 'IPv4']);
    expect(spec?.clusterIPs?.[0]).toMatch(/^fd00::/);
    expect(spec?.clusterIPs?.[1]).toMatch(/^10\.0\.0\./);
    expect(spec?.clusterIP).toBe(spec?.clusterIPs?.[0]);
  });

  it('are of both families for a headless service that selects nothing', () => {
    const { spec } = make({ 'spec.clusterIP': 'None', 'spec.selector': undefined }).service;
    expect(spec).toMatchObject({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] });
  });

  it('stay when a client leaves them out', () => {
    const { service } = make();
    const put = update(service, { 'spec.clusterIP': undefined, 'spec.clusterIPs': undefined });
    expect(put.service.spec?.clusterIPs).toEqual(service.spec?.clusterIPs);
  });

  it('cannot change', () => {
    const { service } = make();
    const run = runUpdate('/services', service, changed(service, { 'spec.clusterIP': '10.96.0.77' }));
    expect(run.refusals).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set']);
  });

  it('keep the sources that an annotation allows, though they are written badly', () => {
    const key = 'service.beta.kubernetes.io/load-balancer-source-ranges';
    const { service } = make({ 'spec.type': 'LoadBalancer' });
    const refusals = (from: string, to: string): readonly string[] => {
      const old = changed(service, { 'metadata.annotations': { [key]: from } });
      return runUpdate('/services', old, changed(service, { 'metadata.annotations': { [key]: to } })).refusals;
    };
    expect(refusals('010.0.0.0/8', '010.0.0.0/8')).toEqual([]);
    expect(refusals('010.0.0.0/8', '010.0.0.0/8, 10.0.0.0/8')).toEqual([
      `metadata.annotations[${key}]: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length`,
    ]);
  });

  it('keep the class of their balancer', () => {
    const { service } = make({ 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'example.com/a' });
    const refusals = (changes: Record<string, unknown>): readonly string[] =>
      runUpdate('/services', service, changed(service, changes)).refusals;
    expect(refusals({ 'spec.loadBalancerClass': 'example.com/b' })).toEqual([
      'spec.loadBalancerClass: Invalid value: "example.com/b": may not change once set',
    ]);
    // Upstream looks twice.
    const other = changed(make({ 'spec.type': 'NodePort' }).service, { 'spec.loadBalancerClass': 'example.com/a' });
    const text = "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'";
    expect(runUpdate('/services', make({ 'spec.type': 'NodePort' }).service, other).refusals).toEqual([text, text]);
    expect(refusals({ 'spec.type': 'NodePort' })).toEqual([]);
  });

  it('come second with a second family, and go with it', () => {
    const { service } = make({}, [], dualStack);
    const both = update(service, { 'spec.ipFamilyPolicy': 'RequireDualStack' }, [], dualStack).service;
    expect(both.spec?.clusterIPs).toHaveLength(2);
    expect(both.spec?.clusterIPs?.[0]).toBe(service.spec?.clusterIP);
    const one = update(both, { 'spec.ipFamilyPolicy': 'SingleStack' }, [], dualStack).service;
    expect(one.spec).toMatchObject({ clusterIPs: service.spec?.clusterIPs, ipFamilies: ['IPv4'] });
  });

  describe('of both families', () => {
    const both = make({ 'spec.ipFamilyPolicy': 'RequireDualStack' }, [], dualStack).service;
    const [v4 = '', v6 = ''] = both.spec?.clusterIPs ?? [];
    const single = { 'spec.ipFamilyPolicy': 'SingleStack' };
    const refusals = (changes: Record<string, unknown>): readonly string[] =>
      runUpdate('/services', both, changed(both, changes), '', testStrategies(dualStack)).refusals;

    it.each<[Record<string, unknown>, string]>([
      [
        { 'spec.clusterIPs': [v4] },
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary cluster IP',
      ],
      [
        { 'spec.ipFamilies': ['IPv4'] },
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family',
      ],
      [
        { ...single, 'spec.ipFamilies': ['IPv6'] },
        `spec.clusterIPs[0]: Invalid value: "${v4}": expected an IPv6 value as indicated by \`ipFamilies[0]\``,
      ],
    ])('do not become one by %j', (changes, message) => {
      expect(update(both, changes, [], dualStack).refusal).toBe(`Service "web" is invalid: ${message}`);
    });

    it('keep the first', () => {
      const other = { ...single, 'spec.clusterIP': v6, 'spec.clusterIPs': [v6], 'spec.ipFamilies': ['IPv6'] };
      expect(refusals(other)).toEqual([
        `spec.clusterIPs[0]: Invalid value: ["${v6}"]: may not change once set`,
        `spec.ipFamilies[0]: Invalid value: ["${v6}"]: may not change once set`,
      ]);
      const turned = { 'spec.clusterIP': v6, 'spec.clusterIPs': [v6, v4], 'spec.ipFamilies': ['IPv6', 'IPv4'] };
      const families = 'spec.ipFamilies[0]: Invalid value: ["IPv6","IPv4"]: may not change once set';
      expect(refusals(turned)).toEqual([
        `spec.clusterIPs[0]: Invalid value: ["${v6}","${v4}"]: may not change once set`,
        `spec.clusterIPs[1]: Invalid value: ["${v6}","${v4}"]: may not change once set`,
        families,
        families,
      ]);
    });

    it('become one by the policy, with or without saying which', () => {
      expect(refusals(single)).toEqual([]);
      expect(refusals({ ...single, 'spec.clusterIPs': [v4], 'spec.ipFamilies': ['IPv4'] })).toEqual([]);
    });
  });

  it('go when the service becomes a name', () => {
    const { service } = make({ 'spec.type': 'NodePort' });
    const { spec } = update(service, { 'spec.type': 'ExternalName', 'spec.externalName': 'a.example' }).service;
    expect(spec?.clusterIP).toBeUndefined();
    expect(spec?.clusterIPs).toBeUndefined();
    expect(spec?.ports?.[0]?.nodePort).toBeUndefined();
    expect(spec?.externalTrafficPolicy).toBeUndefined();
  });
});

describe('the node ports of services', () => {
  const port = (made: Made, index = 0): number => made.service.spec?.ports?.[index]?.nodePort ?? 0;

  it('come from the upper band of the range', () => {
    expect(port(make({ 'spec.type': 'NodePort' }))).toBeGreaterThanOrEqual(30_086);
  });

  it('may be chosen, if they are free and of the range', () => {
    const chosen = { 'spec.type': 'NodePort', 'spec.ports': [{ port: 80, nodePort: 30_001 }] };
    const made = make(chosen);
    expect(port(made)).toBe(30_001);
    expect(make(chosen, [asObject(made)]).refusal).toBe(
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    );
    expect(make(chosen, [changed(asObject(made), { 'spec.type': 'ClusterIP' })]).refusal).toBe('');
    expect(make({ 'spec.type': 'NodePort', 'spec.ports': [{ port: 80, nodePort: 80 }] }).refusal).toContain(
      'provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  it('are shared by one port in several protocols', () => {
    const made = make({
      'spec.type': 'NodePort',
      'spec.ports': [
        { name: 'a', port: 53, protocol: 'UDP' },
        { name: 'b', port: 53 },
        { name: 'c', port: 54 },
      ],
    });
    expect(port(made, 1)).toBe(port(made, 0));
    expect(port(made, 2)).not.toBe(port(made, 0));
  });

  it('stay when a client leaves them out, and go with the type', () => {
    const made = make({ 'spec.type': 'NodePort' });
    expect(port(update(made.service, { 'spec.ports.0.nodePort': undefined }))).toBe(port(made));
    expect(update(made.service, { 'spec.type': 'ClusterIP' }).service.spec?.ports?.[0]).toEqual({
      port: 80,
      targetPort: 80,
      protocol: 'TCP',
    });
  });

  it('are not given to a load balancer that wants none', () => {
    const made = make({ 'spec.type': 'LoadBalancer', 'spec.allocateLoadBalancerNodePorts': false });
    expect(port(made)).toBe(0);
  });

  it('serve health checks too', () => {
    const local = { 'spec.type': 'LoadBalancer', 'spec.externalTrafficPolicy': 'Local' };
    const made = make(local);
    const given = made.service.spec?.healthCheckNodePort ?? 0;
    expect(given).toBeGreaterThanOrEqual(30_000);
    expect(given).not.toBe(port(made));
    expect(make({ ...local, 'spec.healthCheckNodePort': given }, [asObject(made)]).refusal).toContain(
      `failed to allocate requested HealthCheck NodePort ${String(given)}: provided port is already allocated`,
    );
    expect(update(made.service, { 'spec.healthCheckNodePort': undefined }).service.spec?.healthCheckNodePort).toBe(
      given,
    );
    expect(
      update(made.service, { 'spec.externalTrafficPolicy': 'Cluster' }).service.spec?.healthCheckNodePort,
    ).toBeUndefined();
  });
});

describe('the status of a service', () => {
  const balancer = make({ 'spec.type': 'LoadBalancer' }).service;
  const report = (from: corev1.Service, ingress: object[]): ReturnType<typeof runUpdate> =>
    runUpdate('/services', from, changed(from, { 'status.loadBalancer': { ingress } }), 'status');

  it('has the addresses of load balancers', () => {
    const { object, refusals } = report(balancer, [{ ip: '8.8.8.8' }]);
    expect(refusals).toEqual([]);
    expect(object).toMatchObject({ status: { loadBalancer: { ingress: [{ ip: '8.8.8.8', ipMode: 'VIP' }] } } });
    expect(report(make().service, [{ ip: '8.8.8.8', ipMode: 'VIP' }]).refusals).toEqual([
      "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
    ]);
    expect(report(balancer, [{ hostname: '1.2.3.4' }]).refusals).toEqual([
      'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ]);
  });

  it('says how an address is reached, and nothing of what has none', () => {
    const mode = 'status.loadBalancer.ingress[0].ipMode';
    expect(report(balancer, [{ ip: '8.8.8.8', ipMode: 'Proxy' }]).refusals).toEqual([]);
    expect(report(balancer, [{ ip: '8.8.8.8', ipMode: 'Direct' }]).refusals).toEqual([
      `${mode}: Unsupported value: "Direct": supported values: "Proxy", "VIP"`,
    ]);
    expect(report(balancer, [{ hostname: 'a.example', ipMode: 'VIP' }]).refusals).toEqual([
      `${mode}: Forbidden: may not be specified when \`ip\` is not set`,
    ]);
    // The type that a client sends with a status counts for the defaults, and for nothing else.
    const other = changed(balancer, {
      'spec.type': 'ClusterIP',
      'status.loadBalancer': { ingress: [{ ip: '8.8.8.8' }] },
    });
    expect(runUpdate('/services', balancer, other, 'status').refusals).toEqual([
      `${mode}: Required value: must be specified when \`ip\` is set`,
    ]);
  });

  it('goes with the type', () => {
    const reported = report(balancer, [{ ip: '8.8.8.8' }]).object;
    expect(update(reported as unknown as corev1.Service, { 'spec.type': 'ClusterIP' }).service.status).toEqual({
      loadBalancer: {},
    });
  });
});
