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
