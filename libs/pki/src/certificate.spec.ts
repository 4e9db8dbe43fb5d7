import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue, issueFor } from './certificate';
import { readCertificateRequest } from './certificate-request';
import { PkiError } from './pki-error';

const clock = fakeClock(Date.UTC(2026, 5, 1));
const ca = createAuthority({ commonName: 'kubernetes', clock });

describe('certificates', () => {
  it('are read by a strict parser as they were asked for', async () => {
    const leaf = issue(ca, {
      commonName: 'käthe',
      organizations: ['system:nodes', 'other, inc'],
      dnsNames: ['a.example'],
      ipAddresses: ['10.0.0.1', '2001:db8::1'],
      usages: ['server', 'client'],
      clock,
      days: 10,
    });
    const parsed = new x509.X509Certificate(leaf.certPem);
    expect(parsed.subjectName.getField('CN')).toEqual(['käthe']);
    expect(parsed.subjectName.getField('O')).toEqual(['system:nodes', 'other, inc']);
    expect(parsed.issuerName.getField('CN')).toEqual(['kubernetes']);
    expect(parsed.notBefore.toISOString()).toBe('2026-05-31T23:55:00.000Z');
    expect(parsed.notAfter.toISOString()).toBe('2026-06-11T00:00:00.000Z');
    expect(parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
      x509.ExtendedKeyUsage.serverAuth,
      x509.ExtendedKeyUsage.clientAuth,
    ]);
    expect(parsed.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false);
    expect(parsed.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
    );
    expect(parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()).toEqual([
      { type: 'dns', value: 'a.example' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'ip', value: '2001:db8::1' },
    ]);
    const authority = new x509.X509Certificate(ca.certPem);
    expect(await parsed.verify({ publicKey: authority, date: new Date(Date.UTC(2026, 5, 2)) })).toBe(true);
    expect(authority.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(true);
    expect(parsed.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
      authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    );
    expect(new X509Certificate(leaf.certPem).checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
  });

  it('never outlive their authority, and name years past 2049', () => {
    const short = createAuthority({ commonName: 'short', clock, days: 5 });
    const leaf = new X509Certificate(issue(short, { commonName: 'x', usages: ['client'], clock, days: 50 }).certPem);
    expect(Date.parse(leaf.validTo)).toBe(Date.UTC(2026, 5, 6));
    const late = new X509Certificate(createAuthority({ commonName: 'late', clock, days: 365 * 40 }).certPem);
    expect(new Date(late.validTo).getUTCFullYear()).toBe(2066);
  });

  it('have serial numbers of their own', () => {
    const serials = new Set(
      Array.from(
        { length: 50 },
        () => new X509Certificate(createAuthority({ commonName: 'a', clock }).certPem).serialNumber,
      ),
    );
    expect(serials.size).toBe(50);
  });

  it('refuse an address that is none', () => {
    expect(() => issue(ca, { commonName: 'x', usages: ['server'], ipAddresses: ['nope'], clock })).toThrow(
      'not an IP address: nope',
    );
  });
});

describe('readCertificateRequest', () => {
  it('reads what was asked, for which a certificate can be issued', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as never;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }],
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'n1' },
          { type: 'ip', value: '10.0.0.9' },
        ]),
      ],
    });
    const read = await readCertificateRequest(request.toString('pem'));
    expect(read).toMatchObject({
      commonName: 'system:node:n1',
      organizations: ['system:nodes'],
      dnsNames: ['n1'],
      ipAddresses: ['10.0.0.9'],
    });
    const certificate = new X509Certificate(issueFor(ca, read.publicKey, { ...read, usages: ['client'], clock }));
    expect(certificate.publicKey.equals(read.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  });

  it('refuses rubbish', async () => {
    await expect(readCertificateRequest('rubbish')).rejects.toThrow(PkiError);
    await expect(
      readCertificateRequest('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'),
    ).rejects.toThrow(PkiError);
  });
});
