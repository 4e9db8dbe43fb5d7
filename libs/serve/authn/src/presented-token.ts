import { createHash } from 'node:crypto';
import type { PresentedToken } from './token-authenticator';

export function presentedToken(text: string): PresentedToken {
  return { text, digest: tokenDigest(text) };
}

export function tokenDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** What an `Authorization` header offers; `none` also where it is too malformed to be a credential, which upstream overlooks. */
export type Credential =
  { readonly kind: 'none' } | { readonly kind: 'bearer'; readonly token: string } | { readonly kind: 'basic' };

const none: Credential = { kind: 'none' };
const basic: Credential = { kind: 'basic' };

/** k8s.io/apiserver/pkg/authentication/request/bearertoken `AuthenticateRequest`: scheme in any case, the word after it. */
export function credentialOf(authorization: string): Credential {
  if (authorization === '') return none;
  const [scheme, token] = authorization.trim().split(' ', 2);
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return token === undefined || token === '' ? none : { kind: 'bearer', token };
    case 'basic':
      return basic;
    default:
      return none;
  }
}
