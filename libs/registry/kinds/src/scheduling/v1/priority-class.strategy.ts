import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { schedulingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkOneOf, type Errors, immutableMessage } from '../../field-checks';
import { keepGeneration } from '../../generation';

export const preemptionPolicies = ['PreemptLowerPriority', 'Never'];

/** scheduling.HighestUserDefinablePriority; above it only the system's own classes stand. */
const highestUserPriority = 1_000_000_000;
const systemPrefix = 'system-';
const systemClasses: readonly { readonly name: string; readonly value: number }[] = [
  { name: 'system-node-critical', value: 2_000_001_000 },
  { name: 'system-cluster-critical', value: 2_000_000_000 },
];

export const priorityClassStrategy: Strategy<schedulingv1.PriorityClass> = {
  allowUnconditionalUpdate: true,
  defaults: (priorityClass) => {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareForCreate: (_ctx, priorityClass) => {
    priorityClass.metadata.generation = 1;
  },
  validate: (_ctx, priorityClass) => {
    const errors: Errors = [];
    const name = priorityClass.metadata.name ?? '';
    if (name.startsWith(systemPrefix)) {
      const reason = systemClassProblem(priorityClass);
      if (reason !== undefined)
        errors.push(
          fieldErrors.forbidden(
            fieldPath('metadata', 'name'),
            `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${reason}`,
          ),
        );
    } else if (priorityClass.value > highestUserPriority)
      errors.push(
        fieldErrors.forbidden(
          fieldPath('value'),
          `maximum allowed value of a user defined priority is ${String(highestUserPriority)}`,
        ),
      );
    if (priorityClass.preemptionPolicy !== undefined)
      checkOneOf(errors, fieldPath('preemptionPolicy'), priorityClass.preemptionPolicy, preemptionPolicies);
    return errors;
  },
  prepareForUpdate: (_ctx, priorityClass, old) => keepGeneration(priorityClass, old),
  validateUpdate: (_ctx, priorityClass, old) => {
    const errors: Errors = [];
    if (priorityClass.value !== old.value)
      errors.push(fieldErrors.forbidden(fieldPath('value'), 'may not be changed in an update.'));
    if (priorityClass.preemptionPolicy !== old.preemptionPolicy)
      errors.push(fieldErrors.invalid(fieldPath('preemptionPolicy'), priorityClass.preemptionPolicy, immutableMessage));
    return errors;
  },
};

/** pkg/apis/scheduling/v1.IsKnownSystemPriorityClass. */
function systemClassProblem({ metadata, value, globalDefault }: schedulingv1.PriorityClass): string | undefined {
  const known = systemClasses.find(({ name }) => name === metadata.name);
  if (known === undefined) return `${metadata.name ?? ''} is not a known system priority class`;
  if (known.value !== value) return `value of ${known.name} PriorityClass must be ${String(known.value)}`;
  if (globalDefault === true) return `globalDefault of ${known.name} PriorityClass must be false`;
  return undefined;
}
