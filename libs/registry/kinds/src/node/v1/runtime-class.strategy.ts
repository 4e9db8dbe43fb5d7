import { type FieldPath, fieldErrors, fieldPath, validateDns1123Label, validateLabels } from '@reckon/api/machinery';
import type { corev1, nodev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { internalForm } from '../../core/v1/pod/internal-form';
import { nodeLabelMessage } from '../../core/v1/pod/node-label.warnings';
import { nothingTolerated } from '../../core/v1/pod/validation/pod-context';
import { validateResources } from '../../core/v1/pod/validation/resources';
import { validateTolerations } from '../../core/v1/pod/validation/tolerations';
import { roundResourceList } from '../../core/v1/resource-list';
import { checkText, type Errors, immutableMessage } from '../../field-checks';

/** How containers are run: the handler is what the nodes' runtimes know it by. */
export const runtimeClassStrategy: Strategy<nodev1.RuntimeClass> = {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  defaults: ({ overhead }) => roundResourceList(overhead?.podFixed),
  validate: (_ctx, runtimeClass) => validateRuntimeClass(runtimeClass),
  warningsOnCreate: (_ctx, runtimeClass) => labelWarnings(runtimeClass),
  validateUpdate: (_ctx, runtimeClass, old) => {
    const errors = validateRuntimeClass(runtimeClass);
    if (runtimeClass.handler !== old.handler)
      errors.push(fieldErrors.invalid(fieldPath('handler'), runtimeClass.handler, immutableMessage));
    return errors;
  },
  warningsOnUpdate: (_ctx, runtimeClass) => labelWarnings(runtimeClass),
};

/** Labels of nodes that have a newer name. */
const labelWarnings = ({ scheduling }: nodev1.RuntimeClass): string[] =>
  Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
    const message = nodeLabelMessage(label);
    return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`];
  });

const outsidePods = { claimNames: new Set<string>(), tolerated: nothingTolerated };

/** The seconds of a toleration are not what tells it from another. */
function checkUnique(errors: Errors, path: FieldPath, tolerations: readonly corev1.Toleration[]): void {
  const seen = new Set<string>();
  for (const [index, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (seen.has(identity))
      errors.push(fieldErrors.duplicate(path.index(index), internalForm('Toleration', toleration)));
    seen.add(identity);
  }
}

/** ValidateRuntimeClass. */
function validateRuntimeClass({ handler, overhead, scheduling }: nodev1.RuntimeClass): Errors {
  const errors: Errors = [];
  checkText(errors, fieldPath('handler'), handler ?? '', validateDns1123Label);
  if (overhead) validateResources(errors, fieldPath('overhead'), { limits: overhead.podFixed ?? {} }, outsidePods);
  if (scheduling) {
    const path = fieldPath('scheduling');
    errors.push(...validateLabels(scheduling.nodeSelector, path.child('nodeSelector')));
    const tolerations = scheduling.tolerations ?? [];
    validateTolerations(errors, path.child('tolerations'), tolerations);
    checkUnique(errors, path.child('tolerations'), tolerations);
  }
  return errors;
}
