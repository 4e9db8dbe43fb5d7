import { safeText } from './safe-text';
import type { TemplatePatch } from './template-patch';

/** Characters of an object's name that a revision's name has room for (history.ControllerRevisionName). */
const longestPrefix = 223;

export const revisionName = (owner: string, hash: string): string => `${owner.slice(0, longestPrefix)}-${hash}`;

/**
 * FNV-1 over the patch as Go writes it, then over the decimal digits of the collision count (history.HashControllerRevision): the same
 * template has the same name here as there.
 */
export function patchHash(patch: TemplatePatch, collisionCount: number): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${goText(patch)}${String(collisionCount)}`, 'utf8'))
    hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return safeText(String(hash));
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Go escapes what could end a script; outside of strings JSON has none of these. */
const goText = (patch: TemplatePatch): string =>
  JSON.stringify(patch).replace(/[<>&\u2028\u2029]/g, (character) => escapes[character] ?? character);
