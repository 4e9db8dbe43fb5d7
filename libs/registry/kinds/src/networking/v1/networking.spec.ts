import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testStrategies } from '../../testing/run-strategy';

const group = 'networking.k8s.io';
const subdomain = 'a lowercase RFC 1123 subdomain must consist of';
const label = 'a lowercase RFC 1123 label must consist of';

/** Messages are compared up to the length of what is expected. */
function expectRefusals(refusals: readonly string[], messages: readonly string[]): void {
  expect(refusals.map((text, index) => text.slice(0, messages[index]?.length ?? text.length))).toEqual(messages);
}

describe('an ingress class', () => {
  const key = `${group}/ingressclasses`;
  const given = { metadata: { name: 'ic' }, spec: { controller: 'example.com/c' } };

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.controller': undefined }, 'spec.controller: Required value'],
    [
      { 'spec.controller': 'x' },
      'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [{ 'spec.controller': 'X/y' }, `spec.controller: Invalid value: "X": ${subdomain}`],
    [
      { 'spec.controller': 'x/ y' },
      `spec.controller: Invalid value: " y": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
    ],
    [{ 'spec.controller': `x/${'y'.repeat(249)}` }, 'spec.controller: Too long: may not be more than 250 bytes'],
    [{ 'spec.parameters': { kind: 'K', name: 'n' } }],
    [
      { 'spec.parameters': { apiGroup: 'G', kind: 'a%', name: '' } },
      `spec.parameters.apiGroup: Invalid value: "G": ${subdomain}`,
      `spec.parameters.kind: Invalid value: "a%": may not contain '%'`,
      'spec.parameters.name: Required value',
    ],
    [
      { 'spec.parameters': { kind: 'K', name: 'n', scope: 'World' } },
      'spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"',
    ],
    [{ 'spec.parameters': { kind: 'K', name: 'n', scope: 'Namespace', namespace: 'team' } }],
    [
      { 'spec.parameters': { kind: 'K', name: 'n', scope: 'Namespace' } },
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    ],
    [
      { 'spec.parameters': { kind: 'K', name: 'n', scope: 'Namespace', namespace: 'a_b' } },
      `spec.parameters.namespace: Invalid value: "a_b": ${label}`,
    ],
    [
      { 'spec.parameters': { kind: 'K', name: 'n', namespace: 'team' } },
      "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
    ],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('keeps its controller and counts its changes', () => {
    const old = runCreate(key, given).object;
    const parameters = { kind: 'K', name: 'n' };
    const { object, refusals } = runUpdate(key, old, changed(old, { 'spec.parameters': parameters }));
    expect(refusals).toEqual([]);
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { parameters: { scope: 'Cluster' } } });
    expect(runUpdate(key, old, changed(old, { 'spec.controller': 'example.com/d' })).refusals).toEqual([
      'spec.controller: Invalid value: "example.com/d": field is immutable',
    ]);
  });
});

describe('a network policy', () => {
  const key = `${group}/networkpolicies`;
  const given = { metadata: { name: 'np', namespace: 'team' }, spec: { podSelector: {}, ingress: [{}] } };
  const peer = (from: object): Record<string, unknown> => ({ 'spec.ingress.0.from': [from] });
  const port = (one: object): Record<string, unknown> => ({ 'spec.ingress.0.ports': [one] });
  const fromPath = 'spec.ingress[0].from[0]';
  const portPath = 'spec.ingress[0].ports[0]';

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.podSelector': { matchLabels: { a: ' ' } } }, 'spec.podSelector.matchLabels: Invalid value: " ": '],
    [
      { 'spec.podSelector': { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
    [port({ port: 80 })],
    [port({ port: 'http', protocol: 'UDP' })],
    [
      port({ protocol: 'ICMP', port: 0 }),
      `${portPath}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`,
      `${portPath}.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    ],
    [port({ port: 80, endPort: 90 })],
    [
      port({ port: 80, endPort: 79 }),
      `${portPath}.endPort: Invalid value: 80: must be greater than or equal to \`port\``,
    ],
    [port({ port: 80, endPort: 70_000 }), `${portPath}.endPort: Invalid value: 70000: must be between 1 and 65535`],
    [
      port({ port: '1', endPort: 9 }),
      `${portPath}.endPort: Invalid value: 9: may not be specified when \`port\` is non-numeric`,
      `${portPath}.port: Invalid value: "1": must contain at least one letter (a-z)`,
    ],
    [
      port({ endPort: 9 }),
      `${portPath}.endPort: Invalid value: 9: may not be specified when \`port\` is not specified`,
    ],
    [peer({ podSelector: {}, namespaceSelector: {} })],
    [peer({}), `${fromPath}: Required value: must specify a peer`],
    [
      peer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
      `${fromPath}: Forbidden: may not specify both ipBlock and another peer`,
    ],
    [peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } })],
    [peer({ ipBlock: { cidr: '' } }), `${fromPath}.ipBlock.cidr: Required value`],
    [
      peer({ ipBlock: { cidr: 'x', except: ['y'] } }),
      `${fromPath}.ipBlock.cidr: Invalid value: "x": must be a valid CIDR value`,
    ],
    [
      peer({ ipBlock: { cidr: '10.0.0.1/8' } }),
      `${fromPath}.ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`,
    ],
    [
      peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['x', '10.0.0.0/8', '11.0.0.0/16'] } }),
      `${fromPath}.ipBlock.except[0]: Invalid value: "x": must be a valid CIDR value`,
      `${fromPath}.ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
      `${fromPath}.ipBlock.except[2]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
    ],
    [
      { 'spec.egress': [{ to: [{}], ports: [{ endPort: 1 }] }] },
      'spec.egress[0].ports[0].endPort: Invalid value: 1: may not be specified when `port` is not specified',
      'spec.egress[0].to[0]: Required value: must specify a peer',
    ],
    [
      { 'spec.policyTypes': ['Ingress', 'x'] },
      'spec.policyTypes[1]: Unsupported value: "x": supported values: "Ingress", "Egress"',
    ],
    [
      { 'spec.policyTypes': ['a', 'b', 'c'] },
      'spec.policyTypes: Invalid value: ["a","b","c"]: may not specify more than two policyTypes',
    ],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('says of itself which ways it is about', () => {
    expect(runCreate(key, changed(given, port({}))).object).toMatchObject({
      spec: { policyTypes: ['Ingress'], ingress: [{ ports: [{ protocol: 'TCP' }] }] },
    });
    expect(runCreate(key, changed(given, { 'spec.egress': [{}] })).object).toMatchObject({
      spec: { policyTypes: ['Ingress', 'Egress'] },
    });
  });

  it('is checked twice where it changes', () => {
    const old = runCreate(key, given).object;
    const missing = `${fromPath}: Required value: must specify a peer`;
    expect(runUpdate(key, old, changed(old, peer({}))).refusals).toEqual([missing, missing]);
    expect(runUpdate(key, old, changed(old, peer({ podSelector: {} }))).refusals).toEqual([]);
  });

  it('keeps networks that it had before the rules were strict, and warns of them', () => {
    const bad = { ipBlock: { cidr: '10.0.0.1/8', except: ['010.1.0.0/16'] } };
    const old = changed(runCreate(key, given).object, { 'spec.egress': [{ to: [bad] }] });
    const { refusals, warnings, object } = runUpdate(key, old, changed(old, { 'spec.ingress.0.from': [bad] }));
    expect(refusals).toEqual([]);
    expect(object.metadata.generation).toBe(2);
    expect(warnings.map((text) => text.slice(0, text.indexOf(':')))).toEqual([
      'spec.ingress[0].from[0].ipBlock.cidr',
      'spec.ingress[0].from[0].ipBlock.except[0]',
      'spec.egress[0].to[0].ipBlock.cidr',
      'spec.egress[0].to[0].ipBlock.except[0]',
    ]);
  });
});

