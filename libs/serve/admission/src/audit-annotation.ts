import { validateQualifiedName } from '@reckon/api/machinery';
import type { RequestContext } from '@reckon/registry/generic';

/**
 * What a webhook or a policy has to say to the audit log: its key must be a qualified name with a prefix, or it is dropped
 * (k8s.io/apiserver/pkg/admission `checkKeyFormat`). The first value of a key stays.
 */
export function annotateAudit(ctx: Pick<RequestContext, 'annotate'>, key: string, value: string): void {
  if (ctx.annotate === undefined) return;
  if (key.split('/').length === 2 && validateQualifiedName(key).length === 0) ctx.annotate(key, value);
}
