import { type FieldPath, fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import { checkNonNegative, type Errors, immutableMessage } from '../../field-checks';
import { amountOf, checkAtMostWhole, checkIntOrPercent } from './int-or-percent';
import { checkAtMostReplicas, checkAvailableAreReady } from './replica-counts';
import { validateSelectedTemplate, validateSelector } from './workload-selector';

const strategyTypes = ['Recreate', 'RollingUpdate'];

/** ValidateDeploymentSpec. */
export function validateDeployment(deployment: appsv1.Deployment): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = deployment.spec ?? { template: {} };
  checkNonNegative(errors, path.child('replicas'), spec.replicas);
  const selector = validateSelector(errors, spec.selector, path.child('selector'));
  if (selector !== undefined) validateSelectedTemplate(errors, spec.template, selector, path.child('template'));
  validateStrategy(errors, spec.strategy ?? {}, path.child('strategy'));
  checkNonNegative(errors, path.child('minReadySeconds'), spec.minReadySeconds);
  checkNonNegative(errors, path.child('revisionHistoryLimit'), spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    const deadlinePath = path.child('progressDeadlineSeconds');
    checkNonNegative(errors, deadlinePath, deadline);
    if (deadline <= (spec.minReadySeconds ?? 0))
      errors.push(fieldErrors.invalid(deadlinePath, deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

function validateStrategy(errors: Errors, strategy: appsv1.DeploymentStrategy, path: FieldPath): void {
  const rolling = strategy.rollingUpdate;
  switch (strategy.type) {
    case 'Recreate':
      if (rolling)
        errors.push(
          fieldErrors.forbidden(path.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'"),
        );
      break;
    case 'RollingUpdate':
      // The defaults see to it that there is one.
      if (rolling) validateRollingUpdate(errors, rolling, path.child('rollingUpdate'));
      break;
    default:
      errors.push(fieldErrors.notSupported(path, strategyShape(strategy), strategyTypes));
  }
}

/** A strategy of a Deployment or DaemonSet as upstream's error texts show it: with the fields that JSON leaves out. */
export const strategyShape = ({ type, rollingUpdate }: appsv1.DeploymentStrategy): object => ({
  Type: type ?? '',
  RollingUpdate: rollingUpdate
    ? { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
    : null,
});

function validateRollingUpdate(errors: Errors, rolling: appsv1.RollingUpdateDeployment, path: FieldPath): void {
  const unavailable = rolling.maxUnavailable ?? 0;
  const surge = rolling.maxSurge ?? 0;
  const unavailablePath = path.child('maxUnavailable');
  checkIntOrPercent(errors, unavailablePath, unavailable);
  checkIntOrPercent(errors, path.child('maxSurge'), surge);
  // With neither, not a single pod could ever be replaced.
  if (amountOf(unavailable) === 0 && amountOf(surge) === 0)
    errors.push(fieldErrors.invalid(unavailablePath, unavailable, 'may not be 0 when `maxSurge` is 0'));
  checkAtMostWhole(errors, unavailablePath, unavailable);
}

/** The selector says which pods are ours, so it can never change (apps/v1). */
export function validateSelectorUpdate(
  errors: Errors,
  object: appsv1.DaemonSet | appsv1.Deployment | appsv1.ReplicaSet,
  old: appsv1.DaemonSet | appsv1.Deployment | appsv1.ReplicaSet,
): Errors {
  const selector = object.spec?.selector;
  if (!semanticEqual(selector, old.spec?.selector))
    errors.push(fieldErrors.invalid(fieldPath('spec', 'selector'), selector ?? null, immutableMessage));
  return errors;
}

/** ValidateDeploymentStatusUpdate. */
export function validateDeploymentStatus(deployment: appsv1.Deployment, old: appsv1.Deployment): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  const status = deployment.status ?? {};
  checkNonNegative(errors, path.child('observedGeneration'), status.observedGeneration);
  checkNonNegative(errors, path.child('replicas'), status.replicas);
  checkNonNegative(errors, path.child('updatedReplicas'), status.updatedReplicas);
  checkNonNegative(errors, path.child('readyReplicas'), status.readyReplicas);
  checkNonNegative(errors, path.child('availableReplicas'), status.availableReplicas);
  checkNonNegative(errors, path.child('unavailableReplicas'), status.unavailableReplicas);
  checkNonNegative(errors, path.child('terminatingReplicas'), status.terminatingReplicas);
  checkNonNegative(errors, path.child('collisionCount'), status.collisionCount);
  checkAtMostReplicas(errors, path, 'updatedReplicas', status.updatedReplicas, status.replicas);
  checkAtMostReplicas(errors, path, 'readyReplicas', status.readyReplicas, status.replicas);
  checkAtMostReplicas(errors, path, 'availableReplicas', status.availableReplicas, status.replicas);
  checkAvailableAreReady(errors, path, status);
  checkCollisionCount(errors, path, status, old.status);
  return errors;
}

interface CountsCollisions {
  readonly collisionCount?: number;
}

/** Names of revisions are made from it, so a smaller one would give a name away a second time. */
export function checkCollisionCount(
  errors: Errors,
  path: FieldPath,
  status: CountsCollisions | undefined,
  old: CountsCollisions | undefined,
): void {
  const before = old?.collisionCount;
  const now = status?.collisionCount;
  if (before !== undefined && (now === undefined || now < before))
    errors.push(fieldErrors.invalid(path.child('collisionCount'), now ?? 0, 'cannot be decremented'));
}
