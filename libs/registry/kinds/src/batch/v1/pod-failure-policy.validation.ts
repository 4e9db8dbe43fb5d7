import { type FieldPath, fieldErrors, goQuote, validateQualifiedName } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../field-checks';

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];
const maxRules = 20;
const maxExitCodes = 255;
const maxPatterns = 20;

/** validatePodFailurePolicy. */
export function validatePodFailurePolicy(errors: Errors, spec: batchv1.JobSpec, path: FieldPath): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const rulesPath = path.child('rules');
  if (rules.length > maxRules) errors.push(fieldErrors.tooMany(rulesPath, rules.length, maxRules));
  const pod = spec.template.spec;
  const containerNames = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  for (const [i, rule] of rules.entries()) validateRule(errors, spec, rule, rulesPath.index(i), containerNames);
}

function validateRule(
  errors: Errors,
  spec: batchv1.JobSpec,
  rule: batchv1.PodFailurePolicyRule,
  path: FieldPath,
  containerNames: ReadonlySet<string>,
): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const actionPath = path.child('action');
  if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(fieldErrors.invalid(actionPath, action, 'requires the backoffLimitPerIndex to be set'));
  } else checkListed(errors, actionPath, action, actions);
  if (onExitCodes) validateExitCodes(errors, onExitCodes, path.child('onExitCodes'), containerNames);
  if (onPodConditions.length > 0) validatePatterns(errors, onPodConditions, path.child('onPodConditions'));
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(fieldErrors.invalidUnshown(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(fieldErrors.invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

/** Required says the values as Go's `%q` prints a list. */
function checkListed(errors: Errors, path: FieldPath, value: string | undefined, listed: readonly string[]): void {
  if (!value) errors.push(fieldErrors.required(path, `valid values: [${listed.map(goQuote).join(' ')}]`));
  else if (!listed.includes(value)) errors.push(fieldErrors.notSupported(path, value, listed));
}

function validatePatterns(
  errors: Errors,
  patterns: readonly batchv1.PodFailurePolicyOnPodConditionsPattern[],
  path: FieldPath,
): void {
  if (patterns.length > maxPatterns) errors.push(fieldErrors.tooMany(path, patterns.length, maxPatterns));
  for (const [i, { type, status }] of patterns.entries()) {
    checkText(errors, path.index(i).child('type'), type, validateQualifiedName);
    checkListed(errors, path.index(i).child('status'), status, statuses);
  }
}

function validateExitCodes(
  errors: Errors,
  { containerName, operator, values }: batchv1.PodFailurePolicyOnExitCodesRequirement,
  path: FieldPath,
  containerNames: ReadonlySet<string>,
): void {
  checkListed(errors, path.child('operator'), operator, operators);
  if (containerName !== undefined && !containerNames.has(containerName))
    errors.push(
      fieldErrors.invalid(
        path.child('containerName'),
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const codes = values ?? [];
  const valuesPath = path.child('values');
  if (codes.length === 0) errors.push(fieldErrors.invalid(valuesPath, values, 'at least one value is required'));
  else if (codes.length > maxExitCodes) errors.push(fieldErrors.tooMany(valuesPath, codes.length, maxExitCodes));
  const seen = new Set<number>();
  for (const [i, code] of codes.entries()) {
    if (operator === 'In' && code === 0)
      errors.push(fieldErrors.invalid(valuesPath.index(i), code, 'must not be 0 for the In operator'));
    if (seen.has(code)) errors.push(fieldErrors.duplicate(valuesPath.index(i), code));
    seen.add(code);
  }
  const isOrdered = codes.every((code, i) => i === 0 || (codes[i - 1] ?? 0) <= code);
  if (!isOrdered) errors.push(fieldErrors.invalid(valuesPath, codes, 'must be ordered'));
}
