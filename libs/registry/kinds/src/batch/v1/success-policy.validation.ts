import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { byteLength, checkNonNegative, type Errors } from '../../field-checks';
import { readIndexes } from './job-indexes';

const maxRules = 20;
const maxIndexesBytes = 64 * 1024;

/** validateSuccessPolicy, for jobs that count their indexes. */
export function validateSuccessPolicy(errors: Errors, spec: batchv1.JobSpec, path: FieldPath): void {
  const rules = spec.successPolicy?.rules ?? [];
  const rulesPath = path.child('rules');
  if (rules.length === 0)
    errors.push(
      fieldErrors.required(rulesPath, 'at least one rules must be specified when the successPolicy is specified'),
    );
  if (rules.length > maxRules) errors.push(fieldErrors.tooMany(rulesPath, rules.length, maxRules));
  for (const [i, rule] of rules.entries()) validateRule(errors, rule, spec.completions, rulesPath.index(i));
}

/** Without completions, which has been refused already, nothing can be said of indexes (upstream panics). */
function validateRule(
  errors: Errors,
  { succeededIndexes, succeededCount }: batchv1.SuccessPolicyRule,
  completions: number | undefined,
  path: FieldPath,
): void {
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(fieldErrors.required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  if (completions === undefined) return;
  let total = 0;
  if (succeededIndexes !== undefined) {
    const indexesPath = path.child('succeededIndexes');
    if (byteLength(succeededIndexes) > maxIndexesBytes) errors.push(fieldErrors.tooLong(indexesPath, maxIndexesBytes));
    const read = readIndexes(succeededIndexes, completions);
    if ('total' in read) total = read.total;
    else
      errors.push(
        fieldErrors.invalid(indexesPath, succeededIndexes, `error parsing succeededIndexes: ${read.problem}`),
      );
  }
  if (succeededCount === undefined) return;
  const countPath = path.child('succeededCount');
  checkNonNegative(errors, countPath, succeededCount);
  const checkAtMost = (most: number, what: string): void => {
    if (succeededCount > most)
      errors.push(
        fieldErrors.invalid(countPath, succeededCount, `must be less than or equal to ${String(most)} (${what})`),
      );
  };
  checkAtMost(completions, 'the number of specified completions');
  if (succeededIndexes !== undefined)
    checkAtMost(total, 'the number of indexes in the specified succeededIndexes field');
}
