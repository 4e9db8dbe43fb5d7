import { fieldErrors, fieldPath, validateDns1123Label, validateLabels } from '@reckon/api/machinery';
import type { nodev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
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
  validateUpdate: (_ctx, runtimeClass, old) => {
    const errors = validateRuntimeClass(runtimeClass);
    if (runtimeClass.handler !== old.handler)
      errors.push(fieldErrors.invalid(fieldPath('handler'), runtimeClass.handler, immutableMessage));
    return errors;
  },
};

const outsidePods = { claimNames: new Set<string>(), tolerated: nothingTolerated };

/** ValidateRuntimeClass. */
function validateRuntimeClass({ handler, overhead, scheduling }: nodev1.RuntimeClass): Errors {
  const errors: Errors = [];
  checkText(errors, fieldPath('handler'), handler ?? '', validateDns1123Label);
  if (overhead) validateResources(errors, fieldPath('overhead'), { limits: overhead.podFixed ?? {} }, outsidePods);
  if (scheduling) {
    const path = fieldPath('scheduling');
    errors.push(...validateLabels(scheduling.nodeSelector, path.child('nodeSelector')));
    validateTolerations(errors, path.child('tolerations'), scheduling.tolerations ?? []);
  }
  return errors;
}
