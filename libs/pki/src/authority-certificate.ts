import { X509Certificate } from 'node:crypto';
import { DerError, DerReader, derTags, oidText } from './der-reader';
import { keyIdentifier } from './signed-certificate';

export interface AuthorityCertificate {
  /** As it stands in the certificate, byte for byte: whoever verifies compares bytes. */
  readonly subject: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly keyIdentifier: Buffer;
}

const subjectKeyIdentifier = '2.5.29.14';

/** What a certificate of somebody's authority says that goes into those that it signs. Throws where it is no certificate. */
export function readAuthority(certPem: string): AuthorityCertificate {
  const certificate = new X509Certificate(certPem);
  const { subject, extensions } = partsOf(certificate.raw);
  return {
    subject,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    keyIdentifier: identifierIn(extensions) ?? keyIdentifier(certificate.publicKey),
  };
}

/** TBSCertificate (RFC 5280, 4.1): version?, serial, algorithm, issuer, validity, subject, key, unique ids?, extensions?. */
function partsOf(der: Buffer): { readonly subject: Buffer; readonly extensions: Buffer | undefined } {
  const whole = new DerReader(new DerReader(der).take(derTags.sequence, 'certificate').content);
  const fields = new DerReader(whole.take(derTags.sequence, 'tbsCertificate').content);
  if (fields.next().tag === 0xa0) fields.next();
  for (const what of ['AlgorithmIdentifier', 'RawValue', 'validity']) fields.take(derTags.sequence, what);
  const subject = fields.take(derTags.sequence, 'RawValue').raw;
  fields.next();
  while (!fields.isAtEnd) {
    const { tag, content } = fields.next();
    if (tag === 0xa3)
      return { subject, extensions: new DerReader(content).take(derTags.sequence, 'extensions').content };
  }
  return { subject, extensions: undefined };
}

function identifierIn(extensions: Buffer | undefined): Buffer | undefined {
  if (extensions === undefined) return undefined;
  const list = new DerReader(extensions);
  while (!list.isAtEnd) {
    const parts = new DerReader(list.take(derTags.sequence, 'Extension').content);
    if (oidText(parts.take(derTags.oid, 'ObjectIdentifier').content) !== subjectKeyIdentifier) continue;
    const { tag, content } = parts.next();
    if (tag !== derTags.octets) throw new DerError('the subject key identifier is not one');
    return new DerReader(content).take(derTags.octets, 'subjectKeyIdentifier').content;
  }
  return undefined;
}
