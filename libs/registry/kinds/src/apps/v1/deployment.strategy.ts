import { semanticEqual } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { setPodTemplateDefaults } from '../../core/v1/pod/pod-spec.defaults';
import { keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateDeployment, validateDeploymentStatus, validateSelectorUpdate } from './deployment.validation';
import { templateWarnings, workloadNameWarnings } from './workload-warnings';

/** SetDefaults_Deployment. */
function setDeploymentDefaults(deployment: appsv1.Deployment): void {
  const spec = (deployment.spec ??= { template: {} });
  spec.replicas ??= 1;
  setPodTemplateDefaults((spec.template ??= {}));
  const strategy = (spec.strategy ??= {});
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

export const deploymentStrategy: Strategy<appsv1.Deployment> = {
  defaults: setDeploymentDefaults,
  prepareForCreate: (_ctx, deployment) => {
    deployment.status = {};
    deployment.metadata.generation = 1;
  },
  validate: (_ctx, deployment) => validateDeployment(deployment),
  warningsOnCreate: (_ctx, deployment) => [
    ...workloadNameWarnings(deployment.metadata.name),
    ...templateWarnings(deployment.spec?.template),
  ],
  prepareForUpdate: (_ctx, deployment, old) => {
    keepStatus(deployment, old);
    // Annotations count too: they are copied to the ReplicaSets, so the controller must look again.
    if (
      semanticEqual(deployment.spec, old.spec) &&
      semanticEqual(deployment.metadata.annotations, old.metadata.annotations)
    )
      keepGeneration(deployment, old);
    else deployment.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validateUpdate: (_ctx, deployment, old) => validateSelectorUpdate(validateDeployment(deployment), deployment, old),
  warningsOnUpdate: (_ctx, deployment, old) =>
    deployment.metadata.generation === old.metadata.generation ? [] : templateWarnings(deployment.spec?.template),
};

export const deploymentStatusStrategy: Strategy<appsv1.Deployment> = {
  resetFields: [['spec'], ['metadata', 'labels']],
  defaults: setDeploymentDefaults,
  prepareForUpdate: (_ctx, deployment, old) => {
    keepSpec(deployment, old);
    keepGeneration(deployment, old);
    if (old.metadata.labels === undefined) delete deployment.metadata.labels;
    else deployment.metadata.labels = old.metadata.labels;
  },
  validateUpdate: (_ctx, deployment, old) => validateDeploymentStatus(deployment, old),
};
