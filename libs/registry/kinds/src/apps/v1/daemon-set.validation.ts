import { type FieldPath, fieldErrors, fieldPath, renderedMap, validateLabelSelector } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import { validatePodTemplate } from '../../core/v1/pod/validation/pod-template';
import { checkNonNegative, type Errors } from '../../field-checks';
import { checkCollisionCount, strategyShape } from './deployment.validation';
import { amountOf, checkAtMostWhole, checkIntOrPercent } from './int-or-percent';
import { checkRunsOn, isEmptySelector, parsedSelector } from './workload-selector';

const strategyTypes = ['RollingUpdate', 'OnDelete'];

/** ValidateDaemonSetSpec. */
export function validateDaemonSet(daemonSet: appsv1.DaemonSet): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = daemonSet.spec ?? { template: {} };
  const template = spec.template ?? {};
  const templatePath = path.child('template');
  const selectorPath = path.child('selector');
  const labels = template.metadata?.labels;
  errors.push(...validateLabelSelector(spec.selector, selectorPath));
  if (parsedSelector(spec.selector)?.matches(labels ?? {}) === false)
    errors.push(
      fieldErrors.invalid(
        templatePath.child('metadata', 'labels'),
        renderedMap(labels),
        '`selector` does not match template `labels`',
      ),
    );
  if (spec.selector && isEmptySelector(spec.selector))
    errors.push(fieldErrors.invalid(selectorPath, spec.selector, 'empty selector is invalid for daemonset'));
  validatePodTemplate(errors, template, templatePath);
  checkRunsOn(errors, templatePath, template, 'DaemonSet');
  checkNonNegative(errors, path.child('minReadySeconds'), spec.minReadySeconds);
  validateUpdateStrategy(errors, spec.updateStrategy ?? {}, path.child('updateStrategy'));
  checkNonNegative(errors, path.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  return errors;
}

function validateUpdateStrategy(errors: Errors, strategy: appsv1.DaemonSetUpdateStrategy, path: FieldPath): void {
  const rolling = strategy.rollingUpdate;
  switch (strategy.type) {
    case 'OnDelete':
      break;
    case 'RollingUpdate':
      if (!rolling) errors.push(fieldErrors.required(path.child('rollingUpdate')));
      else validateRollingUpdate(errors, rolling, path.child('rollingUpdate'));
      break;
    default:
      errors.push(fieldErrors.notSupported(path, strategyShape(strategy), strategyTypes));
  }
}

/** A node's pod is replaced either by taking it away first or by putting another beside it. */
function validateRollingUpdate(errors: Errors, rolling: appsv1.RollingUpdateDaemonSet, path: FieldPath): void {
  const unavailable = rolling.maxUnavailable ?? 0;
  const surge = rolling.maxSurge ?? 0;
  const unavailablePath = path.child('maxUnavailable');
  const surgePath = path.child('maxSurge');
  checkIntOrPercent(errors, unavailablePath, unavailable);
  checkIntOrPercent(errors, surgePath, surge);
  checkAtMostWhole(errors, unavailablePath, unavailable);
  checkAtMostWhole(errors, surgePath, surge);
  const hasUnavailable = amountOf(unavailable) !== 0;
  const hasSurge = amountOf(surge) !== 0;
  if (hasUnavailable && hasSurge)
    errors.push(fieldErrors.invalid(surgePath, surge, 'may not be set when maxUnavailable is non-zero'));
  else if (!hasUnavailable && !hasSurge)
    errors.push(fieldErrors.required(unavailablePath, 'cannot be 0 when maxSurge is 0'));
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const satisfies readonly (keyof appsv1.DaemonSetStatus)[];

/** ValidateDaemonSetStatusUpdate. */
export function validateDaemonSetStatus(daemonSet: appsv1.DaemonSet, old: appsv1.DaemonSet): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  for (const count of counts) checkNonNegative(errors, path.child(count), daemonSet.status?.[count]);
  checkCollisionCount(errors, path, daemonSet.status, old.status);
  return errors;
}
