import { fieldErrors, fieldPath, semanticEqual, validateAnnotations, validateLabels } from '@reckon/api/machinery';
import type { resourcev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { type Errors, immutableMessage } from '../../field-checks';
import { adminRequestPath, requireAdminNamespace } from './admin-access';
import { setClaimDefaults } from './claim.defaults';
import { validateDeviceClaim } from './device-claim.validation';
import { shownTemplateSpec } from './internal-claim';
import { type SelectorChecker, uncheckedSelectors } from './selector-checker';

type Template = resourcev1.ResourceClaimTemplate;

/** Claims for pods are made of it; it never changes. */
export const resourceClaimTemplateStrategy = (check: SelectorChecker = uncheckedSelectors): Strategy<Template> => ({
  defaults: (template) => {
    const spec = (template.spec ??= { spec: { devices: {} } });
    setClaimDefaults(((spec.spec ??= { devices: {} }).devices ??= {}));
  },
  validate: (_ctx, template) => validateTemplate(template, check),
  validateUpdate: (_ctx, template, old) => {
    const errors = validateTemplate(template, check);
    if (!semanticEqual(template.spec, old.spec))
      errors.push(fieldErrors.invalid(fieldPath('spec'), shownTemplateSpec(template.spec), immutableMessage));
    return errors;
  },
  decide: (_ctx, storage, template, old) => {
    const path = template === undefined || old !== undefined ? undefined : adminRequestPath(template.spec.spec.devices);
    if (template !== undefined && path !== undefined)
      requireAdminNamespace(storage, 'ResourceClaimTemplate', template, path);
    return [];
  },
});

function validateTemplate({ spec }: Template, check: SelectorChecker): Errors {
  const path = fieldPath('spec');
  const metadataPath = path.child('metadata');
  const errors: Errors = [
    ...validateAnnotations(spec.metadata?.annotations, metadataPath.child('annotations')),
    ...validateLabels(spec.metadata?.labels, metadataPath.child('labels')),
  ];
  validateDeviceClaim(errors, path.child('spec', 'devices'), spec.spec.devices, check);
  return errors;
}
