import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'networking.k8s.io/ingresses';
const backend = { service: { name: 'svc', port: { number: 80 } } };
const given = {
  metadata: { name: 'ing', namespace: 'team' },
  spec: { rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
};
const make = (changes: Record<string, unknown> = {}) => runCreate(key, changed(given, changes));
const path = 'spec.rules.0.http.paths.0';
const shown = 'spec.rules[0].http.paths[0]';
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('an ingress', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.rules': undefined, 'spec.defaultBackend': backend }],
    [{ 'spec.rules': undefined }, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    [{ 'spec.rules': [{}] }],
    [{ 'spec.rules.0.host': '*.example.com' }],
    [
      { 'spec.rules.0.host': '10.0.0.1' },
      'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
    [{ 'spec.rules.0.host': 'A' }, `spec.rules[0].host: Invalid value: "A": ${subdomain}`],
    [{ 'spec.rules.0.http.paths': [] }, 'spec.rules[0].http.paths: Required value'],
    [{ [`${path}.pathType`]: undefined }, `${shown}.pathType: Required value: pathType must be specified`],
    [{ [`${path}.pathType`]: null }, `${shown}.pathType: Required value: pathType must be specified`],
    [
      { [`${path}.pathType`]: 'Odd' },
      `${shown}.pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
    ],
    [{ [`${path}.path`]: undefined }, `${shown}.path: Invalid value: "": must be an absolute path`],
    [{ [`${path}.path`]: 'x' }, `${shown}.path: Invalid value: "x": must be an absolute path`],
    [{ [`${path}.path`]: undefined, [`${path}.pathType`]: 'ImplementationSpecific' }],
    [
      { [`${path}.path`]: 'x', [`${path}.pathType`]: 'ImplementationSpecific' },
      `${shown}.path: Invalid value: "x": must be an absolute path`,
    ],
    [{ [`${path}.path`]: '/a//b', [`${path}.pathType`]: 'ImplementationSpecific' }],
    [
      { [`${path}.path`]: '/a//b/./c/..' },
      `${shown}.path: Invalid value: "/a//b/./c/..": must not contain '//'`,
      `${shown}.path: Invalid value: "/a//b/./c/..": must not contain '/./'`,
      `${shown}.path: Invalid value: "/a//b/./c/..": cannot end with '/..'`,
    ],
    [{ [`${path}.path`]: '/%2F' }, `${shown}.path: Invalid value: "/%2F": must not contain '%2F'`],
    [{ [`${path}.backend`]: {} }, `${shown}.backend: Invalid value: "": resource or service backend is required`],
    [
      { [`${path}.backend.resource`]: { kind: 'K', name: 'n' } },
      `${shown}.backend: Invalid value: "": cannot set both resource and service backends`,
    ],
    [{ [`${path}.backend`]: { resource: { apiGroup: 'g.io', kind: 'K', name: 'n' } } }],
    [
      { [`${path}.backend`]: { resource: { apiGroup: 'G', kind: '', name: 'a/b' } } },
      `${shown}.backend.resource.apiGroup: Invalid value: "G": ${subdomain}`,
      `${shown}.backend.resource.kind: Required value`,
      `${shown}.backend.resource.name: Invalid value: "a/b": may not contain '/'`,
    ],
    [{ [`${path}.backend.service.name`]: '' }, `${shown}.backend.service.name: Required value`],
    [{ [`${path}.backend.service.name`]: '1a' }],
    [{ [`${path}.backend.service.port`]: { name: 'http' } }],
    [{ [`${path}.backend.service.port`]: {} }, `${shown}.backend: Required value: port name or number is required`],
    [
      { [`${path}.backend.service.port.name`]: 'http' },
      `${shown}.backend: Invalid value: "": cannot set both port name & port number`,
    ],
    [
      { [`${path}.backend.service.port`]: { name: '1' } },
      `${shown}.backend.service.port.name: Invalid value: "1": must contain at least one letter (a-z)`,
    ],
    [
      { [`${path}.backend.service.port.number`]: 70_000 },
      `${shown}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive`,
    ],
    [{ 'spec.tls': [{ hosts: ['a.b', '*.c.d'], secretName: 's' }] }],
    [
      { 'spec.tls': [{ hosts: ['A'], secretName: 'S' }] },
      `spec.tls[0].hosts[0]: Invalid value: "A": ${subdomain}`,
      `spec.tls[0].secretName: Invalid value: "S": ${subdomain}`,
    ],
    [{ 'spec.ingressClassName': 'C' }, `spec.ingressClassName: Invalid value: "C": ${subdomain}`],
    [{ 'spec.ingressClassName': 'c', 'metadata.annotations': { 'kubernetes.io/ingress.class': 'c' } }],
    [
      { 'spec.ingressClassName': 'c', 'metadata.annotations': { 'kubernetes.io/ingress.class': 'd' } },
      'annotations.kubernetes.io/ingress.class: Invalid value: "d": must match `ingressClassName` when both are specified',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('warns of the annotation that was there before the field', () => {
    const annotations = { 'kubernetes.io/ingress.class': 'c' };
    expect(make({ 'metadata.annotations': annotations }).warnings).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ]);
    expect(make({ 'metadata.annotations': annotations, 'spec.ingressClassName': 'c' }).warnings).toEqual([]);
  });

  it('begins without a status, counts changes of its spec and keeps both apart', () => {
    const old = make({ 'status.loadBalancer': { ingress: [{ ip: '1.2.3.4' }] } }).object;
    expect(old).toMatchObject({ metadata: { generation: 1 }, status: { loadBalancer: {} } });
    const both = changed(old, { 'spec.ingressClassName': 'c', 'status.loadBalancer.ingress': [{ ip: '1.2.3.4' }] });
    expect(runUpdate(key, old, both).object).toMatchObject({
      metadata: { generation: 2 },
      status: { loadBalancer: {} },
    });
    expect(runUpdate(key, old, both, 'status').object).toMatchObject({
      spec: old['spec'],
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    });
  });

  it('stays changeable where it is worse than the rules allow today', () => {
    const old = changed(make().object, {
      'spec.tls': [{ secretName: 'S' }],
      'spec.rules.1': { host: '*.x', http: { paths: [] } },
    });
    expect(runUpdate(key, old, changed(old, { 'spec.ingressClassName': 'c' })).refusals).toEqual([]);
    expect(runUpdate(key, make().object, old).refusals).toHaveLength(2);
  });
});

describe('the status of an ingress', () => {
  const old = make().object;
  const report = (ingress: object[], from = old) =>
    runUpdate(key, from, changed(from, { 'status.loadBalancer': { ingress } }), 'status');

  it.each<[object, ...string[]]>([
    [{ ip: '10.0.0.1', hostname: 'a.b' }],
    [{ ip: '10.0.0.01' }, 'status.loadBalancer.ingress[0].ip: Invalid value: "10.0.0.01": must not have leading 0s'],
    [
      { hostname: '10.0.0.1' },
      'status.loadBalancer.ingress[0].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
    ],
    [{ hostname: 'A' }, `status.loadBalancer.ingress[0].hostname: Invalid value: "A": ${subdomain}`],
  ])('with %j', (point, ...messages) => {
    expect(report([point]).refusals).toEqual(messages);
  });

  it('keeps what it has, and warns', () => {
    const bad = changed(old, { 'status.loadBalancer': { ingress: [{ ip: '10.0.0.01' }] } });
    const { refusals, warnings } = report([{ ip: '10.0.0.01' }], bad);
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      'status.loadBalancer.ingress[0].ip: non-standard IP address "10.0.0.01" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    ]);
  });
});
