import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { validateReplicaCounts } from '../../apps/v1/replica-counts';
import { templateWarnings, workloadNameWarnings } from '../../apps/v1/workload-warnings';
import { twice } from '../../field-checks';
import { countSpecChange, keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { setPodTemplateDefaults } from './pod/pod-spec.defaults';
import { validateReplicationController, validateUnconvertible } from './replication-controller.validation';

const isEmpty = (map: Readonly<Record<string, string>> | undefined): boolean => Object.keys(map ?? {}).length === 0;

/** SetDefaults_ReplicationController: what is not said is taken from the labels of the template. */
function setReplicationControllerDefaults(controller: corev1.ReplicationController): void {
  const spec = (controller.spec ??= {});
  spec.replicas ??= 1;
  if (spec.template === undefined) return;
  setPodTemplateDefaults(spec.template);
  const labels = spec.template.metadata?.labels;
  if (labels === undefined) return;
  if (isEmpty(spec.selector)) spec.selector = { ...labels };
  if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels };
}

export const replicationControllerStrategy: Strategy<corev1.ReplicationController> = {
  // As it was before the server collected garbage.
  defaultPropagation: 'Orphan',
  defaults: setReplicationControllerDefaults,
  prepareForCreate: (_ctx, controller) => {
    controller.status = { replicas: 0 };
    controller.metadata.generation = 1;
  },
  validate: (_ctx, controller) => validateReplicationController(controller),
  warningsOnCreate: (_ctx, controller) => [
    ...workloadNameWarnings(controller.metadata.name),
    ...templateWarnings(controller.spec?.template),
  ],
  prepareForUpdate: (_ctx, controller, old) => {
    keepStatus(controller, old);
    countSpecChange(controller, old, controller.spec, old.spec);
  },
  validateUpdate: (_ctx, controller, old) => [
    ...twice(validateReplicationController(controller)),
    ...validateUnconvertible(controller, old),
  ],
  // Upstream looks at the old template here, and the old one is what its clients are warned of.
  warningsOnUpdate: (_ctx, controller, old) =>
    controller.metadata.generation === old.metadata.generation ? [] : templateWarnings(old.spec?.template),
};

export const replicationControllerStatusStrategy: Strategy<corev1.ReplicationController> = {
  defaults: setReplicationControllerDefaults,
  prepareForUpdate: (_ctx, controller, old) => {
    keepSpec(controller, old);
    keepGeneration(controller, old);
  },
  validateUpdate: (_ctx, controller) => validateReplicaCounts(controller.status ?? { replicas: 0 }),
};
