import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bitString, der, integer, octets, oid, sequence, set, utf8, yes } from './der';
import { CertificateProblem, inspectCertificateRequest } from './inspect-certificate-request';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const pem = (bytes: Buffer, type = 'CERTIFICATE REQUEST'): string =>
  `-----BEGIN ${type}-----\n${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${type}-----\n`;

const attribute = (type: string, value: Buffer): Buffer => set(sequence(oid(type), value));
const nul = der(0x05);

function bodyOf({ publicKey }: Pair, ...names: readonly Buffer[]): Buffer {
  const key = publicKey.export({ format: 'der', type: 'spki' });
  return sequence(integer(Buffer.from([0])), sequence(...names), key, der(0xa0));
}

const subject = [
  attribute('2.5.4.10', utf8('dev')),
  attribute('2.5.4.10', utf8('ops')),
  attribute('2.5.4.3', utf8('jane')),
];

interface Scheme {
  readonly keys: Pair;
  readonly algorithm: Buffer;
  readonly hash: string | null;
  readonly pss?: boolean;
  readonly mismatch: string;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nul);

const schemes: Readonly<Record<string, Scheme>> = {
  rsa: {
    keys: rsa,
    algorithm: sequence(oid('1.2.840.113549.1.1.11'), nul),
    hash: 'sha256',
    mismatch: 'crypto/rsa: verification error',
  },
  'rsa-pss': {
    keys: rsa,
    algorithm: sequence(oid('1.2.840.113549.1.1.10'), sequence(der(0xa0, sha256))),
    hash: 'sha256',
    pss: true,
    mismatch: 'crypto/rsa: verification error',
  },
  ecdsa: {
    keys: ec,
    algorithm: sequence(oid('1.2.840.10045.4.3.2')),
    hash: 'sha256',
    mismatch: 'x509: ECDSA verification failure',
  },
  ed25519: {
    keys: ed,
    algorithm: sequence(oid('1.3.101.112')),
    hash: null,
    mismatch: 'x509: Ed25519 verification failure',
  },
};

function requestOf({ keys, algorithm, hash, pss = false }: Scheme, signed: Pair = keys): Buffer {
  const body = bodyOf(keys, ...subject);
  const key = pss ? { key: signed.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING } : signed.privateKey;
  return sequence(body, algorithm, bitString(sign(hash, body, key)));
}

const problemOf = (look: () => unknown): string => {
  try {
    look();
    return '';
  } catch (error) {
    if (error instanceof CertificateProblem) return error.message;
    throw error;
  }
};

describe('a certificate request', () => {
  it.each(Object.entries(schemes))('signed by %s says who asks', (_name, scheme) => {
    const request = inspectCertificateRequest(`some text\n${pem(requestOf(scheme))}more\n`);
    expect(request).toMatchObject({ commonName: 'jane', organizations: ['dev', 'ops'] });
    expect(() => {
      request.checkSignature();
    }).not.toThrow();
  });

  it.each(Object.entries(schemes))('that %s signed otherwise is refused', (_name, scheme) => {
    const bytes = requestOf(scheme);
    // The name is the first thing that is signed: `jane` becomes `jine`.
    bytes[bytes.indexOf('jane') + 1] = 'i'.charCodeAt(0);
    const request = inspectCertificateRequest(pem(bytes));
    expect(request.commonName).toBe('jine');
    expect(problemOf(() => request.checkSignature())).toBe(scheme.mismatch);
  });

  it('names no algorithm that nobody knows, nor that of another key', () => {
    const check = (algorithm: Buffer): string => {
      const body = bodyOf(ed);
      const bytes = sequence(body, algorithm, bitString(sign(null, body, ed.privateKey)));
      const request = inspectCertificateRequest(pem(bytes));
      return problemOf(() => request.checkSignature());
    };
    expect(check(sequence(oid('1.2.3.4')))).toBe('x509: cannot verify signature: algorithm unimplemented');
    expect(check(sequence(oid('1.2.840.10045.4.3.2')))).toContain('but have public key of type ed25519.PublicKey');
  });

  it('may say its name in two bytes a character', () => {
    const name = attribute('2.5.4.3', der(0x1e, Buffer.from('äöü', 'utf16le').swap16()));
    const body = bodyOf(ed, name);
    const bytes = sequence(body, sequence(oid('1.3.101.112')), bitString(sign(null, body, ed.privateKey)));
    expect(inspectCertificateRequest(pem(bytes)).commonName).toBe('äöü');
  });
});

