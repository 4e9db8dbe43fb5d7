import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';

/** ValidateFlowSchemaStatus, ValidatePriorityLevelConfigurationStatus: one condition per type, and each has one. */
export function validateConditions(
  errors: Errors,
  path: FieldPath,
  conditions: readonly flowcontrolv1.FlowSchemaCondition[] = [],
): void {
  const seen = new Set<string>();
  for (const [index, { type = '' }] of conditions.entries()) {
    const typePath = path.index(index).child('type');
    if (seen.has(type)) errors.push(fieldErrors.duplicate(typePath, type));
    seen.add(type);
    if (type === '') errors.push(fieldErrors.required(typePath));
  }
}
