import {
  FieldError,
  fieldErrors,
  fieldPath,
  labelSelectorFromMap,
  renderedMap,
  semanticEqual,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkRunsOn, checkTemplateLabels } from '../../apps/v1/workload-selector';
import { checkNonNegative, type Errors } from '../../field-checks';
import { validatePodTemplate } from './pod/validation/pod-template';

/** ValidateReplicationControllerSpec. */
export function validateReplicationController(controller: corev1.ReplicationController): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = controller.spec ?? {};
  checkNonNegative(errors, path.child('minReadySeconds'), spec.minReadySeconds);
  const selector = labelSelectorFromMap(spec.selector);
  if (selector.empty) errors.push(fieldErrors.required(path.child('selector')));
  if (spec.replicas === undefined) errors.push(fieldErrors.required(path.child('replicas')));
  else checkNonNegative(errors, path.child('replicas'), spec.replicas);
  const templatePath = path.child('template');
  if (!spec.template) errors.push(fieldErrors.required(templatePath));
  else {
    checkTemplateLabels(errors, templatePath, spec.template, selector);
    validatePodTemplate(errors, spec.template, templatePath);
    checkRunsOn(errors, templatePath, spec.template, 'ReplicationController');
  }
  return errors;
}

const unconvertible = 'non-convertible.kubernetes.io/';

/** Annotations of an object that an older version of the API could not express: what they name must not change. */
export function validateUnconvertible(
  controller: corev1.ReplicationController,
  old: corev1.ReplicationController,
): Errors {
  const errors: Errors = [];
  const annotations = old.metadata.annotations ?? {};
  for (const key of Object.keys(annotations)) {
    const [, field, ...more] = key.split('/');
    if (!key.startsWith(unconvertible) || field === undefined || more.length > 0) continue;
    if (field.includes('selector')) {
      if (!semanticEqual(controller.spec?.selector, old.spec?.selector))
        errors.push(
          fieldErrors.invalid(
            fieldPath('spec', 'selector'),
            renderedMap(controller.spec?.selector),
            'cannot update non-convertible selector',
          ),
        );
    } else {
      const missing = fieldErrors.notFound(fieldPath(field), annotations[key]);
      errors.push(new FieldError(missing.type, missing.field, `${missing.body()}: unknown non-convertible field`));
    }
  }
  return errors;
}
