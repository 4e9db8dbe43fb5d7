import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOptionalOneOf, type Errors } from '../../../../field-checks';

const policies = ['Always', 'Never', 'OnFailure'];
const actions = ['Restart', 'RestartAllContainers'];
const operators = ['In', 'NotIn'];

/** A container's own restart policy and its exceptions by exit code (`validateContainerRestartPolicy`). */
export function validateRestartPolicy(errors: Errors, path: FieldPath, container: corev1.Container): void {
  const rules = container.restartPolicyRules ?? [];
  checkOptionalOneOf(errors, path.child('restartPolicy'), container.restartPolicy, policies);
  if (rules.length === 0) return;
  if (container.restartPolicy === undefined)
    errors.push(
      fieldErrors.required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used'),
    );
  const rulesPath = path.child('restartPolicyRules');
  if (rules.length > 20) errors.push(fieldErrors.tooMany(rulesPath, rules.length, 20));
  for (const [index, rule] of rules.entries()) {
    const rulePath = rulesPath.index(index);
    const action = rule.action ?? '';
    if (!actions.includes(action)) errors.push(fieldErrors.notSupported(rulePath.child('action'), action, actions));
    const codes = rule.exitCodes;
    if (!codes) {
      errors.push(fieldErrors.required(rulePath.child('exitCodes'), 'must be specified'));
      continue;
    }
    const operator = codes.operator ?? '';
    if (!operators.includes(operator))
      errors.push(fieldErrors.notSupported(rulePath.child('exitCodes', 'operator'), operator, operators));
    const count = (codes.values ?? []).length;
    if (count > 255) errors.push(fieldErrors.tooMany(rulePath.child('exitCodes', 'values'), count, 255));
  }
}

/**
 * Whether a container that ended with this code is started again: by the first of its rules that matches, else by its own
 * policy, else by the pod's (podutil.ContainerShouldRestart). One that is not in the spec goes by the pod's.
 */
export function startsAgain(spec: corev1.PodSpec, container: corev1.Container | undefined, exitCode: number): boolean {
  // Such a rule of any container starts them all.
  if ([...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(restartsAll)) return true;
  if (container?.restartPolicyRules?.some((rule) => matches(rule, exitCode))) return true;
  const policy = container?.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

const restartsAll = ({ restartPolicyRules }: corev1.Container): boolean =>
  restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers') ?? false;

const matches = ({ exitCodes }: corev1.ContainerRestartRule, exitCode: number): boolean =>
  exitCodes !== undefined && (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In');
