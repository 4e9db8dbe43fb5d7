import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  semanticEqual,
  validateAnnotations,
  validateDns1123Label,
  validateLabels,
} from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { validateClaimSpec } from '../../core/v1/persistent-volume-claim-spec';
import { validatePodAnnotations } from '../../core/v1/pod/validation/annotations';
import { nothingTolerated } from '../../core/v1/pod/validation/pod-context';
import { validatePodTemplate } from '../../core/v1/pod/validation/pod-template';
import { checkNonNegative, checkText, type Errors } from '../../field-checks';
import { templateWithClaims } from './claim-templates';
import { checkCollisionCount } from './deployment.validation';
import { amountOf, checkAtMostWhole, checkIntOrPercent } from './int-or-percent';
import { checkAtMostReplicas } from './replica-counts';
import { checkRunsOn, checkTemplateLabels, validateSelector } from './workload-selector';

const retentionPolicies = ['Retain', 'Delete'];

const selectorWords = { empty: 'empty selector is invalid for statefulset', broken: '' };

/** What is held against a new set only: old ones were stored when it was not yet asked (StatefulSetValidationOptions). */
interface Leniency {
  readonly serviceName: boolean;
  readonly template: boolean;
  readonly claims: boolean;
}

const none: Leniency = { serviceName: false, template: false, claims: false };

/** ValidateStatefulSet. */
export const validateStatefulSet = (statefulSet: appsv1.StatefulSet): Errors => validateSpec(statefulSet, none);

/** ValidateStatefulSetUpdate: a template that is wrong stays so only where all was wrong before. */
export function validateStatefulSetUpdate(statefulSet: appsv1.StatefulSet, old: appsv1.StatefulSet): Errors {
  const stored = { ...none, serviceName: true, claims: true };
  const errors = validateSpec(statefulSet, { ...stored, template: validateSpec(old, stored).length > 0 });
  if (!semanticEqual(fixedPart(statefulSet), fixedPart(old)))
    errors.push(
      fieldErrors.forbidden(
        fieldPath('spec'),
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  return errors;
}

/** All but what may change. */
const fixedPart = ({ spec }: appsv1.StatefulSet): object => ({
  ...spec,
  replicas: undefined,
  ordinals: undefined,
  template: undefined,
  updateStrategy: undefined,
  revisionHistoryLimit: undefined,
  persistentVolumeClaimRetentionPolicy: undefined,
  minReadySeconds: undefined,
});

/** ValidateStatefulSetSpec. */
function validateSpec(statefulSet: appsv1.StatefulSet, leniency: Leniency): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = statefulSet.spec ?? { template: {}, serviceName: '' };
  const policy = spec.podManagementPolicy;
  const policyPath = path.child('podManagementPolicy');
  if (!policy) errors.push(fieldErrors.required(policyPath));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(fieldErrors.invalid(policyPath, policy, "must be 'OrderedReady' or 'Parallel'"));
  validateUpdateStrategy(errors, spec.updateStrategy ?? {}, path.child('updateStrategy'));
  validateRetention(errors, spec.persistentVolumeClaimRetentionPolicy, path);
  if (!leniency.claims)
    for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries())
      validateClaimSpec(errors, path.child('volumeClaimTemplates').index(index).child('spec'), claim.spec ?? {});
  checkNonNegative(errors, path.child('replicas'), spec.replicas);
  checkNonNegative(errors, path.child('minReadySeconds'), spec.minReadySeconds);
  checkNonNegative(errors, path.child('ordinals', 'start'), spec.ordinals?.start);
  if (!leniency.serviceName && spec.serviceName)
    checkText(errors, path.child('serviceName'), spec.serviceName, validateDns1123Label);
  const templatePath = path.child('template');
  const template = spec.template ?? {};
  const selector = validateSelector(errors, spec.selector, path.child('selector'), selectorWords);
  if (selector !== undefined) {
    checkTemplateLabels(errors, templatePath, template, selector);
    if (leniency.template) validateTemplateMeta(errors, template, templatePath);
    else validatePodTemplate(errors, templateWithClaims(spec), templatePath);
  }
  checkRunsOn(errors, templatePath, template, 'StatefulSet');
  return errors;
}

/** All that was ever asked of a template in the early days. */
function validateTemplateMeta(errors: Errors, template: corev1.PodTemplateSpec, path: FieldPath): void {
  const { labels, annotations = {} } = template.metadata ?? {};
  const annotationsPath = path.child('annotations');
  errors.push(...validateLabels(labels, path.child('labels')));
  errors.push(...validateAnnotations(annotations, annotationsPath));
  validatePodAnnotations(errors, annotationsPath, annotations, template.spec ?? { containers: [] }, nothingTolerated);
}

function validateUpdateStrategy(errors: Errors, strategy: appsv1.StatefulSetUpdateStrategy, path: FieldPath): void {
  const rolling = strategy.rollingUpdate;
  // The internal form, as upstream prints it.
  const shown = rolling ? { Partition: rolling.partition ?? 0, MaxUnavailable: rolling.maxUnavailable ?? null } : null;
  switch (strategy.type) {
    case undefined:
    case '':
      errors.push(fieldErrors.required(path));
      break;
    case 'OnDelete':
      if (rolling)
        errors.push(
          fieldErrors.invalid(path.child('rollingUpdate'), shown, "only allowed for updateStrategy 'RollingUpdate'"),
        );
      break;
    case 'RollingUpdate':
      if (rolling) validateRollingUpdate(errors, rolling, path.child('rollingUpdate'));
      break;
    default:
      errors.push(
        fieldErrors.invalid(
          path,
          { Type: strategy.type, RollingUpdate: shown },
          "must be 'RollingUpdate' or 'OnDelete'",
        ),
      );
  }
}

function validateRollingUpdate(
  errors: Errors,
  { partition, maxUnavailable }: appsv1.RollingUpdateStatefulSetStrategy,
  path: FieldPath,
): void {
  checkNonNegative(errors, path.child('partition'), partition);
  if (maxUnavailable === undefined) return;
  const unavailablePath = path.child('maxUnavailable');
  checkIntOrPercent(errors, unavailablePath, maxUnavailable);
  if (amountOf(maxUnavailable) === 0) errors.push(fieldErrors.invalid(unavailablePath, maxUnavailable, 'cannot be 0'));
  checkAtMostWhole(errors, unavailablePath, maxUnavailable);
}

function validateRetention(
  errors: Errors,
  retention: appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy | undefined,
  path: FieldPath,
): void {
  if (retention === undefined) return;
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = retention[field] ?? '';
    if (!retentionPolicies.includes(policy))
      errors.push(
        fieldErrors.notSupported(path.child('persistentVolumeClaimRetentionPolicy', field), policy, retentionPolicies),
      );
  }
}

const replicaCounts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const satisfies readonly (keyof appsv1.StatefulSetStatus)[];

/** ValidateStatefulSetStatusUpdate. */
export function validateStatefulSetStatus(statefulSet: appsv1.StatefulSet, old: appsv1.StatefulSet): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  const status = statefulSet.status ?? { replicas: 0, availableReplicas: 0 };
  for (const count of replicaCounts) checkNonNegative(errors, path.child(count), status[count]);
  for (const count of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const)
    checkAtMostReplicas(errors, path, count, status[count], status.replicas);
  if (status.availableReplicas > (status.readyReplicas ?? 0))
    errors.push(
      fieldErrors.invalid(
        path.child('availableReplicas'),
        status.availableReplicas,
        'cannot be greater than status.readyReplicas',
      ),
    );
  checkCollisionCount(errors, path, status, old.status);
  return errors;
}
