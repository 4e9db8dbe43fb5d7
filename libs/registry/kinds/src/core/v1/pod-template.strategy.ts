import { fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { setPodTemplateDefaults } from './pod/pod-spec.defaults';
import { podTemplateWarnings } from './pod/pod.warnings';
import { validatePodTemplate } from './pod/validation/pod-template';

export const podTemplateStrategy: Strategy<corev1.PodTemplate> = {
  returnsDeletedObject: true,
  defaults: (object) => setPodTemplateDefaults((object.template ??= {})),
  prepareForCreate: (_ctx, object) => {
    object.metadata.generation = 1;
  },
  validate: (_ctx, object) => validateTemplate(object),
  warningsOnCreate: (_ctx, object) => podTemplateWarnings(object.template ?? {}, fieldPath('template')),
  prepareForUpdate: (_ctx, object, old) => countSpecChange(object, old, object.template, old.template),
  validateUpdate: (_ctx, object) => validateTemplate(object),
  warningsOnUpdate: (_ctx, object) => podTemplateWarnings(object.template ?? {}, fieldPath('template')),
};

function validateTemplate(object: corev1.PodTemplate): Errors {
  const errors: Errors = [];
  validatePodTemplate(errors, object.template ?? {}, fieldPath('template'));
  return errors;
}
