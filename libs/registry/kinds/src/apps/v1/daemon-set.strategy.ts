import { parseInt64, semanticEqual, NumberSyntaxError, statusErrors } from '@reckon/api/machinery';
import type { appsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { setPodTemplateDefaults } from '../../core/v1/pod/pod-spec.defaults';
import { twice } from '../../field-checks';
import { countSpecChange, keepGeneration } from '../../generation';
import { keepSpec, keepStatus } from '../../status-keeping';
import { validateDaemonSet, validateDaemonSetStatus } from './daemon-set.validation';
import { validateSelectorUpdate } from './deployment.validation';
import { templateWarnings } from './workload-warnings';

/** What counts the changes of the template; a field in versions of the API that are gone, an annotation since. */
const templateGeneration = 'deprecated.daemonset.template.generation';

/** SetDefaults_DaemonSet; the annotation is as the conversion from the internal form leaves it: always there, and a number. */
function setDaemonSetDefaults(daemonSet: appsv1.DaemonSet): void {
  const spec = (daemonSet.spec ??= { template: {} });
  setPodTemplateDefaults((spec.template ??= {}));
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  setTemplateGeneration(daemonSet, templateGenerationOf(daemonSet));
}

function templateGenerationOf({ metadata }: appsv1.DaemonSet): bigint {
  const text = metadata.annotations?.[templateGeneration];
  if (text === undefined) return 0n;
  try {
    return parseInt64(text);
  } catch (error) {
    if (!(error instanceof NumberSyntaxError)) throw error;
    // What upstream cannot convert it has not decoded.
    throw statusErrors.badRequest(
      `DaemonSet in version "v1" cannot be handled as a DaemonSet: ${error.message}`,
      error,
    );
  }
}

function setTemplateGeneration({ metadata }: appsv1.DaemonSet, value: bigint): void {
  (metadata.annotations ??= {})[templateGeneration] = String(value);
}

export const daemonSetStrategy: Strategy<appsv1.DaemonSet> = {
  defaults: setDaemonSetDefaults,
  prepareForCreate: (_ctx, daemonSet) => {
    daemonSet.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    daemonSet.metadata.generation = 1;
    if (templateGenerationOf(daemonSet) < 1n) setTemplateGeneration(daemonSet, 1n);
  },
  validate: (_ctx, daemonSet) => validateDaemonSet(daemonSet),
  warningsOnCreate: (_ctx, daemonSet) => templateWarnings(daemonSet.spec?.template),
  prepareForUpdate: (_ctx, daemonSet, old) => {
    keepStatus(daemonSet, old);
    const isSameTemplate = semanticEqual(daemonSet.spec?.template, old.spec?.template);
    setTemplateGeneration(daemonSet, templateGenerationOf(old) + (isSameTemplate ? 0n : 1n));
    countSpecChange(daemonSet, old, daemonSet.spec, old.spec);
  },
  validateUpdate: (_ctx, daemonSet, old) => validateSelectorUpdate(twice(validateDaemonSet(daemonSet)), daemonSet, old),
  warningsOnUpdate: (_ctx, daemonSet, old) =>
    templateGenerationOf(daemonSet) === templateGenerationOf(old) ? [] : templateWarnings(daemonSet.spec?.template),
};

export const daemonSetStatusStrategy: Strategy<appsv1.DaemonSet> = {
  defaults: setDaemonSetDefaults,
  prepareForUpdate: (_ctx, daemonSet, old) => {
    keepSpec(daemonSet, old);
    setTemplateGeneration(daemonSet, templateGenerationOf(old));
    keepGeneration(daemonSet, old);
  },
  validateUpdate: (_ctx, daemonSet, old) => validateDaemonSetStatus(daemonSet, old),
};
