import type { KubeObject } from '@reckon/api/machinery';
import type { RequestContext } from '@reckon/registry/generic';

/**
 * What somebody asked from outside made of `metadata.managedFields` must be readable, or they stay as they were and the client is
 * warned (managedfields `managedFieldsValidatingAdmissionController`). Taking them all away is fine.
 */
export function keepManagedFields(before: KubeObject, changed: KubeObject, ctx: Pick<RequestContext, 'warn'>): void {
  const { metadata } = changed;
  const problem = (metadata.managedFields ?? []).map(problemOf).find((text) => text !== undefined);
  if (problem === undefined) return;
  if (before.metadata.managedFields === undefined) delete metadata.managedFields;
  else metadata.managedFields = before.metadata.managedFields;
  ctx.warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${problem}`,
  );
}

type Entry = NonNullable<KubeObject['metadata']['managedFields']>[number];

/** managedfields/internal `DecodeManagedFields` */
function problemOf({ operation, fieldsType, fieldsV1 }: Entry): string | undefined {
  if (operation !== 'Apply' && operation !== 'Update') return `invalid operation type: ${String(operation)}`;
  if (fieldsType !== 'FieldsV1') return `unsupported fieldsType "${String(fieldsType)}"`;
  return typeof fieldsV1 === 'object' && fieldsV1 !== null ? undefined : 'invalid fieldsV1';
}
