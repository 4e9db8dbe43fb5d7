import { fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../../field-checks';
import { keepStatus } from '../../../status-keeping';
import { countPodChange } from './pod.strategy';
import { setPodDefaults } from './pod.defaults';
import { ephemeralDifference } from './spec-difference';
import { keepMetaForStatus } from './subresource-meta';
import { mirrorKey, validateAnnotationUpdates } from './validation/annotations';
import { validatePod } from './validation/pod';
import { toleratedIn } from './validation/tolerated';

/** `kubectl debug`: containers come to a running pod, and never change or go. */
export const ephemeralContainersStrategy: Strategy<corev1.Pod> = {
  defaults: setPodDefaults,
  resetFields: [['status']],
  prepareForUpdate: (_ctx, pod, old) => {
    const added = pod.spec?.ephemeralContainers;
    pod.spec = { ...(old.spec ?? { containers: [] }) };
    if (added === undefined) delete pod.spec.ephemeralContainers;
    else pod.spec.ephemeralContainers = added;
    keepStatus(pod, old);
    keepMetaForStatus(pod.metadata, old.metadata);
    countPodChange(pod, old);
  },
  validateUpdate: (_ctx, pod, old) => {
    if (Object.hasOwn(old.metadata.annotations ?? {}, mirrorKey))
      return [fieldErrors.forbidden(fieldPath('[]'), 'static pods do not support ephemeral containers')];
    const errors: Errors = [];
    validatePod(errors, pod, toleratedIn(old));
    validateAnnotationUpdates(
      errors,
      fieldPath('metadata', 'annotations'),
      pod.metadata.annotations ?? {},
      old.metadata.annotations ?? {},
    );
    const path = fieldPath('spec', 'ephemeralContainers');
    for (const before of old.spec?.ephemeralContainers ?? []) {
      const now = pod.spec?.ephemeralContainers?.find(({ name }) => name === before.name);
      const quoted = JSON.stringify(before.name);
      if (now === undefined)
        errors.push(fieldErrors.forbidden(path, `existing ephemeral containers ${quoted} may not be removed\n`));
      else if (!semanticEqual(now, before))
        errors.push(
          fieldErrors.forbidden(
            path,
            `existing ephemeral containers ${quoted} may not be changed\n${ephemeralDifference(before, now)}`,
          ),
        );
    }
    return errors;
  },
};
