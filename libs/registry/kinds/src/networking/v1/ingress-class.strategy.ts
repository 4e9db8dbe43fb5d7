import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  validateDns1123Label,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { byteLength, checkText, type Errors, immutableMessage } from '../../field-checks';
import { countSpecChange } from '../../generation';
import { validateTypedReference } from './typed-reference';

const longestController = 250;
const scopes = ['Cluster', 'Namespace'];
const httpPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

export const ingressClassStrategy: Strategy<networkingv1.IngressClass> = {
  defaults: (ingressClass) => {
    const parameters = ingressClass.spec?.parameters;
    if (parameters !== undefined) parameters.scope ??= 'Cluster';
  },
  prepareForCreate: (_ctx, ingressClass) => {
    ingressClass.metadata.generation = 1;
  },
  validate: (_ctx, ingressClass) => validateIngressClass(ingressClass),
  prepareForUpdate: (_ctx, ingressClass, old) => countSpecChange(ingressClass, old, ingressClass.spec, old.spec),
  validateUpdate: (_ctx, ingressClass, old) => {
    const errors: Errors = [];
    const controller = ingressClass.spec?.controller ?? '';
    if (controller !== (old.spec?.controller ?? ''))
      errors.push(fieldErrors.invalid(fieldPath('spec', 'controller'), controller, immutableMessage));
    return [...errors, ...validateIngressClass(ingressClass)];
  },
};

function validateIngressClass({ spec }: networkingv1.IngressClass): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec', 'controller');
  const controller = spec?.controller ?? '';
  if (controller === '') errors.push(fieldErrors.required(path));
  else {
    if (byteLength(controller) > longestController) errors.push(fieldErrors.tooLong(path, longestController));
    checkDomainPrefixedPath(errors, path, controller);
  }
  if (spec?.parameters !== undefined) validateParameters(errors, fieldPath('spec', 'parameters'), spec.parameters);
  return errors;
}

/** validation.IsDomainPrefixedPath: `acme.io/foo`. */
function checkDomainPrefixedPath(errors: Errors, path: FieldPath, text: string): void {
  const slash = text.indexOf('/');
  const [host, rest] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (slash < 0 || host === '' || rest === '') {
    errors.push(fieldErrors.invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  checkText(errors, path, host, validateDns1123Subdomain);
  if (!httpPath.test(rest))
    errors.push(
      fieldErrors.invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"),
    );
}

/** validateIngressClassParametersReference. */
function validateParameters(
  errors: Errors,
  path: FieldPath,
  parameters: networkingv1.IngressClassParametersReference,
): void {
  validateTypedReference(errors, path, parameters);
  const { scope, namespace } = parameters;
  const namespacePath = path.child('namespace');
  switch (scope) {
    case undefined:
      errors.push(fieldErrors.required(path.child('scope')));
      break;
    case 'Namespace':
      if (namespace === undefined)
        errors.push(fieldErrors.required(namespacePath, "`parameters.scope` is set to 'Namespace'"));
      else checkText(errors, namespacePath, namespace, validateDns1123Label);
      break;
    case 'Cluster':
      if (namespace !== undefined)
        errors.push(fieldErrors.forbidden(namespacePath, "`parameters.scope` is set to 'Cluster'"));
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('scope'), scope, scopes));
  }
}
