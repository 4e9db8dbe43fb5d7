import { fieldErrors, fieldPath, validateConfigKey, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { checkText, type Errors, immutableMessage } from '../../field-checks';
import { base64Length } from './base64-length';
import { maxDataBytes } from './config-map.strategy';
import { jsonObjectError } from './json-object-error';
import { tlsSecretWarnings } from './tls-secret.warnings';

const frozen = 'field is immutable when `immutable` is set';
const serviceAccountName = 'kubernetes.io/service-account.name';

export const secretStrategy: Strategy<corev1.Secret> = {
  defaults: (secret) => {
    mergeStringData(secret);
    if (!secret.type) secret.type = 'Opaque';
  },
  prepareForUpdate: (_ctx, secret, old) => {
    // A writer that leaves the type out did not mean to change it.
    if (!secret.type && old.type) secret.type = old.type;
  },
  validate: (_ctx, secret) => validateSecret([], secret),
  validateUpdate: (_ctx, secret, old) => {
    const errors: Errors = [];
    if (secret.type !== old.type)
      errors.push(fieldErrors.invalid(fieldPath('type'), secret.type ?? '', immutableMessage));
    if (old.immutable === true) {
      if (secret.immutable !== true) errors.push(fieldErrors.forbidden(fieldPath('immutable'), frozen));
      if (!semanticEqual(secret.data, old.data)) errors.push(fieldErrors.forbidden(fieldPath('data'), frozen));
    }
    return validateSecret(errors, secret);
  },
  warningsOnCreate: (_ctx, secret) => tlsSecretWarnings(secret),
  warningsOnUpdate: (_ctx, secret) => tlsSecretWarnings(secret),
};

/** `stringData` is written only: it overwrites `data` and is never stored. */
function mergeStringData(secret: corev1.Secret): void {
  const { stringData } = secret;
  if (stringData === undefined) return;
  delete secret.stringData;
  const keys = Object.keys(stringData ?? {});
  if (keys.length === 0) return;
  // A copy: a patch of `stringData` alone has left `data` the stored object's.
  const data = { ...secret.data };
  secret.data = data;
  for (const key of keys) {
    Object.defineProperty(data, key, {
      value: Buffer.from(stringData[key] ?? '').toString('base64'),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

function validateSecret(errors: Errors, secret: corev1.Secret): Errors {
  const path = fieldPath('data');
  const data = secret.data ?? {};
  let size = 0;
  for (const key of Object.keys(data)) {
    checkText(errors, path.key(key), key, validateConfigKey);
    size += base64Length(data[key] ?? '');
  }
  if (size > maxDataBytes) errors.push(fieldErrors.tooLong(path, maxDataBytes));
  const need = (key: string): void => {
    if (!Object.hasOwn(data, key)) errors.push(fieldErrors.required(path.key(key)));
  };
  switch (secret.type) {
    case 'kubernetes.io/service-account-token': {
      const annotations = secret.metadata.annotations ?? {};
      if (!Object.hasOwn(annotations, serviceAccountName) || annotations[serviceAccountName] === '')
        errors.push(fieldErrors.required(fieldPath('metadata', 'annotations').key(serviceAccountName)));
      break;
    }
    case 'kubernetes.io/dockercfg':
      validateDockerConfig(errors, data, '.dockercfg');
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateDockerConfig(errors, data, '.dockerconfigjson');
      break;
    case 'kubernetes.io/basic-auth':
      if (!Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) {
        need('username');
        need('password');
      }
      break;
    case 'kubernetes.io/ssh-auth':
      if (!Object.hasOwn(data, 'ssh-privatekey') || data['ssh-privatekey'] === '')
        errors.push(fieldErrors.required(path.key('ssh-privatekey')));
      break;
    case 'kubernetes.io/tls':
      need('tls.crt');
      need('tls.key');
      break;
    default:
  }
  return errors;
}

function validateDockerConfig(errors: Errors, data: Record<string, string>, key: string): void {
  const path = fieldPath('data').key(key);
  if (!Object.hasOwn(data, key)) {
    errors.push(fieldErrors.required(path));
    return;
  }
  const problem = jsonObjectError(Buffer.from(data[key] ?? '', 'base64').toString());
  if (problem !== undefined) errors.push(fieldErrors.invalid(path, '<secret contents redacted>', problem));
}
