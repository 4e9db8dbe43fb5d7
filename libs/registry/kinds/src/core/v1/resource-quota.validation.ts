import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Errors, immutableMessage } from '../../field-checks';
import { checkResourceName, checkResourceQuantity } from './resource-checks';
import { isStandard } from './resource-names';

/** What each scope can limit; without a list nothing is known of the scope. */
const limitedBy: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const pods = ['pods'];
  const compute = [...pods, 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
  return new Map([
    ['Terminating', new Set(compute)],
    ['NotTerminating', new Set(compute)],
    ['BestEffort', new Set(pods)],
    ['NotBestEffort', new Set(compute)],
    ['PriorityClass', new Set(compute)],
    ['CrossNamespacePodAffinity', new Set(compute)],
    ['VolumeAttributesClass', new Set(['persistentvolumeclaims', 'requests.storage'])],
  ]);
})();

/** Scopes that an object either is in or not: they have no values to choose from. */
const valueless = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** Everything the system knows as a resource, but `storage` alone, which only claims have. */
const isStandardForQuota = (name: string): boolean => isStandard(name) && name !== 'storage';

/** ValidateResourceQuotaSpec. */
export function validateResourceQuota(quota: corev1.ResourceQuota): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const spec = quota.spec ?? {};
  checkQuantities(errors, path.child('hard'), spec.hard);
  const limited = Object.keys(spec.hard ?? {})
    .filter(isStandardForQuota)
    .sort();
  validateScopes(errors, path.child('scopes'), spec, limited);
  if (spec.scopeSelector)
    validateScopeSelector(errors, path.child('scopeSelector', 'matchExpressions'), spec, spec.scopeSelector, limited);
  return errors;
}

/** ValidateResourceQuotaUpdate: what a quota counts can never change, only how much of it there may be. */
export function validateResourceQuotaUpdate(quota: corev1.ResourceQuota, old: corev1.ResourceQuota): Errors {
  const errors = validateResourceQuota(quota);
  const scopes = new Set(quota.spec?.scopes);
  const before = new Set(old.spec?.scopes);
  if (scopes.size !== before.size || [...scopes].some((scope) => !before.has(scope)))
    errors.push(fieldErrors.invalid(fieldPath('spec', 'scopes'), shownScopes(quota.spec ?? {}), immutableMessage));
  return errors;
}

/** ValidateResourceQuotaStatusUpdate. */
export function validateResourceQuotaStatus(quota: corev1.ResourceQuota): Errors {
  const errors: Errors = [];
  if (!quota.metadata.resourceVersion) errors.push(fieldErrors.required(fieldPath('resourceVersion')));
  checkQuantities(errors, fieldPath('status', 'hard'), quota.status?.hard);
  checkQuantities(errors, fieldPath('status', 'used'), quota.status?.used);
  return errors;
}

function checkQuantities(errors: Errors, path: FieldPath, list: Record<string, string> | undefined): void {
  for (const name of Object.keys(list ?? {})) {
    const namePath = path.key(name);
    checkResourceName(errors, namePath, name);
    if (!name.includes('/') && !isStandardForQuota(name))
      errors.push(fieldErrors.invalid(namePath, name, 'must be a standard resource for quota'));
    checkResourceQuantity(errors, namePath, name, list?.[name] ?? '0');
  }
}

const shownScopes = ({ scopes }: corev1.ResourceQuotaSpec): readonly string[] | null => scopes ?? null;

function validateScopes(
  errors: Errors,
  path: FieldPath,
  spec: corev1.ResourceQuotaSpec,
  limited: readonly string[],
): void {
  const scopes = spec.scopes ?? [];
  for (const scope of scopes) {
    if (!limitedBy.has(scope)) errors.push(fieldErrors.invalid(path, scopes, 'unsupported scope'));
    for (const name of limited)
      if (limitedBy.get(scope)?.has(name) === false)
        errors.push(fieldErrors.invalid(path, scopes, 'unsupported scope applied to resource'));
  }
  checkOpposites(errors, path, scopes, spec);
}

function checkOpposites(
  errors: Errors,
  path: FieldPath,
  scopes: readonly string[],
  spec: corev1.ResourceQuotaSpec,
): void {
  for (const [one, other] of opposites)
    if (scopes.includes(one) && scopes.includes(other))
      errors.push(fieldErrors.invalid(path, shownScopes(spec), 'conflicting scopes'));
}

/** All requirements are reported at one path, whatever their index. */
function validateScopeSelector(
  errors: Errors,
  path: FieldPath,
  spec: corev1.ResourceQuotaSpec,
  selector: corev1.ScopeSelector,
  limited: readonly string[],
): void {
  const requirements = selector.matchExpressions ?? [];
  for (const requirement of requirements) {
    const scope = requirement.scopeName;
    if (!limitedBy.has(scope)) errors.push(fieldErrors.invalid(path.child('scopeName'), scope, 'unsupported scope'));
    for (const name of limited)
      if (limitedBy.get(scope)?.has(name) === false)
        errors.push(fieldErrors.invalid(path, shownSelector(selector), 'unsupported scope applied to resource'));
    if (valueless.has(scope) && requirement.operator !== 'Exists')
      errors.push(
        fieldErrors.invalid(
          path.child('operator'),
          requirement.operator,
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      );
    checkOperator(errors, path, requirement);
  }
  checkOpposites(
    errors,
    path,
    requirements.map(({ scopeName }) => scopeName),
    spec,
  );
}

function checkOperator(
  errors: Errors,
  path: FieldPath,
  { operator, values = [] }: corev1.ScopedResourceSelectorRequirement,
): void {
  const valuesPath = path.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(
          fieldErrors.required(
            valuesPath,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        );
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(
          fieldErrors.invalid(
            valuesPath,
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
      break;
    default:
      errors.push(fieldErrors.invalid(path.child('operator'), operator, 'not a valid selector operator'));
  }
}

/** The internal form, as upstream prints it. */
const shownSelector = ({ matchExpressions }: corev1.ScopeSelector): object => ({
  MatchExpressions:
    matchExpressions?.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })) ?? null,
});
