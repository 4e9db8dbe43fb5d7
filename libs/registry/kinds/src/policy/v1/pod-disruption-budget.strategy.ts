import { type FieldPath, fieldErrors, fieldPath, validateLabelSelector } from '@reckon/api/machinery';
import type { metav1, policyv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkAtMostWhole, checkIntOrPercent } from '../../apps/v1/int-or-percent';
import { validateConditions } from '../../condition-checks';
import { checkNonNegative, checkOptionalOneOf, type Errors } from '../../field-checks';
import { countSpecChange, keepGeneration } from '../../generation';
import { internalShapes } from '../../internal-shape';
import { keepSpec, keepStatus } from '../../status-keeping';

type Budget = policyv1.PodDisruptionBudget;

const emptyStatus = (): policyv1.PodDisruptionBudgetStatus => ({
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
});

export const podDisruptionBudgetStrategy: Strategy<Budget> = {
  allowUnconditionalUpdate: false,
  prepareForCreate: (_ctx, budget) => {
    budget.status = emptyStatus();
    budget.metadata.generation = 1;
  },
  validate: (_ctx, budget) => validateBudget(budget, false),
  prepareForUpdate: (_ctx, budget, old) => {
    keepStatus(budget, old);
    countSpecChange(budget, old, budget.spec, old.spec);
  },
  // What was stored before label values were checked can still be written.
  validateUpdate: (_ctx, budget, old) => validateBudget(budget, isBadSelector(old.spec?.selector)),
};

export const podDisruptionBudgetStatusStrategy: Strategy<Budget> = {
  allowUnconditionalUpdate: false,
  prepareForUpdate: (_ctx, budget, old) => {
    keepSpec(budget, old);
    keepGeneration(budget, old);
  },
  validateUpdate: (_ctx, budget) => validateStatus(budget.status ?? emptyStatus()),
};

const shapeOf = internalShapes({
  PodDisruptionBudgetSpec: 'MinAvailable:* Selector:* MaxUnavailable:* UnhealthyPodEvictionPolicy:*',
});

/** ValidatePodDisruptionBudgetSpec. */
function validateBudget(budget: Budget, allowInvalidValues: boolean): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = budget.spec ?? {};
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(
      fieldErrors.invalid(
        path,
        shapeOf('PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  checkAmount(errors, path.child('minAvailable'), spec.minAvailable);
  checkAmount(errors, path.child('maxUnavailable'), spec.maxUnavailable);
  errors.push(...validateLabelSelector(spec.selector, path.child('selector'), { allowInvalidValues }));
  checkOptionalOneOf(errors, path.child('unhealthyPodEvictionPolicy'), spec.unhealthyPodEvictionPolicy, [
    'AlwaysAllow',
    'IfHealthyBudget',
  ]);
  return errors;
}

function checkAmount(errors: Errors, path: FieldPath, amount: number | string | undefined): void {
  if (amount === undefined) return;
  checkIntOrPercent(errors, path, amount);
  checkAtMostWhole(errors, path, amount);
}

const isBadSelector = (selector: metav1.LabelSelector | undefined): boolean =>
  validateLabelSelector(selector, fieldPath('selector')).length > 0;

/** ValidatePodDisruptionBudgetStatusUpdate. */
function validateStatus(status: policyv1.PodDisruptionBudgetStatus): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  validateConditions(errors, path.child('conditions'), status.conditions ?? []);
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const)
    checkNonNegative(errors, path.child(field), status[field]);
  return errors;
}
