import { DerReader, derTags, oidText } from './der-reader';

/** Tags of the strings that Go's crypto/x509 reads as such: UTF8, Numeric, Printable, T61, IA5, BMP. */
const stringTags: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x1e]);

/**
 * The texts of one kind of part in the subject of a certificate in DER, in order; undefined for one that is no text. For parts that
 * node has no name for. Throws `DerError`.
 */
export function subjectTexts(certificate: Buffer, oid: string): readonly (string | undefined)[] {
  const whole = new DerReader(new DerReader(certificate).take(derTags.sequence, 'certificate').content);
  const fields = new DerReader(whole.take(derTags.sequence, 'tbsCertificate').content);
  // The version, which need not be there, and the serial number; then algorithm, issuer and validity.
  if (fields.next().tag === versionTag) fields.next();
  for (let i = 0; i < 3; i++) fields.take(derTags.sequence, 'RawValue');
  const texts: (string | undefined)[] = [];
  const sets = new DerReader(fields.take(derTags.sequence, 'RawValue').content);
  while (!sets.isAtEnd) {
    const set = new DerReader(sets.take(derTags.set, 'RelativeDistinguishedNameSET').content);
    while (!set.isAtEnd) {
      const pair = new DerReader(set.take(derTags.sequence, 'AttributeTypeAndValue').content);
      if (oidText(pair.take(derTags.oid, 'ObjectIdentifier').content) !== oid) continue;
      const { tag, content } = pair.next();
      texts.push(stringTags.has(tag) ? textOf(tag, content) : undefined);
    }
  }
  return texts;
}

const versionTag = 0xa0;
const bmpTag = 0x1e;

/** A BMPString has two bytes a character, the high one first. */
const textOf = (tag: number, content: Buffer): string =>
  tag === bmpTag
    ? Buffer.from(content)
        .subarray(0, content.length & ~1)
        .swap16()
        .toString('utf16le')
    : content.toString('utf8');
