import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const key = 'discovery.k8s.io/endpointslices';
const given = {
  metadata: { name: 'web-1', namespace: 'team' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'] }],
  ports: [{ name: 'http', port: 80 }],
};
const address = (text: string, addressType = 'IPv4'): Record<string, unknown> => ({
  addressType,
  endpoints: [{ addresses: [text] }],
});
const hints = (forZones: readonly string[], forNodes: readonly string[] = []): Record<string, unknown> => ({
  'endpoints.0.hints': {
    forZones: forZones.map((name) => ({ name })),
    forNodes: forNodes.map((name) => ({ name })),
  },
});
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index)}`);
const first = 'endpoints[0].addresses[0]';

/** Messages are compared up to the length of what is expected. */
function expectRefusals(refusals: readonly string[], messages: readonly string[]): void {
  expect(refusals.map((text, index) => text.slice(0, messages[index]?.length ?? text.length))).toEqual(messages);
}

describe('an endpoint slice', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ endpoints: null, ports: null }],
    [{ endpoints: [{ addresses: null }] }, 'endpoints[0].addresses: Required value: must contain at least 1 address'],
    [{ addressType: undefined, endpoints: [] }, 'addressType: Required value'],
    [
      { addressType: 'IP', endpoints: [] },
      'addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"',
    ],
    [address('FD00:0::1', 'IPv6')],
    [address('x'), `${first}: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`],
    [address('fd00::1'), `${first}: Invalid value: "fd00::1": must be an IPv4 address`],
    [address('10.0.0.1', 'IPv6'), `${first}: Invalid value: "10.0.0.1": must be an IPv6 address`],
    [address('010.0.0.1'), `${first}: Invalid value: "010.0.0.1": must not have leading 0s`],
    [address('::ffff:10.0.0.1'), `${first}: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address`],
    [address('127.0.0.1'), `${first}: Invalid value: "127.0.0.1": may not be in the loopback range`],
    [address('db.example.com.', 'FQDN')],
    [
      address('localhost', 'FQDN'),
      `${first}: Invalid value: "localhost": should be a domain with at least two segments separated by dots`,
    ],
    [{ 'endpoints.0.addresses': [] }, 'endpoints[0].addresses: Required value: must contain at least 1 address'],
    [
      { 'endpoints.0.addresses': names(101).map((_, index) => `10.0.0.${String(index)}`) },
      'endpoints[0].addresses: Too many: 101: must have at most 100 items',
    ],
    [
      { endpoints: names(1001).map(() => ({ addresses: [] })) },
      'endpoints: Too many: 1001: must have at most 1000 items',
    ],
    [{ 'endpoints.0.hostname': 'No' }, 'endpoints[0].hostname: Invalid value: "No": a lowercase RFC 1123 label must'],
    [
      { 'endpoints.0.nodeName': 'N_' },
      'endpoints[0].nodeName: Invalid value: "N_": a lowercase RFC 1123 subdomain must',
    ],
    [hints(['zone_A', ''], ['n1'])],
    [
      hints(['-', '-'], ['N_']),
      'endpoints[0].hints.forZones[0].name: Invalid value: "-": a valid label must be an empty string',
      'endpoints[0].hints.forZones[1].name: Duplicate value: "-"',
      'endpoints[0].hints.forZones[1].name: Invalid value: "-": a valid label must be an empty string',
      'endpoints[0].hints.forNodes[0].name: Invalid value: "N_": a lowercase RFC 1123 subdomain must',
    ],
    [hints(names(9), ['N_']), 'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
    [hints([], names(9)), 'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items'],
    [{ ports: [{ port: 1 }, { port: 2 }] }, 'ports[1].name: Duplicate value: ""'],
    [
      { 'ports.0': { name: 'A', protocol: 'X', appProtocol: 'a b' } },
      'ports[0].name: Invalid value: "A": a lowercase RFC 1123 label must',
      'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'ports[0].appProtocol: Invalid value: "a b": name part must consist of',
    ],
    [{ ports: names(20_001).map((name) => ({ name })) }, 'ports: Too many: 20001: must have at most 20000 items'],
  ])('with %j', (changes, ...messages) => {
    expectRefusals(runCreate(key, changed(given, changes)).refusals, messages);
  });

  it('names its ports and their protocol', () => {
    expect(runCreate(key, changed(given, { ports: [{ port: 1 }] })).object).toMatchObject({
      metadata: { generation: 1 },
      ports: [{ name: '', port: 1, protocol: 'TCP' }],
    });
  });

  it('keeps what it is a list of', () => {
    const old = runCreate(key, changed(given, { endpoints: [] })).object;
    expect(runUpdate(key, old, changed(old, { addressType: 'IPv6' })).refusals).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ]);
    expect(runUpdate(key, old, changed(old, { ports: [] })).refusals).toEqual([]);
  });

  it('keeps addresses that it had before the rules were strict, while no endpoint changes', () => {
    const old = changed(runCreate(key, given).object, address('010.0.0.1'));
    const { refusals, object, warnings } = runUpdate(key, old, changed(old, { 'metadata.labels': { a: 'b' } }));
    expect(refusals).toEqual([]);
    expect(object.metadata.generation).toBe(2);
    expect(warnings).toEqual([
      `${first}: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"`,
    ]);
    expect(runUpdate(key, old, changed(old, { 'endpoints.1': { addresses: ['10.0.0.2'] } })).refusals).toEqual([
      `${first}: Invalid value: "010.0.0.1": must not have leading 0s`,
    ]);
  });

  it('warns of names, and of odd addresses that no controller wrote', () => {
    expect(runCreate(key, changed(given, address('db.example.com', 'FQDN'))).warnings).toEqual([
      'spec.addressType: FQDN endpoints are deprecated',
    ]);
    const odd = changed(given, address('FD00::1', 'IPv6'));
    expect(runCreate(key, odd).warnings).toEqual([
      `${first}: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")`,
    ]);
    const label = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
    expect(runCreate(key, changed(odd, { 'metadata.labels': label })).warnings).toEqual([]);
  });
});
