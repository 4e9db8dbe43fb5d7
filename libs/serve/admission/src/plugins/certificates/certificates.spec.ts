import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../../testing/admission-fixture.suite';

const row = rowOf('certificates.k8s.io', 'v1', 'certificatesigningrequests');
const signerName = 'kubernetes.io/kube-apiserver-client';

/** One value of DER, its content shorter than 64 KiB. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** A request of the organization, in base64 of PEM. */
function requestOf(organization: string): string {
  const keys = generateKeyPairSync('ed25519');
  const name = der(0x31, der(0x30, der(0x06, Buffer.from([0x55, 0x04, 0x0a])), der(0x0c, Buffer.from(organization))));
  const key = keys.publicKey.export({ format: 'der', type: 'spki' });
  const body = der(0x30, der(0x02, Buffer.from([0])), der(0x30, name), key, der(0xa0));
  const algorithm = der(0x30, der(0x06, Buffer.from([0x2b, 0x65, 0x70])));
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign(null, body, keys.privateKey)));
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${whole.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(pem).toString('base64');
}

describe('CertificateSubjectRestriction', () => {
  const create = async (spec: object): Promise<unknown> => {
    const fixture = await admissionFixture();
    const answer = await fixture.ask({ row, namespace: '', object: { metadata: { name: 'bear' }, spec } });
    return typeof answer === 'string' ? answer : 'admitted';
  };
  const refusal = '403 certificatesigningrequests.certificates.k8s.io "bear" is forbidden:';

  it('lets nobody become an administrator', async () => {
    expect(await create({ signerName, request: requestOf('system:masters') })).toBe(
      `${refusal} use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`,
    );
    expect(await create({ signerName, request: requestOf('system:admin') })).toBe('admitted');
  });

  it('does not care about other signers', async () => {
    expect(await create({ signerName: 'a.b/c', request: requestOf('system:masters') })).toBe('admitted');
  });

  it('refuses what it cannot read', async () => {
    expect(await create({ signerName, request: 'eA==' })).toBe(
      `${refusal} failed to parse CSR: PEM block type must be CERTIFICATE REQUEST`,
    );
  });
});

describe('CertificateApproval and CertificateSigning', () => {
  const asked: string[] = [];
  const allowed = new Set<string>();
  let isSlow = false;
  let fixture: AdmissionFixture;
  beforeEach(async () => {
    asked.length = 0;
    allowed.clear();
    isSlow = false;
    fixture = await admissionFixture({
      authorizer: {
        authorize: ({ verb, group, version, resource, name }) => {
          asked.push(`${verb} ${resource}.${group}/${version} ${name}`);
          const decision = { allowed: allowed.has(name), denied: false, reason: '' };
          return isSlow ? Promise.resolve(decision) : decision;
        },
      },
    });
  });

  const oldObject = { metadata: { name: 'csr' }, spec: { signerName: 'a.b/c' }, status: {} };
  const update = async (subresource: string, status: object): Promise<unknown> => {
    // The signer that the client sends is nobody's business.
    const object = { ...oldObject, spec: { signerName: 'mine.io/x' }, status };
    const answer = await fixture.ask({ row, subresource, operation: 'UPDATE', namespace: '', object, oldObject });
    return typeof answer === 'string' ? answer : 'admitted';
  };
  const approved = { conditions: [{ type: 'Approved', status: 'True' }] };

  it.each(['a.b/c', 'a.b/*'])('admit who may use %s', async (right) => {
    allowed.add(right);
    expect(await update('approval', approved)).toBe('admitted');
    expect(await update('status', { certificate: 'YQ==' })).toBe('admitted');
    isSlow = true;
    expect(await update('approval', approved)).toBe('admitted');
  });

  it('refuse everybody else', async () => {
    const refusal = 'certificatesigningrequests.certificates.k8s.io "csr" is forbidden: user not permitted to';
    expect(await update('approval', approved)).toBe(`403 ${refusal} approve requests with signerName "a.b/c"`);
    expect(await update('status', { certificate: 'YQ==' })).toBe(
      `403 ${refusal} sign requests with signerName "a.b/c"`,
    );
    isSlow = true;
    expect(await update('status', approved)).toBe(`403 ${refusal} sign requests with signerName "a.b/c"`);
    expect(asked.slice(0, 2)).toEqual([
      'approve signers.certificates.k8s.io/* a.b/c',
      'approve signers.certificates.k8s.io/* a.b/*',
    ]);
  });

  it('ask nothing where nothing is signed', async () => {
    expect(await update('status', {})).toBe('admitted');
    expect(await update('', approved)).toBe('admitted');
    expect(asked).toEqual([]);
  });
});

describe('DefaultIngressClass', () => {
  const ingresses = rowOf('networking.k8s.io', 'v1', 'ingresses');
  const classes = { group: 'networking.k8s.io', resource: 'ingressclasses' };
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };

  async function classOf(ingress: object, ...names: readonly [name: string, created: string][]): Promise<unknown> {
    const { put, ask } = await admissionFixture();
    await put(classes, { metadata: { name: 'plain', creationTimestamp: '2027-01-01T00:00:00Z' } });
    for (const [name, creationTimestamp] of names)
      await put(classes, { metadata: { name, creationTimestamp, annotations } });
    const admitted = await ask({ row: ingresses, object: { metadata: { name: 'i' }, spec: {}, ...ingress } });
    return typeof admitted === 'string'
      ? admitted
      : (admitted['spec'] as { ingressClassName?: string }).ingressClassName;
  }

  it('is the newest of those that are marked', async () => {
    expect(await classOf({})).toBeUndefined();
    const [a, b, c] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z'];
    expect(await classOf({}, ['a', a], ['c', c], ['b', b])).toBe('b');
  });

  it('is for who names none', async () => {
    const made: [string, string] = ['a', '2026-01-01T00:00:00Z'];
    expect(await classOf({ spec: { ingressClassName: 'mine' } }, made)).toBe('mine');
    const annotated = { metadata: { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'x' } } };
    expect(await classOf(annotated, made)).toBeUndefined();
  });
});
