import { createPrivateKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { criticalExtension, der, DerReader, derTags, extension, signedCertificate } from '@reckon/pki';
import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { certificatePool } from './certificate-pool';
import { poolVerifier } from './client-verifier';
import { verifyChain } from './verify-chain';

interface Party {
  readonly pem: string;
  readonly name: string;
  readonly key: KeyObject;
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const ids = { constraints: '2.5.29.19', names: '2.5.29.17', permitted: '2.5.29.30', usages: '2.5.29.37' };
const subject = (name: string): Buffer => der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(name))));
const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });

function certificate(
  name: string,
  by: Pick<Party, 'name' | 'key'> | undefined,
  extensions: readonly Buffer[],
  keys = newKeys(),
): Party {
  const pem = signedCertificate(by?.key ?? keys.privateKey, {
    issuer: subject(by?.name ?? name),
    subject: subject(name),
    publicKey: keys.publicKey,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + 1000,
    extensions,
  });
  return { pem, name, key: keys.privateKey };
}

const isAuthority = (pathLength?: number): Buffer =>
  criticalExtension(
    ids.constraints,
    der.sequence(der.yes, ...(pathLength === undefined ? [] : [der.integer(Buffer.from([pathLength]))])),
  );
const authority = (name: string, by?: Party, ...extensions: readonly Buffer[]): Party =>
  certificate(name, by, extensions.length === 0 ? [isAuthority()] : extensions);
const leaf = (by: Party, ...extensions: readonly Buffer[]): Party => certificate('ann', by, extensions);

const raw = ({ pem }: Party): Buffer => new X509Certificate(pem).raw;

function verdict(end: Party | Buffer, above: readonly Party[], roots: readonly Party[]): unknown {
  try {
    const bytes = Buffer.isBuffer(end) ? end : raw(end);
    const peer = { raw: bytes, subject: {}, verified: false, notBeforeMs: 0, notAfterMs: 0 };
    const { notBeforeMs, notAfterMs } = verifyChain(
      { ...peer, intermediates: () => above.map(raw) },
      certificatePool(roots.map(({ pem }) => pem).join('')),
    );
    return { notBeforeMs, notAfterMs };
  } catch (error) {
    return (error as Error).message;
  }
}

const sound = { notBeforeMs: nowMs, notAfterMs: nowMs + 1000 };
const unknownAuthority = 'x509: certificate signed by unknown authority';

const nothing = der.sequence();
const unheardOf = '1.2.3.4.5';
const dns = (name: string): Buffer => der.implicit(2, Buffer.from(name));
const email = (name: string): Buffer => der.implicit(1, Buffer.from(name));
const uri = (name: string): Buffer => der.implicit(6, Buffer.from(name));
const ip = (...bytes: number[]): Buffer => der.implicit(7, Buffer.from(bytes));
const directory = (name: string): Buffer => der.explicit(4, subject(name));

describe('critical extensions', () => {
  const root = authority('root');

  it.each<readonly [string, Buffer, unknown]>([
    ['one that nobody knows', criticalExtension(unheardOf, nothing), 'x509: unhandled critical extension'],
    ['the same, where it is not critical', extension(unheardOf, nothing), sound],
    ['usages', criticalExtension(ids.usages, der.sequence(der.oid('1.3.6.1.5.5.7.3.2'))), sound],
    ['names', criticalExtension(ids.names, der.sequence(dns('a.example'))), sound],
    [
      'names of a kind that nobody knows',
      criticalExtension(ids.names, der.sequence(directory('x'))),
      'x509: unhandled critical extension',
    ],
    ['the same, where they are not critical', extension(ids.names, der.sequence(directory('x'))), sound],
  ])('%s', (_, held, answer) => {
    expect(verdict(leaf(root, held), [], [root])).toEqual(answer);
  });

  it('an authority with one that nobody knows vouches for nobody', () => {
    const odd = authority('root', undefined, isAuthority(), criticalExtension(unheardOf, nothing));
    expect(verdict(leaf(odd), [], [odd])).toBe(unknownAuthority);
    const between = authority('between', root, isAuthority(), criticalExtension(unheardOf, nothing));
    expect(verdict(leaf(between), [between], [root])).toBe(unknownAuthority);
  });

  it('nor does being an authority oneself excuse it', () => {
    const odd = authority('root', undefined, isAuthority(), criticalExtension(unheardOf, nothing));
    expect(verdict(odd, [], [odd])).toBe('x509: unhandled critical extension');
  });
});

