import { systemClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { createAuthority } from './certificate';
import { checkCertificates } from './check-certificates';

const { certPem } = createAuthority({ commonName: 'ca', clock: systemClock });
const block = (type: string, body: string): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;

describe('certificates that a signer issued', () => {
  it.each([certPem, `${certPem}${certPem}`, `text\n${certPem}`])('may be one or several', (pem) => {
    expect(() => {
      checkCertificates(pem);
    }).not.toThrow();
  });

  it.each([
    ['rubbish', 'must contain at least one CERTIFICATE PEM block'],
    [block('CERTIFICATE REQUEST', 'AAAA'), 'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"'],
    [certPem.replace('-----\n', '-----\nA: b\n\n'), 'no PEM block headers are permitted'],
    [block('CERTIFICATE', ''), 'found CERTIFICATE PEM block containing 0 certificates'],
    [block('CERTIFICATE', 'AAAA'), 'x509: malformed certificate'],
  ])('cannot be %j', (pem, problem) => {
    expect(() => {
      checkCertificates(pem);
    }).toThrow(problem);
  });
});
