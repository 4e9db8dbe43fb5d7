import { type FieldPath, fieldErrors, fieldPath, parseQuantity, quantitySign } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import { checkNonNegative, checkOptionalOneOf, type Errors } from '../../field-checks';
import { validateMetricSpec } from './metric-spec.validation';
import { apiVersionProblem, type ReferenceRules, validateReference } from './object-reference.validation';

type Autoscaler = autoscalingv2.HorizontalPodAutoscaler;

const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;

const emptySpec: autoscalingv2.HorizontalPodAutoscalerSpec = { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 };

/** ValidateHorizontalPodAutoscaler; `old` is what it was before, which it may still be (ValidateHorizontalPodAutoscalerUpdate). */
export function validateAutoscaler(autoscaler: Autoscaler, old?: Autoscaler): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = autoscaler.spec ?? emptySpec;
  const leastReplicas = old?.spec?.minReplicas === 0 ? 0 : 1;
  validateReplicas(errors, spec, path, leastReplicas);
  validateReference(errors, spec.scaleTargetRef, path.child('scaleTargetRef'), targetRules(spec, old?.spec));
  validateMetrics(errors, spec, path.child('metrics'), describedRules(old?.spec));
  const behavior = path.child('behavior');
  validateScalingRules(errors, spec.behavior?.scaleUp, behavior.child('scaleUp'));
  validateScalingRules(errors, spec.behavior?.scaleDown, behavior.child('scaleDown'));
  return errors;
}

function validateReplicas(
  errors: Errors,
  { minReplicas, maxReplicas }: autoscalingv2.HorizontalPodAutoscalerSpec,
  path: FieldPath,
  least: number,
): void {
  if (minReplicas !== undefined && minReplicas < least)
    errors.push(
      fieldErrors.invalid(path.child('minReplicas'), minReplicas, `must be greater than or equal to ${String(least)}`),
    );
  const maxPath = path.child('maxReplicas');
  if (maxReplicas === 0) errors.push(fieldErrors.required(maxPath, 'must be set and greater than 0'));
  else if (maxReplicas < 1) errors.push(fieldErrors.invalid(maxPath, maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(fieldErrors.invalid(maxPath, maxReplicas, 'must be greater than or equal to `minReplicas`'));
}

/** What an autoscaler pointed to before it may go on pointing to; of the core group only one kind can be scaled. */
function targetRules(
  { scaleTargetRef: ref }: autoscalingv2.HorizontalPodAutoscalerSpec,
  old: autoscalingv2.HorizontalPodAutoscalerSpec | undefined,
): ReferenceRules {
  const before = old?.scaleTargetRef;
  const isSameKind =
    before !== undefined && before.kind === ref.kind && (before.apiVersion ?? '') === (ref.apiVersion ?? '');
  if (isSameKind) return 'any';
  return ref.kind === 'ReplicationController' ? 'parsable' : 'with a group';
}

function describedRules(old: autoscalingv2.HorizontalPodAutoscalerSpec | undefined): ReferenceRules {
  const isBroken = (old?.metrics ?? []).some(
    ({ type, object }) =>
      type === 'Object' && object !== undefined && apiVersionProblem(object.describedObject, 'parsable') !== undefined,
  );
  return isBroken ? 'any' : 'parsable';
}

function validateMetrics(
  errors: Errors,
  { metrics = [], minReplicas }: autoscalingv2.HorizontalPodAutoscalerSpec,
  path: FieldPath,
  rules: ReferenceRules,
): void {
  for (const [i, metric] of metrics.entries()) validateMetricSpec(errors, metric, path.index(i), rules);
  // What pods say cannot call the first of them into being.
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(
      fieldErrors.forbidden(
        path,
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    );
}

function validateScalingRules(errors: Errors, rules: autoscalingv2.HPAScalingRules | undefined, path: FieldPath): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const windowPath = path.child('stabilizationWindowSeconds');
  if (window !== undefined && window < 0)
    errors.push(fieldErrors.invalid(windowPath, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > maxWindowSeconds)
    errors.push(fieldErrors.invalid(windowPath, window, `must be less than or equal to ${String(maxWindowSeconds)}`));
  checkOptionalOneOf(errors, path.child('selectPolicy'), selectPolicy, ['Disabled', 'Max', 'Min']);
  const policiesPath = path.child('policies');
  if (policies.length === 0) errors.push(fieldErrors.required(policiesPath, 'must specify at least one Policy'));
  for (const [i, policy] of policies.entries()) validatePolicy(errors, policy, policiesPath.index(i));
  if (tolerance !== undefined && quantitySign(parseQuantity(tolerance)) < 0)
    errors.push(fieldErrors.invalid(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'));
}

function validatePolicy(
  errors: Errors,
  { type, value, periodSeconds }: autoscalingv2.HPAScalingPolicy,
  path: FieldPath,
): void {
  if (type !== 'Pods' && type !== 'Percent')
    errors.push(fieldErrors.notSupported(path.child('type'), type, ['Percent', 'Pods']));
  if (value <= 0) errors.push(fieldErrors.invalid(path.child('value'), value, 'must be greater than zero'));
  const periodPath = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(fieldErrors.invalid(periodPath, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > maxPeriodSeconds)
    errors.push(
      fieldErrors.invalid(periodPath, periodSeconds, `must be less than or equal to ${String(maxPeriodSeconds)}`),
    );
}

/** ValidateHorizontalPodAutoscalerStatusUpdate. */
export function validateAutoscalerStatus(autoscaler: Autoscaler): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  checkNonNegative(errors, path.child('currentReplicas'), autoscaler.status?.currentReplicas);
  checkNonNegative(errors, path.child('desiredReplicas'), autoscaler.status?.desiredReplicas);
  return errors;
}
