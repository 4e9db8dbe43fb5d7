import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../testing/run-strategy';

const given = {
  metadata: { name: 'web', namespace: 'team' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], clusterIP: '10.96.0.9' },
};
const make = (changes: Record<string, unknown>) => runCreate('/services', changed(given, changes));
const annotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

describe('addresses and networks that a service names', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{ 'spec.externalIPs': ['8.8.8.8'], 'spec.loadBalancerSourceRanges': [' 10.0.0.0/8 '] }],
    [{ 'spec.externalIPs': ['8.8.8.08'] }, 'spec.externalIPs[0]: Invalid value: "8.8.8.08": must not have leading 0s'],
    [
      { 'spec.loadBalancerSourceRanges': ['10.0.0.1/8'] },
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
    ],
    [
      { [`metadata.annotations`]: { [annotation]: '10.0.0.0/8, x' } },
      `metadata.annotations[${annotation}]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('are refused before validation where they are its own', () => {
    expect(() => make({ 'spec.clusterIP': '10.96.0.09' })).toThrow(
      'spec.clusterIPs[0]: Invalid value: "10.96.0.09": must not have leading 0s',
    );
  });

  it('may stay as they were, with a warning', () => {
    const old = changed(make({}).object, {
      'spec.clusterIP': '10.96.0.09',
      'spec.clusterIPs': ['10.96.0.09'],
      'spec.externalIPs': ['8.8.8.08'],
      'spec.loadBalancerIP': '1.1.1.01',
      'spec.loadBalancerSourceRanges': ['10.0.0.1/8'],
      'status.loadBalancer.ingress': [{ ip: '1.1.1.01', ipMode: 'VIP' }],
    });
    const { refusals, warnings } = runUpdate('/services', old, changed(old, { 'spec.selector': { a: 'b' } }));
    expect(refusals).toEqual([]);
    expect(warnings.map((text) => text.split(':')[0])).toEqual([
      'spec.clusterIPs[0]',
      'spec.externalIPs[0]',
      'spec.externalIPs is deprecated',
      'spec.loadBalancerIP',
      'spec.loadBalancerSourceRanges[0]',
    ]);
    const report = runUpdate('/services', old, changed(old, { 'status.conditions': [] }), 'status');
    expect(report.refusals).toEqual([]);
    expect(report.warnings.join()).toContain('status.loadBalancer.ingress[0]: non-standard IP address "1.1.1.01"');
    expect(
      runUpdate('/services', old, changed(old, { 'status.loadBalancer.ingress.0.ip': '1.1.1.02' }), 'status').refusals,
    ).toEqual(['status.loadBalancer.ingress[0].ip: Invalid value: "1.1.1.02": must not have leading 0s']);
  });
});