describe('lengths of paths', () => {
  it.each<readonly [number | undefined, unknown]>([
    [undefined, sound],
    [2, sound],
    [1, sound],
    [0, unknownAuthority],
  ])('with one authority in between, where the root allows %s', (length, answer) => {
    const root = authority('root', undefined, isAuthority(length));
    const between = authority('between', root);
    expect(verdict(leaf(between), [between], [root])).toEqual(answer);
  });

  it('none in between are always few enough', () => {
    const root = authority('root', undefined, isAuthority(0));
    expect(verdict(leaf(root), [], [root])).toEqual(sound);
  });
});

describe('names that an authority may sign for', () => {
  const limits = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []): Buffer => {
    const list = (n: number, names: readonly Buffer[]): Buffer[] =>
      names.length === 0 ? [] : [der.explicit(n, Buffer.concat(names.map((name) => der.sequence(name))))];
    return criticalExtension(ids.permitted, der.sequence(...list(0, permitted), ...list(1, excluded)));
  };
  const refusal = (why: string): string =>
    `x509: a root or intermediate certificate is not authorized to sign for this name: ${why}`;
  const outside = (what: string): string => refusal(`${what} is not permitted by any constraint`);

  it.each<readonly [string, Buffer, readonly Buffer[], unknown]>([
    ['no names', limits([dns('a.example')]), [], sound],
    ['the name itself', limits([dns('a.example')]), [dns('A.example')], sound],
    ['a name below it', limits([dns('a.example')]), [dns('x.y.a.example')], sound],
    ['a name that only ends so', limits([dns('a.example')]), [dns('ba.example')], outside('DNS name "ba.example"')],
    [
      'one good name and one bad',
      limits([dns('a.example')]),
      [dns('a.example'), dns('b.example')],
      outside('DNS name "b.example"'),
    ],
    ['below alone', limits([dns('.a.example')]), [dns('a.example')], outside('DNS name "a.example"')],
    ['everything', limits([dns('')]), [dns('b.example')], sound],
    ['names of another kind', limits([dns('a.example')]), [ip(10, 0, 0, 1)], sound],
    [
      'what is excluded',
      limits([], [dns('b.example')]),
      [dns('x.b.example')],
      refusal('DNS name "x.b.example" is excluded by constraint "b.example"'),
    ],
    ['what is not excluded', limits([], [dns('b.example')]), [dns('a.example')], sound],
    [
      'a wildcard over what is excluded',
      limits([], [dns('b.example')]),
      [dns('*.example')],
      refusal('DNS name "*.example" is excluded by constraint "b.example"'),
    ],
    ['an address in the network', limits([ip(10, 0, 0, 0, 255, 0, 0, 0)]), [ip(10, 1, 2, 3)], sound],
    [
      'an address outside',
      limits([ip(10, 0, 0, 0, 255, 0, 0, 0)]),
      [ip(11, 1, 2, 3)],
      outside('IP address "11.1.2.3"'),
    ],
    [
      'an address excluded',
      limits([], [ip(10, 0, 0, 0, 255, 0, 0, 0)]),
      [ip(10, 1, 2, 3)],
      refusal('IP address "10.1.2.3" is excluded by constraint "10.0.0.0/ff000000"'),
    ],
    [
      'an address of another family',
      limits([ip(10, 0, 0, 0, 255, 0, 0, 0)]),
      [ip(...Array<number>(16).fill(0))],
      outside('IP address "::"'),
    ],
    ['a mailbox of the host', limits([email('a.example')]), [email('ann@A.example')], sound],
    [
      'another mailbox',
      limits([email('ann@a.example')]),
      [email('bob@a.example')],
      outside('email address "bob@a.example"'),
    ],
    ['the mailbox itself', limits([email('ann@a.example')]), [email('ann@A.example')], sound],
    [
      'no mailbox',
      limits([email('a.example')]),
      [email('ann')],
      refusal('cannot match email address "ann" against constraints'),
    ],
    ['a URI of the host', limits([uri('.a.example')]), [uri('spiffe://x.a.example:8/ann')], sound],
    [
      'a URI of another host',
      limits([uri('a.example')]),
      [uri('spiffe://a.example@b.example/')],
      outside('URI "spiffe://a.example@b.example/"'),
    ],
    [
      'a URI of an address',
      limits([uri('a.example')]),
      [uri('https://10.0.0.1/')],
      refusal('cannot match URI "https://10.0.0.1/" against constraints'),
    ],
    ['limits that nobody knows', limits([directory('x')]), [], unknownAuthority],
  ])('%s', (_, limit, names, answer) => {
    const root = authority('root', undefined, isAuthority(), limit);
    const held = names.length === 0 ? [] : [extension(ids.names, der.sequence(...names))];
    expect(verdict(leaf(root, ...held), [], [root])).toEqual(answer);
    const between = authority('between', root);
    expect(verdict(leaf(between, ...held), [between], [root])).toEqual(answer);
  });
});

