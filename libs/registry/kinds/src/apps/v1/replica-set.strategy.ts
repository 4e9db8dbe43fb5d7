import { fieldPath } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { setPodTemplateDefaults } from '../../core/v1/pod/pod-spec.defaults';
import { checkNonNegative, type Errors, twice } from '../../field-checks';
import { countSpecChange, keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateSelectorUpdate } from './deployment.validation';
import { validateReplicaCounts } from './replica-counts';
import { validateSelectedTemplate, validateSelector } from './workload-selector';
import { templateWarnings, workloadNameWarnings } from './workload-warnings';

function setReplicaSetDefaults(replicaSet: appsv1.ReplicaSet): void {
  const spec = (replicaSet.spec ??= {});
  spec.replicas ??= 1;
  setPodTemplateDefaults((spec.template ??= {}));
}

export const replicaSetStrategy: Strategy<appsv1.ReplicaSet> = {
  defaults: setReplicaSetDefaults,
  prepareForCreate: (_ctx, replicaSet) => {
    replicaSet.status = { replicas: 0 };
    replicaSet.metadata.generation = 1;
  },
  validate: (_ctx, replicaSet) => validateReplicaSet(replicaSet),
  warningsOnCreate: (_ctx, replicaSet) => [
    ...workloadNameWarnings(replicaSet.metadata.name),
    ...templateWarnings(replicaSet.spec?.template),
  ],
  prepareForUpdate: (_ctx, replicaSet, old) => {
    keepStatus(replicaSet, old);
    countSpecChange(replicaSet, old, replicaSet.spec, old.spec);
  },
  validateUpdate: (_ctx, replicaSet, old) =>
    validateSelectorUpdate(twice(validateReplicaSet(replicaSet)), replicaSet, old),
  warningsOnUpdate: (_ctx, replicaSet, old) =>
    replicaSet.metadata.generation === old.metadata.generation ? [] : templateWarnings(replicaSet.spec?.template),
};

export const replicaSetStatusStrategy: Strategy<appsv1.ReplicaSet> = {
  defaults: setReplicaSetDefaults,
  prepareForUpdate: (_ctx, replicaSet, old) => {
    keepSpec(replicaSet, old);
    keepGeneration(replicaSet, old);
  },
  validateUpdate: (_ctx, replicaSet) => validateReplicaCounts(replicaSet.status ?? { replicas: 0 }),
};

/** ValidateReplicaSetSpec. */
function validateReplicaSet(replicaSet: appsv1.ReplicaSet): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = replicaSet.spec ?? {};
  checkNonNegative(errors, path.child('replicas'), spec.replicas);
  checkNonNegative(errors, path.child('minReadySeconds'), spec.minReadySeconds);
  const selector = validateSelector(errors, spec.selector, path.child('selector'));
  if (selector !== undefined) validateSelectedTemplate(errors, spec.template, selector, path.child('template'));
  return errors;
}