describe('an IP address', () => {
  const key = `${group}/ipaddresses`;
  const parentRef = { resource: 'services', namespace: 'team', name: 'web' };
  const given = { metadata: { name: '10.0.0.1' }, spec: { parentRef } };

  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.parentRef': undefined }, 'spec.parentRef: Required value'],
    [{ 'spec.parentRef.group': 'G' }, `spec.parentRef.group: Invalid value: "G": ${subdomain}`],
    [
      { 'spec.parentRef': { resource: 'a/b', name: '', namespace: '..' } },
      `spec.parentRef.resource: Invalid value: "a/b": may not contain '/'`,
      'spec.parentRef.name: Required value',
      `spec.parentRef.namespace: Invalid value: "..": may not be '..'`,
    ],
    [{ 'spec.parentRef': { name: 'x' } }, 'spec.parentRef.resource: Required value'],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('is called what it is', () => {
    const rule = testStrategies().of(group, 'ipaddresses')?.strategy.nameRule;
    expect(rule?.('10.0.0.1', false)).toEqual([]);
    expect(rule?.('FD00::1', false)).toEqual(['must be in canonical form ("fd00::1")']);
  });

  it('never changes hands', () => {
    const old = runCreate(key, given).object;
    expect(runUpdate(key, old, changed(old, { 'metadata.labels': { a: 'b' } })).refusals).toEqual([]);
    expect(runUpdate(key, old, changed(old, { 'spec.parentRef.name': 'db' })).refusals).toEqual([
      'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"team","Name":"db"}: field is immutable',
    ]);
    expect(runUpdate(key, old, changed(old, { 'spec.parentRef': undefined })).refusals).toEqual([
      'spec.parentRef: Required value',
      'spec.parentRef: Invalid value: null: field is immutable',
    ]);
  });
});

