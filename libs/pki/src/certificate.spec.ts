import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue } from './certificate';

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
    expect(parsed.notBefore.toISOString()).toBe('2026-05-31T00:00:00.000Z');
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
