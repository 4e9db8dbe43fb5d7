import { DerReader, derTags, oidText } from './der-reader';

export interface CertificateExtension {
  /** Dotted. */
  readonly id: string;
  readonly isCritical: boolean;
  /** What stands in its octets, DER itself. */
  readonly value: Buffer;
}

export interface CertificateParts {
  /** As it stands in the certificate, byte for byte: whoever verifies compares bytes. */
  readonly subject: Buffer;
  readonly extensions: readonly CertificateExtension[];
  /** What it is signed with: identifier, and its parameters in DER where there are any. */
  readonly signature: { readonly algorithm: string; readonly parameters: Buffer };
}

const boolean = 0x01;

/**
 * TBSCertificate (RFC 5280, 4.1): version?, serial, algorithm, issuer, validity, subject, key, unique ids?, extensions?. Throws
 * `DerError`.
 */
export function certificateParts(raw: Buffer): CertificateParts {
  const whole = new DerReader(new DerReader(raw).take(derTags.sequence, 'certificate').content);
  const fields = new DerReader(whole.take(derTags.sequence, 'tbsCertificate').content);
  if (fields.next().tag === 0xa0) fields.next();
  for (const what of ['AlgorithmIdentifier', 'RawValue', 'validity']) fields.take(derTags.sequence, what);
  const subject = fields.take(derTags.sequence, 'RawValue').raw;
  fields.next();
  let extensions: readonly CertificateExtension[] = [];
  while (!fields.isAtEnd) {
    const { tag, content } = fields.next();
    if (tag === 0xa3) extensions = extensionsIn(new DerReader(content).take(derTags.sequence, 'extensions').content);
  }
  const algorithm = new DerReader(whole.take(derTags.sequence, 'AlgorithmIdentifier').content);
  return {
    subject,
    extensions,
    signature: {
      algorithm: oidText(algorithm.take(derTags.oid, 'ObjectIdentifier').content),
      parameters: algorithm.isAtEnd ? Buffer.alloc(0) : algorithm.next().raw,
    },
  };
}

function extensionsIn(content: Buffer): CertificateExtension[] {
  const list = new DerReader(content);
  const extensions: CertificateExtension[] = [];
  while (!list.isAtEnd) {
    const parts = new DerReader(list.take(derTags.sequence, 'Extension').content);
    const id = oidText(parts.take(derTags.oid, 'ObjectIdentifier').content);
    let value = parts.next();
    const isCritical = value.tag === boolean && value.content[0] !== 0;
    if (value.tag === boolean) value = parts.next();
    extensions.push({ id, isCritical, value: value.content });
  }
  return extensions;
}