describe('a service CIDR', () => {
  const key = `${group}/servicecidrs`;
  const make = (...cidrs: readonly string[]) => runCreate(key, { metadata: { name: 'extra' }, spec: { cidrs } });
  const oneOfEach = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

  it.each<[string[], ...string[]]>([
    [['10.0.0.0/24']],
    [['10.0.0.0/24', 'fd00::/64']],
    [[], 'spec.cidrs: Required value: at least one CIDR required'],
    [['a', 'b', 'c'], 'spec.cidrs: Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values'],
    [
      ['x', '10.0.0.1/24'],
      'spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value',
      'spec.cidrs[1]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
    ],
    [['10.0.0.0/24', '10.1.0.0/24'], `spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: ${oneOfEach}`],
  ])('of %j', (cidrs, ...messages) => {
    expectRefusals(make(...cidrs).refusals, messages);
  });

  const old = make('10.0.0.0/24').object;
  it.each<[string[], ...string[]]>([
    [['10.0.0.0/24']],
    [['10.0.0.0/24', 'fd00::/64']],
    [['10.1.0.0/24'], 'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable'],
    [['fd00::/64', '10.0.0.0/24'], 'spec.cidrs[0]: Invalid value: "fd00::/64": field is immutable'],
    [[], 'spec.cidrs: Required value: at least one CIDR required', 'spec.cidrs: Invalid value: []: field is immutable'],
    [
      ['10.0.0.1/24'],
      'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
      'spec.cidrs[0]: Invalid value: "10.0.0.1/24": field is immutable',
    ],
  ])('cannot become %j', (cidrs, ...messages) => {
    expectRefusals(runUpdate(key, old, changed(old, { 'spec.cidrs': cidrs })).refusals, messages);
  });

  it('has a status of its own', () => {
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    const both = changed(old, { status, 'spec.cidrs': [], 'metadata.labels': { a: 'b' } });
    expect(runUpdate(key, old, both, 'status').object).toEqual({ ...old, status });
  });
});
