import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

export type TokenSecret = corev1.Secret & KubeObject;
export type ServiceAccount = corev1.ServiceAccount & KubeObject;

export const tokenSecretType = 'kubernetes.io/service-account-token';
const nameAnnotation = 'kubernetes.io/service-account.name';
const uidAnnotation = 'kubernetes.io/service-account.uid';

/** The account that a token Secret names, '' if it is no token Secret. */
export function accountNameOf(secret: TokenSecret): string {
  return secret.type === tokenSecretType ? (secret.metadata.annotations?.[nameAnnotation] ?? '') : '';
}

/** The account's uid that the Secret was made for, '' if it does not say. */
export const accountUidOf = (secret: TokenSecret): string => secret.metadata.annotations?.[uidAnnotation] ?? '';

export function annotationsFor(account: ServiceAccount): Record<string, string> {
  return { [nameAnnotation]: account.metadata.name ?? '', [uidAnnotation]: account.metadata.uid ?? '' };
}

/** True when nothing is left to fill: token, CA, namespace and the account's uid are there. */
export function isFilled(secret: TokenSecret, rootCaPem: string): boolean {
  return (
    (secret.data?.['token'] ?? '') !== '' &&
    secret.data?.['ca.crt'] === base64(rootCaPem) &&
    secret.data['namespace'] === base64(secret.metadata.namespace ?? '') &&
    accountUidOf(secret) !== ''
  );
}

export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
