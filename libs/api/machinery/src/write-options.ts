import { type FieldError, fieldErrors, fieldPath } from './field-error';
import { validateFieldManager } from './field-manager';
import { type QueryValues, queryFlag, queryText } from './query-values';
import { statusErrors } from './status-error';

/** `''` is the default, which is Warn. */
export type FieldValidation = '' | 'Ignore' | 'Warn' | 'Strict';

/** `metav1.CreateOptions` and `UpdateOptions`. */
export interface WriteOptions {
  readonly isDryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

/** `metav1.PatchOptions`. */
export interface PatchOptions extends WriteOptions {
  /** Server-side apply only: take fields over from other managers. */
  readonly force: boolean;
}

/** Decodes and validates `CreateOptions`; throws a 422 `StatusError`. */
export const parseCreateOptions = (query: QueryValues): WriteOptions => parseWriteOptions(query, 'CreateOptions');

/** Decodes and validates `UpdateOptions`; throws a 422 `StatusError`. */
export const parseUpdateOptions = (query: QueryValues): WriteOptions => parseWriteOptions(query, 'UpdateOptions');

function parseWriteOptions(query: QueryValues, kind: string): WriteOptions {
  const { options, errors } = readWriteOptions(query);
  if (errors.length > 0) throw statusErrors.invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return options;
}

/** Decodes and validates `PatchOptions`; throws a 422 `StatusError`. */
export function parsePatchOptions(query: QueryValues, patchType: 'apply' | 'other'): PatchOptions {
  const force = queryFlag(query, 'force');
  const errors: FieldError[] = [];
  if (patchType === 'other') {
    if (force !== undefined) {
      errors.push(fieldErrors.forbidden(fieldPath('force'), 'may not be specified for non-apply patch'));
    }
  } else if (queryText(query, 'fieldManager') === '') {
    errors.push(fieldErrors.required(fieldPath('fieldManager'), 'is required for apply patch'));
  }
  const { options, errors: shared } = readWriteOptions(query);
  errors.push(...shared);
  if (errors.length > 0) throw statusErrors.invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors);
  return { ...options, force: force ?? false };
}

function readWriteOptions(query: QueryValues): { options: WriteOptions; errors: FieldError[] } {
  const dryRun = query.getAll('dryRun');
  const fieldManager = queryText(query, 'fieldManager');
  const fieldValidation = queryText(query, 'fieldValidation');
  const errors = [...validateFieldManager(fieldManager, fieldPath('fieldManager')), ...validateDryRun(dryRun)];
  if (!isFieldValidation(fieldValidation)) {
    errors.push(
      fieldErrors.notSupported(fieldPath('fieldValidation'), fieldValidation, ['', 'Ignore', 'Strict', 'Warn']),
    );
    return { options: { isDryRun: false, fieldManager, fieldValidation: '' }, errors };
  }
  return { options: { isDryRun: dryRun.length > 0, fieldManager, fieldValidation }, errors };
}

const isFieldValidation = (text: string): text is FieldValidation =>
  text === '' || text === 'Ignore' || text === 'Warn' || text === 'Strict';

/** metav1validation.ValidateDryRun: `All` is the only stage there is. */
export function validateDryRun(dryRun: readonly string[]): FieldError[] {
  return dryRun.every((stage) => stage === 'All')
    ? []
    : [fieldErrors.notSupported(fieldPath('dryRun'), dryRun, ['All'])];
}