describe('which way is taken', () => {
  it('the one that has nothing wrong with it, in whichever order they come', () => {
    const keys = newKeys();
    const forServers = extension(ids.usages, der.sequence(der.oid('1.3.6.1.5.5.7.3.1')));
    const bad = certificate('root', undefined, [isAuthority(), forServers], keys);
    const good = certificate('root', undefined, [isAuthority()], keys);
    const ann = leaf(good);
    expect(verdict(ann, [], [bad])).toBe('x509: certificate specifies an incompatible key usage');
    expect(verdict(ann, [], [bad, good])).toEqual(sound);
    expect(verdict(ann, [], [good, bad])).toEqual(sound);
  });

  it('none, after a bounded search, where many certificates of one name sign each other', () => {
    const keys = newKeys();
    const ring = Array.from({ length: 12 }, () =>
      certificate('ring', { name: 'ring', key: keys.privateKey }, [isAuthority()], keys),
    );
    const [first] = ring;
    if (first === undefined) throw new Error('an empty ring');
    const started = process.cpuUsage().user;
    expect(verdict(leaf(first), ring, [authority('root')])).toBe(unknownAuthority);
    // Without a bound these are 12 * 11 * ... * 4 signatures, hours of work.
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
  });
});

describe('signatures', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const root = certificate('root', undefined, [isAuthority()], rsa);

  it.each([
    ['SHA-256', 11, 'sha256', sound],
    ['SHA-512', 13, 'sha512', sound],
    ['SHA-1', 5, 'sha1', unknownAuthority],
    ['MD5', 4, 'md5', unknownAuthority],
  ] as const)('with %s', (_, last, hash, answer) => {
    expect(verdict(resigned(raw(leaf(root)), last, hash), [], [root])).toEqual(answer);
  });

  /** Another algorithm in place of SHA-256 with RSA, whose identifier differs in its last byte. */
  function resigned(bytes: Buffer, last: number, hash: string): Buffer {
    const sha256 = der.oid('1.2.840.113549.1.1.11');
    const other = der.oid(`1.2.840.113549.1.1.${String(last)}`);
    const fields = new DerReader(new DerReader(bytes).take(derTags.sequence, 'certificate').content);
    const body = Buffer.from(fields.take(derTags.sequence, 'body').raw);
    other.copy(body, body.indexOf(sha256));
    const signature = sign(hash, body, createPrivateKey(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    return der.sequence(body, der.sequence(other, der.der(0x05)), der.bitString(signature));
  }
});

describe('what is remembered of a certificate', () => {
  it('is not that another connection showed the authorities between', () => {
    const root = authority('root');
    const between = authority('between', root);
    const ann = raw(leaf(between));
    const pool = certificatePool(root.pem);
    const clock = fakeClock(nowMs);
    const verifier = poolVerifier({ authorities: () => pool, clock });
    const peer = { raw: ann, subject: {}, verified: false, notBeforeMs: nowMs, notAfterMs: nowMs + 1000 };
    const connect = (above: readonly Party[]): void =>
      verifier.demand({ ...peer, intermediates: () => above.map(raw) });
    connect([between]);
    expect(() => connect([])).toThrow(unknownAuthority);
    connect([between]);
    clock.jump(2000);
    expect(() => connect([between])).toThrow('x509: certificate has expired or is not yet valid');
  });
});
