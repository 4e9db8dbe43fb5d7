import { DerReader, derTags } from '@reckon/pki';

/** A name that a certificate is for, or a subtree of such names. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly text: string }
  /** The bytes of an address; in a constraint as many of a mask behind it. */
  | { readonly kind: 'ip'; readonly bytes: Buffer }
  /** Of a kind that crypto/x509 knows nothing of, a directory name among them. */
  | { readonly kind: 'other' };

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** Tags of GeneralName (RFC 5280, 4.2.1.6). */
const kinds: Readonly<Record<number, 'dns' | 'email' | 'uri'>> = { 0x81: 'email', 0x82: 'dns', 0x86: 'uri' };
const ip = 0x87;

/** Of a subject alternative name. Throws `DerError`. */
export function generalNames(extension: Buffer): readonly GeneralName[] {
  const names = new DerReader(new DerReader(extension).take(derTags.sequence, 'generalNames').content);
  const found: GeneralName[] = [];
  while (!names.isAtEnd) found.push(nextName(names));
  return found;
}

/** RFC 5280, 4.2.1.10: permitted subtrees under [0], excluded ones under [1]. Throws `DerError`. */
export function nameConstraints(extension: Buffer): NameConstraints {
  const lists = new DerReader(new DerReader(extension).take(derTags.sequence, 'nameConstraints').content);
  const found = { permitted: [] as GeneralName[], excluded: [] as GeneralName[] };
  while (!lists.isAtEnd) {
    const { tag, content } = lists.next();
    const subtrees = new DerReader(content);
    while (!subtrees.isAtEnd) {
      const base = new DerReader(subtrees.take(derTags.sequence, 'GeneralSubtree').content);
      (tag === 0xa0 ? found.permitted : found.excluded).push(nextName(base));
    }
  }
  return found;
}

function nextName(from: DerReader): GeneralName {
  const { tag, content } = from.next();
  if (tag === ip) return { kind: 'ip', bytes: content };
  const kind = kinds[tag];
  return kind === undefined ? { kind: 'other' } : { kind, text: content.toString('latin1') };
}
