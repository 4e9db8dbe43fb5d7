import { statusErrors } from '@reckon/api/machinery';
import type { Decoded } from './decoder';

export type FieldValidation = '' | 'Ignore' | 'Warn' | 'Strict';

/**
 * What `fieldValidation` makes of unknown and duplicate fields: texts for `Warning` headers (Warn, the default), nothing
 * (Ignore), or a refusal (Strict). Throws StatusError 400.
 */
export function applyFieldValidation(decoded: Decoded, directive: FieldValidation): readonly string[] {
  if (directive === 'Ignore' || decoded.strictErrors.length === 0) return [];
  if (directive !== 'Strict') return decoded.strictErrors;
  const { kind, version } = decoded.gvk;
  throw statusErrors.badRequest(
    `${kind} in version "${version}" cannot be handled as a ${decoded.expected.kind}: strict decoding error: ${decoded.strictErrors.join(', ')}`,
  );
}