describe('what is no certificate request', () => {
  const good = requestOf(schemes['ed25519'] as Scheme);
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at] = byte;
    return copy;
  };
  it.each<[string, string, string]>([
    ['rubbish', 'rubbish', 'PEM block type must be CERTIFICATE REQUEST'],
    ['nothing', '', 'PEM block type must be CERTIFICATE REQUEST'],
    ['a certificate', pem(good, 'CERTIFICATE'), 'PEM block type must be CERTIFICATE REQUEST'],
    ['an empty block', pem(Buffer.alloc(0)), 'asn1: syntax error: sequence truncated'],
    ['a text', pem(Buffer.from('hello world')), "asn1: structure error: tags don't match (16 vs {class:1 tag:8"],
    ['half of one', pem(good.subarray(0, 40)), 'asn1: syntax error: data truncated'],
    ['more than one', pem(Buffer.concat([good, Buffer.from([5, 0])])), 'asn1: syntax error: trailing data'],
    ['one byte', pem(good.subarray(0, 1)), 'asn1: syntax error: truncated tag or length'],
    ['one without an end', pem(changed(1, 0x80)), 'asn1: syntax error: indefinite length found (not DER)'],
    ['a long tag', pem(changed(0, 0x3f)), 'asn1: syntax error: truncated base 128 integer'],
    ['an empty sequence', pem(sequence()), 'asn1: syntax error: sequence truncated'],
    [
      'a long way to say a short length',
      pem(Buffer.from([0x30, 0x81, 1, 0])),
      'asn1: structure error: non-minimal length',
    ],
    [
      'zeros before a length',
      pem(Buffer.from([0x30, 0x82, 0, 1, 0])),
      'asn1: structure error: superfluous leading zeros in length',
    ],
    [
      'an endless length',
      pem(Buffer.from([0x30, 0x84, 255, 255, 255, 255])),
      'asn1: structure error: length too large',
    ],
    [
      'one without a key',
      pem(
        sequence(
          sequence(
            integer(Buffer.from([0])),
            sequence(),
            sequence(sequence(oid('1.2.3')), bitString(Buffer.from([0]))),
            der(0xa0),
          ),
          sequence(oid('1.3.101.112')),
          bitString(Buffer.from([0])),
        ),
      ),
      'x509: failed to parse public key',
    ],
  ])('%s', (_name, text, problem) => {
    expect(problemOf(() => inspectCertificateRequest(text))).toContain(problem);
  });
});

const extensionRequest = '1.2.840.113549.1.9.14';
const alternativeName = '2.5.29.17';
const namesOf = (...names: readonly Buffer[]): Buffer => sequence(oid(alternativeName), octets(sequence(...names)));
const requesting = (...extensions: readonly Buffer[]): Buffer =>
  sequence(oid(extensionRequest), set(sequence(...extensions)));
const requestWith = (...attributes: readonly Buffer[]): string => {
  const spki = ed.publicKey.export({ format: 'der', type: 'spki' });
  const body = sequence(integer(Buffer.from([0])), sequence(), spki, der(0xa0, ...attributes));
  return pem(sequence(body, sequence(oid('1.3.101.112')), bitString(sign(null, body, ed.privateKey))));
};

describe('the names that a request asks for', () => {
  const dns = der(0x82, Buffer.from('a.b'));
  it.each<[string, Buffer[], object]>([
    ['none', [], { dnsNames: [], ipAddresses: [] }],
    ['two of one kind', [requesting(namesOf(dns, der(0x82, Buffer.from('c'))))], { dnsNames: ['a.b', 'c'] }],
    [
      'behind a critical mark',
      [requesting(sequence(oid(alternativeName), yes, octets(sequence(dns))))],
      { dnsNames: ['a.b'] },
    ],
    [
      'beside other attributes',
      [sequence(oid('1.2.3'), set(utf8('x'))), requesting(namesOf(dns))],
      { dnsNames: ['a.b'] },
    ],
    ['beside what is no attribute', [utf8('rubbish'), requesting(namesOf(dns))], { dnsNames: ['a.b'] }],
    ['of kinds that are not kept', [requesting(namesOf(der(0xa4, sequence()), dns))], { dnsNames: ['a.b'] }],
  ])('are read: %s', (_name, attributes, names) => {
    expect(inspectCertificateRequest(requestWith(...attributes))).toMatchObject(names);
  });

  it.each<[string, Buffer[], string]>([
    [
      'an address of five bytes',
      [requesting(namesOf(der(0x87, Buffer.alloc(5))))],
      'x509: cannot parse IP address of length 5',
    ],
    ['a name with an umlaut', [requesting(namesOf(der(0x82, Buffer.from('ä'))))], 'x509: SAN dNSName is malformed'],
    ['mail with an umlaut', [requesting(namesOf(der(0x81, Buffer.from('ä'))))], 'x509: SAN rfc822Name is malformed'],
    ['a URI that is none', [requesting(namesOf(der(0x86, Buffer.from('::'))))], 'x509: cannot parse URI "::"'],
    [
      'the extension twice',
      [requesting(namesOf(dns), namesOf(dns))],
      'x509: certificate request contains duplicate requested extensions',
    ],
    [
      'it in two attributes',
      [requesting(namesOf(dns)), requesting(namesOf(dns))],
      'x509: certificate request contains duplicate requested extensions',
    ],
    [
      'extensions that are none',
      [sequence(oid(extensionRequest), set(utf8('x')))],
      "asn1: structure error: tags don't match",
    ],
  ])('are refused: %s', (_name, attributes, problem) => {
    expect(problemOf(() => inspectCertificateRequest(requestWith(...attributes)))).toContain(problem);
  });
});
