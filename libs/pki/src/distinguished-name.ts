import { oid, sequence, set, utf8 } from './der';

/** A name (RFC 5280, 4.1.2.4) of pairs of identifier and text, each in a set of its own. */
export function distinguishedName(parts: readonly (readonly [id: string, value: string])[]): Buffer {
  return sequence(...parts.map(([id, value]) => set(sequence(oid(id), utf8(value)))));
}
