import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createStrategies, defaultServiceClusterIpRange, defaultServiceNodePorts } from '../../strategies';
import { changed, runCreate, runUpdate, testContext } from '../../testing/run-strategy';

const key = 'certificates.k8s.io/certificatesigningrequests';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What cannot be read says so itself. */
const table = createStrategies({
  serviceClusterIpRange: defaultServiceClusterIpRange,
  serviceNodePorts: defaultServiceNodePorts,
  random: seededRandom(7),
  certificates: {
    requestProblem: (pem) => (pem.startsWith('bad') ? pem : undefined),
    certificatesProblem: (pem) => (pem.startsWith('bad') ? pem : undefined),
  },
});

const given = {
  metadata: { name: 'csr' },
  spec: { request: base64('good'), signerName: 'example.com/signer', usages: ['client auth'] },
};
const make = (changes: Record<string, unknown> = {}) => runCreate(key, changed(given, changes), table);
const old = make().object;
const now = '2026-01-01T00:00:00Z';

type Through = '' | 'status' | 'approval';
const update = (changes: Record<string, unknown>, through: Through, from: object = old) =>
  runUpdate(key, from, changed(from, changes), through, table);

describe('a certificate signing request', () => {
  it.each<[Record<string, unknown>, ...string[]]>([
    [{}],
    [{ 'spec.request': base64('bad PEM') }, `spec.request: Invalid value: "${base64('bad PEM')}": bad PEM`],
    [{ 'spec.usages': [] }, 'spec.usages: Required value'],
    [
      { 'spec.usages': ['eating'] },
      'spec.usages[0]: Unsupported value: "eating": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"',
    ],
    [{ 'spec.usages': ['any', 'signing', 'any'] }, 'spec.usages[2]: Duplicate value: "any"'],
    [
      { 'spec.signerName': '' },
      'spec.signerName: Required value',
      'spec.signerName: Invalid value: "": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
    ],
    [
      { 'spec.signerName': 'kubernetes.io/legacy-unknown' },
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
    [{ 'spec.expirationSeconds': 600 }],
    [
      { 'spec.expirationSeconds': 599 },
      'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('may have any name', () => {
    expect(table.of('certificates.k8s.io', 'certificatesigningrequests')?.strategy.nameRule?.('Ä B', false)).toEqual(
      [],
    );
  });

  it('says who asks, whatever the client says', () => {
    const lies = { 'spec.username': 'root', 'spec.groups': ['system:masters'], 'spec.extra': { a: ['b'] } };
    const { object } = make({ ...lies, 'spec.uid': '0', status: { certificate: base64('x') } });
    expect(object['spec']).toEqual({ ...given.spec, username: 'tester' });
    expect(object['status']).toEqual({});
  });

  it('says all that is known of who asks', () => {
    const user = { name: 'jane', uid: 'u1', groups: ['dev'], extra: { scope: ['a', 'b'] } };
    const object = structuredClone(given) as never;
    table
      .of('certificates.k8s.io', 'certificatesigningrequests')
      ?.strategy.prepareForCreate?.({ ...testContext(), user }, object);
    expect(object).toMatchObject({
      spec: { username: 'jane', uid: 'u1', groups: ['dev'], extra: { scope: ['a', 'b'] } },
    });
  });

  it('never changes what it asks for', () => {
    const changes = {
      'spec.signerName': 'a.b/c',
      'status.conditions': [{ type: 'Approved', status: 'True' }],
      'metadata.labels': { a: 'b' },
    };
    for (const through of ['', 'status', 'approval'] as const)
      expect(update(changes, through).object['spec']).toEqual(old['spec']);
    expect(update(changes, '').object).toMatchObject({ metadata: { labels: { a: 'b' } }, status: {} });
  });
});

const condition = (type: string, further: object = {}): object => ({ type, status: 'True', ...further });
const stamped = (type: string, time = now): object =>
  condition(type, { lastUpdateTime: time, lastTransitionTime: time });

describe('the approval of a request', () => {
  it('says when it was given, and cannot issue anything', () => {
    const { object, refusals } = update(
      { 'status.conditions': [condition('Approved', { reason: 'Good' })], 'status.certificate': base64('x') },
      'approval',
    );
    expect(refusals).toEqual([]);
    expect(object['status']).toEqual({ conditions: [{ ...stamped('Approved'), reason: 'Good' }] });
  });

  it.each<[object[], ...string[]]>([
    [[condition('Approved')]],
    [[condition('Other', { status: 'Unknown' })]],
    [[condition('')], 'status.conditions[0].type: Required value'],
    [[{ type: 'Approved' }], 'status.conditions[0].status: Required value'],
    [
      [{ type: 'Denied', status: 'False' }],
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    ],
    [
      [{ type: 'Other', status: 'Maybe' }],
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    ],
    [
      [condition('Approved'), condition('Denied')],
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ],
    [[condition('Other'), condition('Other')], 'status.conditions[1].type: Duplicate value: "Other"'],
  ])('with %j', (conditions, ...messages) => {
    expect(update({ 'status.conditions': conditions }, 'approval').refusals).toEqual(messages);
  });

  it('cannot be taken back', () => {
    const decided = changed(old, { 'status.conditions': [stamped('Denied'), stamped('Failed')] });
    expect(update({ 'status.conditions': undefined }, 'approval', decided).refusals).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Denied"',
      'status.conditions: Forbidden: updates may not remove a condition of type "Failed"',
    ]);
  });

  it('tolerates what is there', () => {
    const before = [stamped('Approved'), stamped('Denied'), stamped('x'), stamped('x'), stamped('')];
    const odd = changed(old, { 'status.conditions': before });
    expect(update({ 'metadata.labels': { a: 'b' } }, 'approval', odd).refusals).toEqual([]);
    const usages = changed(old, {
      'spec.usages': ['eating', 'eating'],
      'spec.signerName': 'kubernetes.io/legacy-unknown',
    });
    expect(update({}, 'approval', usages).refusals).toEqual([]);
  });
});

