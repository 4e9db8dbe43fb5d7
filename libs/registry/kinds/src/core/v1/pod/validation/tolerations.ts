import { type FieldPath, fieldErrors, validateLabelName, validateLabelValue } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { taintEffects } from '../../node/taints';

/** ValidateTolerations. */
export function validateTolerations(errors: Errors, path: FieldPath, tolerations: readonly corev1.Toleration[]): void {
  for (const [index, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    // The two that every pod gets are not worth their paths.
    if (operator === 'Exists' && effect === 'NoExecute' && value === '' && key.startsWith('node.kubernetes.io/'))
      continue;
    const tolerationPath = path.index(index);
    if (key !== '') errors.push(...validateLabelName(key, tolerationPath.child('key')));
    if (key === '' && operator !== 'Exists')
      errors.push(
        fieldErrors.invalid(
          tolerationPath.child('operator'),
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(
        fieldErrors.invalid(
          tolerationPath.child('effect'),
          effect,
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    validateOperator(errors, tolerationPath.child('operator'), operator, value);
    if (effect !== '' && !taintEffects.includes(effect))
      errors.push(fieldErrors.notSupported(tolerationPath.child('effect'), effect, taintEffects));
  }
}

function validateOperator(errors: Errors, path: FieldPath, operator: string, value: string): void {
  switch (operator) {
    case '':
    case 'Equal': {
      const messages = validateLabelValue(value);
      if (messages.length > 0) errors.push(fieldErrors.invalid(path, value, messages.join(';')));
      break;
    }
    case 'Exists':
      if (value !== '')
        errors.push(fieldErrors.invalid(path, value, "value must be empty when `operator` is 'Exists'"));
      break;
    default:
      errors.push(fieldErrors.notSupported(path, operator, ['Equal', 'Exists']));
  }
}
