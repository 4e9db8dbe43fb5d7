import { createHmac } from 'node:crypto';
import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Informer } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import type { ControllerContext } from '../controller-context';

export type Secret = corev1.Secret & KubeObject;

const tokenNamespace = 'kube-system';
const tokenType = 'bootstrap.kubernetes.io/token';
const namePrefix = 'bootstrap-token-';

/** Secrets of bootstrap tokens, where alone they count. */
export const bootstrapTokens = ({ informers }: ControllerContext): Informer<Secret> =>
  informers.informer<Secret>(refs.secrets, { namespace: tokenNamespace, fieldSelector: `type=${tokenType}` });

function dataOf({ data }: Secret, key: string): string {
  const base64 = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** How long a token goes on; undefined: it has no end. One that says its end in an unknown way is over, as upstream's is. */
export function remainingMs(secret: Secret, nowMs: number): number | undefined {
  const text = dataOf(secret, 'expiration');
  if (text === '') return undefined;
  const endMs = rfc3339.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(endMs) ? 0 : Math.max(0, endMs - nowMs);
}

/** The id and the secret of a token that may sign (pkg/controller/bootstrap `validateSecretForSigning`); undefined: it may not. */
export function signingToken(secret: Secret, nowMs: number): { readonly id: string; readonly key: string } | undefined {
  const [id, key] = [dataOf(secret, 'token-id'), dataOf(secret, 'token-secret')];
  const isWhole = id !== '' && key !== '' && secret.metadata.name === `${namePrefix}${id}`;
  if (!isWhole || remainingMs(secret, nowMs) === 0 || dataOf(secret, 'usage-bootstrap-signing') !== 'true')
    return undefined;
  return { id, key };
}

/** A JWS with its content left out (RFC 7515, appendix F), by which who knows the token sees that nobody has changed the text. */
export function detachedSignature(content: string, { id, key }: { readonly id: string; readonly key: string }): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const signed = `${header}.${Buffer.from(content).toString('base64url')}`;
  return `${header}..${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
