import { type FieldPath, fieldErrors, validateAnnotations, validateLabels } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { validatePodAnnotations, validateProfilesAgree } from './annotations';
import { nothingTolerated } from './pod-context';
import { validatePodSpec } from './pod-spec';

/** ValidatePodTemplateSpec; upstream reports the template's metadata without saying "metadata". */
export function validatePodTemplate(errors: Errors, template: corev1.PodTemplateSpec, path: FieldPath): void {
  const spec = template.spec ?? { containers: [] };
  const specPath = path.child('spec');
  const { labels, annotations } = template.metadata ?? {};
  if (labels) errors.push(...validateLabels(labels, path.child('labels')));
  if (annotations) {
    const annotationsPath = path.child('annotations');
    errors.push(...validateAnnotations(annotations, annotationsPath));
    validatePodAnnotations(errors, annotationsPath, annotations, spec, nothingTolerated);
  }
  validatePodSpec(errors, specPath, spec, { isPod: false, podName: '', tolerated: nothingTolerated });
  if (annotations) validateProfilesAgree(errors, specPath, annotations, spec);
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(
      fieldErrors.forbidden(
        path.child('spec', 'ephemeralContainers'),
        'ephemeral containers not allowed in pod template',
      ),
    );
}
