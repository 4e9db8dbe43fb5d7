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
