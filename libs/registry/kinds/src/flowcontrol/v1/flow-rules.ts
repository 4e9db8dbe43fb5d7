import { type FieldPath, fieldErrors, validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const all = '*';

/** ValidateFlowSchemaPolicyRulesWithSubjects. */
export function validateFlowRule(errors: Errors, path: FieldPath, rule: flowcontrolv1.PolicyRulesWithSubjects): void {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  const subjectsPath = path.child('subjects');
  for (const [index, subject] of subjects.entries()) validateSubject(errors, subjectsPath.index(index), subject);
  if (subjects.length === 0)
    errors.push(fieldErrors.required(subjectsPath, 'subjects must contain at least one value'));
  if (resourceRules.length + nonResourceRules.length === 0)
    errors.push(fieldErrors.required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  for (const [index, one] of resourceRules.entries())
    validateResourceRule(errors, path.child('resourceRules').index(index), one);
  for (const [index, one] of nonResourceRules.entries())
    validateNonResourceRule(errors, path.child('nonResourceRules').index(index), one);
}

function validateSubject(errors: Errors, path: FieldPath, subject: flowcontrolv1.Subject): void {
  const { kind, serviceAccount, user, group } = subject;
  const forbid = (field: 'serviceAccount' | 'user' | 'group', of: string): void => {
    if (subject[field] !== undefined && kind !== of)
      errors.push(fieldErrors.forbidden(path.child(field), `${field} is forbidden when subject kind is not '${of}'`));
  };
  switch (kind) {
    case 'ServiceAccount':
      validateServiceAccount(errors, path.child('serviceAccount'), serviceAccount);
      break;
    case 'User':
      validateNamed(errors, path.child('user'), user, "user is required when subject kind is 'User'");
      break;
    case 'Group':
      validateNamed(errors, path.child('group'), group, "group is required when subject kind is 'Group'");
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('kind'), kind, subjectKinds));
      return;
  }
  forbid('serviceAccount', 'ServiceAccount');
  forbid('user', 'User');
  forbid('group', 'Group');
}

function validateServiceAccount(
  errors: Errors,
  path: FieldPath,
  account: flowcontrolv1.ServiceAccountSubject | undefined,
): void {
  if (account === undefined) {
    errors.push(fieldErrors.required(path, "serviceAccount is required when subject kind is 'ServiceAccount'"));
    return;
  }
  const { name, namespace } = account;
  if (!name) errors.push(fieldErrors.required(path.child('name')));
  else if (name !== all) checkText(errors, path.child('name'), name, validateDns1123Subdomain);
  if (namespace) checkText(errors, path.child('namespace'), namespace, validateDns1123Label);
  else errors.push(fieldErrors.required(path.child('namespace'), 'must specify namespace for service account'));
}

function validateNamed(
  errors: Errors,
  path: FieldPath,
  subject: { readonly name: string } | undefined,
  missing: string,
): void {
  if (subject === undefined) errors.push(fieldErrors.required(path, missing));
  else if (!subject.name) errors.push(fieldErrors.required(path.child('name')));
}

/** The asterisk stands alone. */
function checkAlone(errors: Errors, path: FieldPath, list: readonly string[], what: string): void {
  if (list.length > 1 && list.includes(all))
    errors.push(fieldErrors.invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

function validateVerbs(errors: Errors, path: FieldPath, given: readonly string[]): void {
  if (given.length === 0) errors.push(fieldErrors.required(path, 'verbs must contain at least one value'));
  else if (given.includes(all)) checkAlone(errors, path, given, 'verbs');
  else if (!given.every((verb) => verbs.includes(verb))) errors.push(fieldErrors.notSupported(path, given, verbs));
}

function validateResourceRule(errors: Errors, path: FieldPath, rule: flowcontrolv1.ResourcePolicyRule): void {
  const { clusterScope = false } = rule;
  // Lists that a body leaves out are null.
  const [apiGroups, resources, namespaces] = [rule.apiGroups ?? [], rule.resources ?? [], rule.namespaces ?? []];
  validateVerbs(errors, path.child('verbs'), rule.verbs ?? []);
  if (apiGroups.length === 0)
    errors.push(fieldErrors.required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  else checkAlone(errors, path.child('apiGroups'), apiGroups, 'api groups');
  if (resources.length === 0)
    errors.push(fieldErrors.required(path.child('resources'), 'resource rules must supply at least one resource'));
  else checkAlone(errors, path.child('resources'), resources, 'resources');
  const namespacesPath = path.child('namespaces');
  if (namespaces.length === 0 && !clusterScope)
    errors.push(
      fieldErrors.required(
        namespacesPath,
        'resource rules that are not cluster scoped must supply at least one namespace',
      ),
    );
  else if (namespaces.includes(all)) checkAlone(errors, namespacesPath, namespaces, 'namespaces');
  else
    for (const [index, namespace] of namespaces.entries())
      checkText(errors, namespacesPath.index(index), namespace, (text) =>
        validateDns1123Label(text).map(
          (message) => `each member of this list must be '*' or a DNS-1123 label; ${message}`,
        ),
      );
}

function validateNonResourceRule(errors: Errors, path: FieldPath, rule: flowcontrolv1.NonResourcePolicyRule): void {
  const urls = rule.nonResourceURLs ?? [];
  validateVerbs(errors, path.child('verbs'), rule.verbs ?? []);
  const urlsPath = path.child('nonResourceURLs');
  if (urls.length === 0) errors.push(fieldErrors.required(urlsPath, 'nonResourceURLs must contain at least one value'));
  else if (urls.includes(all)) checkAlone(errors, urlsPath, urls, 'non-resource URLs');
  else for (const [index, url] of urls.entries()) checkText(errors, urlsPath.index(index), url, urlMessages);
}

/** ValidateNonResourceURLPath: the first thing that is wrong with it. */
function urlMessages(url: string): string[] {
  if (url === '') return ['must not be empty'];
  if (url === '/') return [];
  if (!url.startsWith('/')) return ['must start with slash'];
  if (url.includes(' ')) return ['must not contain white-space'];
  if (url.includes('//')) return ['must not contain double slash'];
  const stars = url.split(all).length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? ['wildcard can only do suffix matching'] : [];
}
