import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createAuthority, type Credential } from './certificate';
import { createCertificateRequest } from './create-certificate-request';
import { CertificateProblem, inspectCertificateRequest } from './inspect-certificate-request';
import { privateKeyPem } from './key-pair';
import { signRequest } from './sign-request';

const clock = fakeClock(Date.UTC(2026, 5, 1));
const ca = createAuthority({ commonName: 'kubernetes', clock });
const hourMs = 60 * 60 * 1000;
const node = { commonName: 'system:node:n1', organizations: ['system:nodes', 'more, of'] };
const sign = (
  pem: string,
  terms: { usages?: readonly string[]; lifetimeMs?: number } = {},
  authority: Credential = ca,
): string =>
  signRequest(authority, inspectCertificateRequest(pem), {
    usages: ['digital signature', 'key encipherment', 'client auth'],
    lifetimeMs: 24 * hourMs,
    clock,
    ...terms,
  });

const keys: Readonly<Record<string, { readonly privateKey: KeyObject }>> = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
};
const key = keys['P-256']!.privateKey;

describe('a certificate for a request', () => {
  it.each(Object.entries(keys))('with a key of %s is what was asked for, as others read it', async (_name, pair) => {
    const wish = { ...node, dnsNames: ['n1', '*.n1.example'], ipAddresses: ['10.0.0.9', '2001:db8::9'] };
    const pem = createCertificateRequest(pair.privateKey, wish);
    const asked = new x509.Pkcs10CertificateRequest(pem);
    expect(await asked.verify()).toBe(true);
    expect(inspectCertificateRequest(pem)).toMatchObject({ ...wish, emailAddresses: [], uris: [] });

    const text = sign(pem, { usages: ['client auth', 'server auth', 'digital signature'] });
    const read = new x509.X509Certificate(text);
    expect(read.subjectName.getField('CN')).toEqual(['system:node:n1']);
    expect(read.subjectName.getField('O')).toEqual(['system:nodes', 'more, of']);
    expect(read.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: 'dns', value: 'n1' },
      { type: 'dns', value: '*.n1.example' },
      { type: 'ip', value: '10.0.0.9' },
      { type: 'ip', value: '2001:db8::9' },
    ]);
    expect(read.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false);
    expect(read.getExtension(x509.KeyUsagesExtension)?.usages).toBe(x509.KeyUsageFlags.digitalSignature);
    expect(read.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
      x509.ExtendedKeyUsage.serverAuth,
      x509.ExtendedKeyUsage.clientAuth,
    ]);
    const certificate = new X509Certificate(text);
    expect(certificate.checkPrivateKey(pair.privateKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(ca.certPem))).toBe(true);
  });

  it('reads what another library asks for', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const pair = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as never;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ C: ['DE'] }, { O: ['b', 'a'] }, { CN: ['first'] }, { CN: ['jane'] }, { DC: ['left out'] }],
      keys: pair,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 3, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        new x509.SubjectAlternativeNameExtension([
          { type: 'email', value: 'jane@example.com' },
          { type: 'url', value: 'spiffe://cluster/jane' },
        ]),
      ],
    });
    const inspected = inspectCertificateRequest(request.toString('pem'));
    expect(inspected).toMatchObject({
      commonName: 'jane',
      organizations: ['b', 'a'],
      emailAddresses: ['jane@example.com'],
      uris: ['spiffe://cluster/jane'],
    });
    const read = new x509.X509Certificate(sign(request.toString('pem')));
    expect(read.subject).toBe('C=DE, O=b, O=a, CN=jane');
    // What would have made it an authority is not taken over.
    expect(read.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false);
    expect(read.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
    );
    expect(read.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: 'email', value: 'jane@example.com' },
      { type: 'url', value: 'spiffe://cluster/jane' },
    ]);
  });

  it.each<[string, number, number]>([
    ['ten minutes', 10 / 60, 10 / 60],
    ['just under eight hours', 7.99, 7.99],
    ['eight hours, less what it is backdated', 8, 8 - 5 / 60],
    ['a year, less the same', 365 * 24, 365 * 24 - 5 / 60],
    ['no longer than its authority', 20 * 365 * 24, 3650 * 24],
  ])('lives %s', (_name, hours, lives) => {
    const certificate = new X509Certificate(
      sign(createCertificateRequest(key, { commonName: 'x' }), { lifetimeMs: hours * hourMs }),
    );
    expect(Date.parse(certificate.validFrom)).toBe(clock.wallMs() - 5 * 60_000);
    expect(Date.parse(certificate.validTo)).toBe(clock.wallMs() + lives * hourMs);
  });

  it.each<[string[], number | undefined, string[]]>([
    [['any'], undefined, ['2.5.29.37.0']],
    [['decipher only', 'key agreement'], 0x110, []],
    [['signing', 'cert sign', 'crl sign'], 0x61, []],
    [['s/mime', 'email protection'], undefined, ['1.3.6.1.5.5.7.3.4']],
    [['netscape sgc', 'timestamping'], undefined, ['1.3.6.1.5.5.7.3.8', '2.16.840.1.113730.4.1']],
  ])('is for %j', (usages, flags, extended) => {
    const read = new x509.X509Certificate(sign(createCertificateRequest(key, { commonName: 'x' }), { usages }));
    expect(read.getExtension(x509.KeyUsagesExtension)?.usages).toBe(flags);
    expect(read.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []).toEqual(extended);
  });

  it.each([
    [
      'RSA',
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        publicExponent: new Uint8Array([1, 0, 1]),
        modulusLength: 2048,
      },
    ],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
    ['Ed25519', { name: 'Ed25519' }],
  ])('is signed by the key of the authority, %s, under its name to the byte', async (_name, algorithm) => {
    const pair = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ C: ['DE'] }, { O: ['Ä & Co', 'two'] }, { OU: ['it'] }, { CN: ['corp ca'] }, { E: ['a@b.c'] }],
      keys: pair,
      signingAlgorithm: algorithm,
      notBefore: new Date(clock.wallMs() - hourMs),
      notAfter: new Date(clock.wallMs() + 1000 * hourMs),
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    const key8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey));
    const keyPem = privateKeyPem(createPrivateKey({ key: key8, format: 'der', type: 'pkcs8' }));
    const text = sign(
      createCertificateRequest(key, { commonName: 'x' }),
      {},
      { certPem: made.toString('pem'), keyPem },
    );
    const issuer = new X509Certificate(made.toString('pem'));
    expect(new X509Certificate(text).checkIssued(issuer)).toBe(true);
    expect(new X509Certificate(text).verify(issuer.publicKey)).toBe(true);
  });

  it('is not given by an authority that has expired, nor to who does not hold the key', () => {
    const pem = createCertificateRequest(key, node);
    const late = { ...clock, wallMs: () => clock.wallMs() + 3651 * 24 * hourMs };
    expect(() =>
      signRequest(ca, inspectCertificateRequest(pem), { usages: ['client auth'], lifetimeMs: hourMs, clock: late }),
    ).toThrow('refusing to sign a certificate that expired in the past: NotAfter=2036-05-29T00:00:00.000Z');

    const der = Buffer.from(pem.replace(/-.*-|\s/g, ''), 'base64');
    der[der.indexOf('system:node:n1') + 13] = '2'.charCodeAt(0);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    expect(() => sign(forged)).toThrow(CertificateProblem);
    expect(privateKeyPem(key)).not.toContain('system:node');
  });
});
