import { type FieldPath, fieldErrors, nameIsPathSegment } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { checkOptionalOneOf, checkText, type Errors } from '../../field-checks';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

/** validateNamedRuleWithOperations. */
export function validateNamedRule(
  errors: Errors,
  path: FieldPath,
  rule: admissionregistrationv1.NamedRuleWithOperations,
): void {
  const seen = new Set<string>();
  for (const [index, name] of (rule.resourceNames ?? []).entries()) {
    const namePath = path.child('resourceNames').index(index);
    checkText(errors, namePath, name, (text) => nameIsPathSegment(text, 'name'));
    if (seen.has(name)) errors.push(fieldErrors.duplicate(namePath, name));
    seen.add(name);
  }
  validateRuleWithOperations(errors, path, rule);
}

/** validateRuleWithOperations, validateRule. */
export function validateRuleWithOperations(
  errors: Errors,
  path: FieldPath,
  rule: admissionregistrationv1.RuleWithOperations,
): void {
  checkWildcardList(errors, path.child('operations'), rule.operations, 'operations');
  for (const [index, operation] of (rule.operations ?? []).entries())
    if (!operations.includes(operation))
      errors.push(fieldErrors.notSupported(path.child('operations').index(index), operation, operations));
  checkWildcardList(errors, path.child('apiGroups'), rule.apiGroups, 'API groups');
  checkWildcardList(errors, path.child('apiVersions'), rule.apiVersions, 'API versions');
  for (const [index, version] of (rule.apiVersions ?? []).entries())
    if (version === '') errors.push(fieldErrors.required(path.child('apiVersions').index(index)));
  validateResources(errors, path.child('resources'), rule.resources ?? []);
  checkOptionalOneOf(errors, path.child('scope'), rule.scope, scopes);
}

/** At least one, and a `*` stands alone. */
function checkWildcardList(
  errors: Errors,
  path: FieldPath,
  list: readonly string[] | undefined,
  others: 'operations' | 'API groups' | 'API versions',
): void {
  if (list === undefined || list.length === 0) errors.push(fieldErrors.required(path));
  else if (list.length > 1 && list.includes('*'))
    errors.push(fieldErrors.invalid(path, list, `if '*' is present, must not specify other ${others}`));
}

/** Patterns of resources must not repeat what an earlier one covers. */
function validateResources(errors: Errors, path: FieldPath, resources: readonly string[]): void {
  if (resources.length === 0) errors.push(fieldErrors.required(path));
  const withAllSubresources = new Set<string>();
  const ofAllResources = new Set<string>();
  let isLastPlain = false;
  for (const [index, text] of resources.entries()) {
    if (text === '') {
      errors.push(fieldErrors.required(path.index(index)));
      continue;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      // Upstream keeps what the last one without a subresource says.
      isLastPlain = text !== '*';
      continue;
    }
    const resource = text.slice(0, slash);
    const subresource = text.slice(slash + 1);
    const covered = (by: string): void => {
      errors.push(fieldErrors.invalid(path.index(index), text, `if '${by}' is present, must not specify ${text}`));
    };
    if (withAllSubresources.has(resource)) covered(`${resource}/*`);
    if (ofAllResources.has(subresource)) covered(`*/${subresource}`);
    if (subresource === '*') withAllSubresources.add(resource);
    if (resource === '*') ofAllResources.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(fieldErrors.invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && isLastPlain)
    errors.push(
      fieldErrors.invalid(path, resources, "if '*' is present, must not specify other resources without subresources"),
    );
}
