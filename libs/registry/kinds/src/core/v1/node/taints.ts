import { FieldError, type FieldPath, fieldErrors, validateLabelName, validateLabelValue } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOneOf, type Errors } from '../../../field-checks';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `validateNodeTaints`: well formed, and one per key and effect. */
export function validateTaints(errors: Errors, path: FieldPath, taints: readonly corev1.Taint[]): void {
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const taintPath = path.index(index);
    const value = taint.value ?? '';
    errors.push(...validateLabelName(taint.key, taintPath.child('key')));
    const messages = validateLabelValue(value);
    if (messages.length > 0) errors.push(fieldErrors.invalid(taintPath.child('value'), value, messages.join(';')));
    checkOneOf(errors, taintPath.child('effect'), taint.effect, taintEffects);
    const pair = `${taint.effect}\n${taint.key}`;
    if (seen.has(pair)) {
      const shown = { Key: taint.key, Value: value, Effect: taint.effect, TimeAdded: taint.timeAdded ?? null };
      const duplicate = fieldErrors.duplicate(taintPath, shown);
      errors.push(
        new FieldError(
          duplicate.type,
          duplicate.field,
          `${duplicate.body()}: taints must be unique by key and effect pair`,
        ),
      );
    }
    seen.add(pair);
  }
}
