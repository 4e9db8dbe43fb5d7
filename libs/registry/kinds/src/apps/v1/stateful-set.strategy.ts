import { fieldPath, nameIsDnsLabel } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { setPodTemplateDefaults } from '../../core/v1/pod/pod-spec.defaults';
import { countSpecChange, keepGeneration } from '../../generation';
import { nameRule } from '../../name-rule';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './stateful-set.validation';
import { claimTemplateWarnings, setClaimTemplateDefaults } from './claim-templates';
import { templateWarnings } from './workload-warnings';

/** SetDefaults_StatefulSet. */
function setStatefulSetDefaults(statefulSet: appsv1.StatefulSet): void {
  const spec = (statefulSet.spec ??= { template: {}, serviceName: '' });
  setPodTemplateDefaults((spec.template ??= {}));
  for (const claim of spec.volumeClaimTemplates ?? []) setClaimTemplateDefaults(claim);
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  if (!retention.whenDeleted) retention.whenDeleted = 'Retain';
  if (!retention.whenScaled) retention.whenScaled = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

/** MaxUnavailableStatefulSet is off in v1.36: what is not in use already is dropped. */
function dropMaxUnavailable(statefulSet: appsv1.StatefulSet, old?: appsv1.StatefulSet): void {
  if (old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete statefulSet.spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}

function warningsOf({ spec }: appsv1.StatefulSet, claimStep: string): string[] {
  const warnings = (spec?.volumeClaimTemplates ?? []).flatMap((claim, index) =>
    claimTemplateWarnings(claim, fieldPath('spec', 'volumeClaimTemplates').index(index).child(claimStep)),
  );
  if ((spec?.revisionHistoryLimit ?? 0) < 0)
    warnings.push(
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    );
  return warnings;
}

export const statefulSetStrategy: Strategy<appsv1.StatefulSet> = {
  nameRule: nameRule(nameIsDnsLabel),
  defaults: setStatefulSetDefaults,
  prepareForCreate: (_ctx, statefulSet) => {
    statefulSet.status = { replicas: 0, availableReplicas: 0 };
    statefulSet.metadata.generation = 1;
    dropMaxUnavailable(statefulSet);
  },
  validate: (_ctx, statefulSet) => validateStatefulSet(statefulSet),
  warningsOnCreate: (_ctx, statefulSet) => [
    ...templateWarnings(statefulSet.spec?.template),
    ...warningsOf(statefulSet, ''),
  ],
  prepareForUpdate: (_ctx, statefulSet, old) => {
    keepStatus(statefulSet, old);
    dropMaxUnavailable(statefulSet, old);
    countSpecChange(statefulSet, old, statefulSet.spec, old.spec);
  },
  validateUpdate: (_ctx, statefulSet, old) => validateStatefulSetUpdate(statefulSet, old),
  // Upstream names the claim's spec on updates only, and with a capital.
  warningsOnUpdate: (_ctx, statefulSet, old) => [
    ...(statefulSet.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(statefulSet.spec?.template)),
    ...warningsOf(statefulSet, 'Spec'),
  ],
};

export const statefulSetStatusStrategy: Strategy<appsv1.StatefulSet> = {
  defaults: setStatefulSetDefaults,
  prepareForUpdate: (_ctx, statefulSet, old) => {
    keepSpec(statefulSet, old);
    keepGeneration(statefulSet, old);
  },
  validateUpdate: (_ctx, statefulSet, old) => validateStatefulSetStatus(statefulSet, old),
};
