import { statusErrors } from '@reckon/api/machinery';
import type { Authenticator, AuthnRequest, AuthnResult } from './authenticator';
import { anonymousUser } from './groups';
import { credentialOf, presentedToken } from './presented-token';
import { type TokenAuthenticator, TokenError } from './token-authenticator';
import { x509Authenticator } from './x509-authenticator';

export interface AuthenticatorOptions {
  /** All bearer tokens: `tokenUnion` of static ones, then those of service accounts (upstream's order). */
  readonly tokens: TokenAuthenticator;
  /** `--anonymous-auth`: who presents nothing is `system:anonymous`; otherwise 401. */
  readonly anonymous: boolean;
}

const anonymous: AuthnResult = { user: anonymousUser };

/**
 * The union of all ways to authenticate, in upstream's order (pkg/kubeapiserver/authenticator `Config.New`): client certificate,
 * bearer token, anonymous. A credential that was presented and is good for none of them is 401, never anonymous.
 */
export function createAuthenticator({ tokens, anonymous: mayBeAnonymous }: AuthenticatorOptions): Authenticator {
  const x509 = x509Authenticator();

  function authenticate(request: AuthnRequest): AuthnResult | undefined | Promise<AuthnResult | undefined> {
    let isRefused = false;
    if (request.peerCertificate !== undefined) {
      const result = refusal(() => x509.authenticate(request));
      if (result === 'refused') isRefused = true;
      else if (result !== undefined) return result;
    }
    const credential = credentialOf(request.authorization);
    switch (credential.kind) {
      case 'none':
        return last(isRefused);
      case 'basic':
        // No password file can be named, so no password is right.
        return last(true);
      case 'bearer': {
        const result = refusal(() => tokens.authenticateToken(presentedToken(credential.token), undefined));
        if (result instanceof Promise) return result.then(knownOrRefused, refusedIfInvalid);
        return result === undefined || result === 'refused' ? last(true) : result;
      }
    }
  }

  function last(isRefused: boolean): AuthnResult | undefined {
    if (isRefused) throw statusErrors.unauthorized();
    return mayBeAnonymous ? anonymous : undefined;
  }

  return { name: 'union', authenticate };
}

function refusal<T>(attempt: () => T): T | 'refused' {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof TokenError) return 'refused';
    throw error;
  }
}

function knownOrRefused(result: AuthnResult | undefined): AuthnResult {
  if (result === undefined) throw statusErrors.unauthorized();
  return result;
}

function refusedIfInvalid(error: unknown): never {
  throw error instanceof TokenError ? statusErrors.unauthorized() : error;
}
