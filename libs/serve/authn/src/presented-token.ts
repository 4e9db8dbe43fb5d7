import { createHash } from 'node:crypto';
import type { PresentedToken } from './token-authenticator';

export function presentedToken(text: string): PresentedToken {
  return { text, digest: tokenDigest(text) };
}

export function tokenDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/**
 * The token of an `Authorization` header: scheme in any case, the word after it
 * (k8s.io/apiserver/pkg/authentication/request/bearertoken `AuthenticateRequest`). undefined also where the header is too malformed to
 * be a credential, or is one of another scheme.
 */
export function bearerTokenOf(authorization: string): string | undefined {
  if (authorization === '') return undefined;
  const [scheme, token] = authorization.trim().split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** Two spaces where one belongs: nobody reads the token then, so that its sender must be told (bearertoken `invalidTokenWithSpaceWarning`). */
export const spacedTokenWarning = (authorization: string): string | undefined =>
  /^\s*bearer {2}.*\S/i.test(authorization)
    ? 'the provided Authorization header contains extra space before the bearer token, and is ignored'
    : undefined;
