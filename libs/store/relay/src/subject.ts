import { createHash } from 'node:crypto';
import { parseKey } from '@reckon/store/contract';

/** A control line of the server's protocol has 4,096 bytes; four parts and a reply address must fit it. */
const longestToken = 768;

/**
 * `reckon.apps.deployments.default.web`, `reckon.core.nodes._.n1`: five tokens after the prefix's, each percent-encoded, so that
 * dots, wildcards and spaces of a name stay within its token (`decodeURIComponent` gives it back).
 */
export function subjectOf(prefix: string, key: string): string {
  const { group, resource, namespace, name } = parseKey(key);
  const scope = namespace === '' ? '_' : encodeToken(namespace);
  return `${prefix}.${encodeToken(group === '' ? 'core' : group)}.${encodeToken(resource)}.${scope}.${encodeToken(name)}`;
}

/** Where markers of compacted history go. No object's subject has so few tokens. */
export const compactedSubject = (prefix: string): string => `${prefix}.compacted`;

/** A name that is too long for a subject stands there as its hash; the event's `subject` has it in full. */
function encodeToken(text: string): string {
  const encoded = encodeURIComponent(text).replace(
    /[.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length <= longestToken) return encoded;
  // A tilde is always encoded otherwise, so no name can pose as another's hash.
  return `~sha256-${createHash('sha256').update(text).digest('hex')}`;
}
