import {
  type FieldPath,
  fieldErrors,
  nameIsDnsSubdomain,
  nameIsPathSegment,
  parseApiVersion,
  validateDns1035Label,
  validateDns1123Subdomain,
  validateLabelSelector,
} from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';

/** validateParamKind. */
export function validateParamKind(errors: Errors, path: FieldPath, param: admissionregistrationv1.ParamKind): void {
  const { apiVersion = '', kind = '' } = param;
  if (apiVersion === '') errors.push(fieldErrors.required(path.child('apiVersion')));
  else validateParamVersion(errors, path.child('apiVersion'), apiVersion);
  if (kind === '') {
    errors.push(fieldErrors.required(path.child('kind')));
    return;
  }
  const problems = validateDns1035Label(kind.toLowerCase());
  if (problems.length > 0)
    errors.push(
      fieldErrors.invalid(
        path.child('kind'),
        kind,
        `may have mixed case, but should otherwise match: ${problems.join(',')}`,
      ),
    );
}

function validateParamVersion(errors: Errors, path: FieldPath, apiVersion: string): void {
  const parsed = apiVersion === '/' ? { group: '', version: '' } : parseApiVersion(apiVersion);
  if (parsed === undefined) {
    errors.push(fieldErrors.invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
    return;
  }
  const { group, version } = parsed;
  const groupProblems = group === '' ? [] : validateDns1123Subdomain(group);
  if (groupProblems.length > 0) errors.push(fieldErrors.invalid(path, group, groupProblems.join(',')));
  if (version === '') {
    errors.push(fieldErrors.invalid(path, apiVersion, 'version must be specified'));
    return;
  }
  const versionProblems = validateDns1035Label(version);
  if (versionProblems.length > 0) errors.push(fieldErrors.invalid(path, version, versionProblems.join(',')));
}

const notFoundActions = ['Deny', 'Allow'];

/** validateParamRef: by name or by labels. */
export function validateParamRef(
  errors: Errors,
  path: FieldPath,
  ref: admissionregistrationv1.ParamRef | undefined,
): void {
  if (ref === undefined) return;
  const { name = '', selector, parameterNotFoundAction: action = '' } = ref;
  const exclusive = (field: 'name' | 'selector'): void => {
    errors.push(fieldErrors.forbidden(path.child(field), 'name and selector are mutually exclusive'));
  };
  if (name !== '') {
    checkText(errors, path.child('name'), name, (text) => nameIsPathSegment(text, 'name'));
    if (selector !== undefined) exclusive('name');
  }
  if (selector !== undefined) {
    errors.push(...validateLabelSelector(selector, path.child('selector')));
    if (name !== '') exclusive('selector');
  }
  if (name === '' && selector === undefined)
    errors.push(fieldErrors.required(path, 'one of name or selector must be specified'));
  const actionPath = path.child('parameterNotFoundAction');
  if (action === '') errors.push(fieldErrors.required(actionPath));
  else if (!notFoundActions.includes(action))
    errors.push(fieldErrors.notSupported(actionPath, action, notFoundActions));
}

/** The policy that a binding binds. */
export function validatePolicyName(errors: Errors, path: FieldPath, name: string | undefined): void {
  if (!name) errors.push(fieldErrors.required(path));
  else checkText(errors, path, name, (text) => nameIsDnsSubdomain(text, 'name'));
}