describe('the status of a request', () => {
  const approved = changed(old, { 'status.conditions': [stamped('Approved', '2025-01-01T00:00:00Z')] });

  it('has the certificate, once', () => {
    const issued = update({ 'status.certificate': base64('good') }, 'status', approved);
    expect(issued.refusals).toEqual([]);
    expect(update({ 'status.certificate': base64('other') }, 'status', issued.object).refusals).toEqual([
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    ]);
    expect(update({ 'status.certificate': base64('bad') }, 'status', approved).refusals).toEqual([
      'status.certificate: Invalid value: "<certificate data>": bad',
    ]);
  });

  it('cannot be replaced where it was bad already, but may be bad', () => {
    const bad = changed(approved, { 'status.certificate': base64('bad') });
    expect(update({ 'metadata.labels': {} }, 'status', bad).refusals).toEqual([]);
    expect(update({ 'status.certificate': base64('bad too') }, 'status', bad).refusals).toEqual([
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    ]);
  });

  it('leaves decisions as they are', () => {
    const sent = [condition('Failed'), condition('Approved', { reason: 'mine' })];
    expect(update({ 'status.conditions': sent }, 'status', approved).object['status']).toEqual({
      conditions: [stamped('Failed'), stamped('Approved', '2025-01-01T00:00:00Z')],
    });
    expect(update({ 'status.conditions': [condition('Approved')] }, 'status').refusals).toEqual([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
    expect(update({ 'status.conditions': [] }, 'status', approved).refusals).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
  });

  it('keeps the time of a condition that did not change', () => {
    const before = changed(old, { 'status.conditions': [stamped('x', '2025-01-01T00:00:00Z')] });
    expect(update({ 'status.conditions': [condition('x')] }, 'status', before).object['status']).toEqual({
      conditions: [{ ...condition('x'), lastUpdateTime: now, lastTransitionTime: '2025-01-01T00:00:00Z' }],
    });
  });
});
