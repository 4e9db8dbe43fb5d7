import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tlsSecretWarnings } from './tls-secret.warnings';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
const time = der(0x17, Buffer.from('260101000000Z'));

/** A certificate of the key as far as anybody looks: its signature is one byte. */
const certificateOf = (key: KeyObject): Buffer =>
  der(
    0x30,
    der(
      0x30,
      der(0x02, Buffer.from([1])),
      ecdsaWithSha256,
      der(0x30),
      der(0x30, time, time),
      der(0x30),
      key.export({ format: 'der', type: 'spki' }),
    ),
    ecdsaWithSha256,
    der(0x03, Buffer.from([0, 1])),
  );
const pem = (type: string, bytes: Uint8Array): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${type}-----\n`;
const pkcs8 = (key: KeyObject): string => pem('PRIVATE KEY', key.export({ format: 'der', type: 'pkcs8' }));

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const x25519 = generateKeyPairSync('x25519');
const ecCertificate = pem('CERTIFICATE', certificateOf(ec.publicKey));
const ecKey = pkcs8(ec.privateKey);

const warningsOf = (certificate: string, key: string, type = 'kubernetes.io/tls'): string[] => {
  const data = {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  };
  return tlsSecretWarnings({ metadata: {}, type, data });
};

describe('the pair of a TLS secret', () => {
  it.each([
    ['EC as PKCS #8', ecCertificate, ecKey],
    [
      'EC as SEC 1 behind its parameters',
      ecCertificate,
      pem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex')) +
        pem('EC PRIVATE KEY', ec.privateKey.export({ format: 'der', type: 'sec1' })),
    ],
    [
      'RSA as PKCS #1',
      pem('CERTIFICATE', certificateOf(rsa.publicKey)),
      pem('RSA PRIVATE KEY', rsa.privateKey.export({ format: 'der', type: 'pkcs1' })),
    ],
    ['Ed25519', pem('CERTIFICATE', certificateOf(ed25519.publicKey)), pkcs8(ed25519.privateKey)],
    ['text around the blocks', `subject: me\n${ecCertificate}`, `a key\n${ecKey.replaceAll('\n', '\r\n')}the end`],
    ['a chain', ecCertificate + pem('CERTIFICATE', Buffer.from('root')), ecKey],
  ])('belongs together: %s', (_name, certificate, key) => {
    expect(warningsOf(certificate, key)).toEqual([]);
  });

  it.each([
    ['', ecKey, 'tls: failed to find any PEM data in certificate input'],
    [
      '-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----',
      ecKey,
      'tls: failed to find any PEM data in certificate input',
    ],
    [
      ecKey,
      ecCertificate,
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [
      ecKey + pem('X', Buffer.from('x')),
      ecKey,
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [PRIVATE KEY X]',
    ],
    [ecCertificate, 'no key', 'tls: failed to find any PEM data in key input'],
    [ecCertificate, ecCertificate, 'tls: found a certificate rather than a key in the PEM for the private key'],
    [
      ecCertificate,
      pem('X', Buffer.from('x')),
      'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [X]',
    ],
    [pem('CERTIFICATE', Buffer.from('x')), ecKey, 'x509: malformed certificate'],
    [ecCertificate, pem('PRIVATE KEY', Buffer.from('x')), 'tls: failed to parse private key'],
    [ecCertificate, pkcs8(rsa.privateKey), 'tls: private key type does not match public key type'],
    [ecCertificate, pkcs8(otherEc.privateKey), 'tls: private key does not match public key'],
    [pem('CERTIFICATE', certificateOf(x25519.publicKey)), ecKey, 'tls: unknown public key algorithm'],
  ])('is told about: case %#', (certificate, key, warning) => {
    expect(warningsOf(certificate, key)).toEqual([warning]);
  });

  it('matters in no secret of another type', () => {
    expect(warningsOf('', '', 'Opaque')).toEqual([]);
  });

  it('is read in one pass, whatever a client sends', () => {
    expect(warningsOf('-----BEGIN A-----\n'.repeat(50_000), '')).toHaveLength(1);
  });
});
