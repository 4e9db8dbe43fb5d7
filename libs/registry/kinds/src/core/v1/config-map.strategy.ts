import { fieldErrors, fieldPath, validateConfigKey, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { byteLength, checkText, type Errors } from '../../field-checks';
import { base64Length } from './base64-length';

/** Bytes of data that a ConfigMap or a Secret may hold (core.MaxSecretSize). */
export const maxDataBytes = 1024 * 1024;

const frozen = 'field is immutable when `immutable` is set';

export const configMapStrategy: Strategy<corev1.ConfigMap> = {
  validate: (_ctx, map) => validateConfigMap([], map),
  validateUpdate: (_ctx, map, old) => {
    const errors: Errors = [];
    if (old.immutable === true) {
      if (map.immutable !== true) errors.push(fieldErrors.forbidden(fieldPath('immutable'), frozen));
      if (!semanticEqual(map.data, old.data)) errors.push(fieldErrors.forbidden(fieldPath('data'), frozen));
      if (!semanticEqual(map.binaryData, old.binaryData))
        errors.push(fieldErrors.forbidden(fieldPath('binaryData'), frozen));
    }
    return validateConfigMap(errors, map);
  },
};

function validateConfigMap(errors: Errors, map: corev1.ConfigMap): Errors {
  const data = map.data ?? {};
  const binaryData = map.binaryData ?? {};
  let size = 0;
  for (const key of Object.keys(data)) {
    const path = fieldPath('data').key(key);
    checkText(errors, path, key, validateConfigKey);
    if (Object.hasOwn(binaryData, key))
      errors.push(fieldErrors.invalid(path, key, 'duplicate of key present in binaryData'));
    size += byteLength(data[key] ?? '');
  }
  for (const key of Object.keys(binaryData)) {
    checkText(errors, fieldPath('binaryData').key(key), key, validateConfigKey);
    size += base64Length(binaryData[key] ?? '');
  }
  // The error is about the object as a whole, whose path upstream prints as `[]`.
  if (size > maxDataBytes) errors.push(fieldErrors.tooLong(fieldPath('[]'), maxDataBytes));
  return errors;
}
