import { type ObjectMeta, type OwnerReference, jsonEqual } from '@reckon/api/machinery';
import type { RequestContext } from './request-context';

/**
 * Removes equal owner references and warns (apiserver/pkg/endpoints/handlers `dedupOwnerReferencesAndAddWarning`). Runs on what the
 * client sent, and again after admission, each time with its own words.
 */
export function dedupOwnerReferences(ctx: RequestContext, meta: ObjectMeta, when: 'request' | 'admission'): void {
  const references = meta.ownerReferences;
  if (references === undefined || references.length < 2) return;
  const kept: OwnerReference[] = [];
  const duplicates: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => jsonEqual(other, reference))) {
      duplicates.push(reference.uid);
    } else kept.push(reference);
  }
  if (duplicates.length === 0) return;
  meta.ownerReferences = kept;
  const after = when === 'admission' ? ' after mutating admission happens' : '';
  ctx.warn(
    `.metadata.ownerReferences contains duplicate entries${after}; API server dedups owner references in 1.20+, and may reject ` +
      `such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}
