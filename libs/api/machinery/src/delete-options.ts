import { type FieldError, fieldErrors, fieldPath } from './field-error';
import { type QueryValues, queryFlag, queryNumber, queryText } from './query-values';
import { statusErrors } from './status-error';
import { validateDryRun } from './write-options';

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan';

/** `metav1.DeleteOptions` as it stands in a body. */
export interface DeleteOptionsObject {
  readonly gracePeriodSeconds?: number | null;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | null;
  readonly orphanDependents?: boolean | null;
  readonly propagationPolicy?: string | null;
  readonly dryRun?: readonly string[] | null;
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean | null;
}

/** Validated; what is undefined was not said. */
export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
  readonly orphanDependents: boolean | undefined;
  readonly propagationPolicy: PropagationPolicy | undefined;
  readonly isDryRun: boolean;
}

/**
 * From the query: read only where the request has no body. `uid` and `resourceVersion` are preconditions
 * (metav1 `Convert_url_Values_To_v1_DeleteOptions`). Throws a `StatusError` (400 or 422).
 */
export function parseDeleteOptions(query: QueryValues): DeleteOptions {
  const gracePeriodSeconds = queryNumber(query, 'gracePeriodSeconds');
  const uid = queryText(query, 'uid');
  const resourceVersion = queryText(query, 'resourceVersion');
  return deleteOptionsFromObject({
    gracePeriodSeconds: gracePeriodSeconds ?? null,
    preconditions: { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) },
    orphanDependents: queryFlag(query, 'orphanDependents') ?? null,
    propagationPolicy: query.get('propagationPolicy'),
    dryRun: query.getAll('dryRun'),
  });
}

/** From a decoded body. Throws a 422 `StatusError`. */
export function deleteOptionsFromObject(object: DeleteOptionsObject): DeleteOptions {
  const errors = validateDeleteOptions(object);
  if (errors.length > 0) throw statusErrors.invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const policy = object.propagationPolicy ?? undefined;
  return {
    gracePeriodSeconds: object.gracePeriodSeconds ?? undefined,
    preconditions: object.preconditions ?? {},
    orphanDependents: object.orphanDependents ?? undefined,
    propagationPolicy: isPolicy(policy) ? policy : undefined,
    isDryRun: (object.dryRun ?? []).length > 0,
  };
}

/** metav1validation.ValidateDeleteOptions. */
export function validateDeleteOptions(object: DeleteOptionsObject): FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('propagationPolicy');
  const policy = object.propagationPolicy ?? undefined;
  if (object.orphanDependents != null && policy !== undefined) {
    errors.push(fieldErrors.invalid(path, policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== undefined && !isPolicy(policy)) {
    errors.push(fieldErrors.notSupported(path, policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  errors.push(...validateDryRun(object.dryRun ?? []));
  return errors;
}

const isPolicy = (text: string | undefined): text is PropagationPolicy =>
  text === 'Foreground' || text === 'Background' || text === 'Orphan';
