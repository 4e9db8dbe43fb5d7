import { statusErrors } from '@reckon/api/machinery';
import { type AnonymousRule, anonymousAuthenticator } from './anonymous-rule';
import type { Authenticator, AuthnRequest, AuthnResult } from './authenticator';
import { bearerTokenOf, presentedToken } from './presented-token';
import { type TokenAuthenticator, TokenError } from './token-authenticator';
import { type WebSocketToken, webSocketToken } from './websocket-token';

export interface AuthenticatorOptions {
  /** What is known by headers and certificates: front proxy, passwords, X.509, those that there are, in this order (upstream's). */
  readonly requests: readonly Authenticator[];
  /** All bearer tokens: `tokenUnion` of static ones, service accounts, bootstrap tokens, OIDC, webhook (upstream's order). */
  readonly tokens: TokenAuthenticator;
  /** Who presents nothing is `system:anonymous`; otherwise 401. */
  readonly anonymous: AnonymousRule;
}

/**
 * The union of all ways to authenticate, in upstream's order (pkg/kubeapiserver/authenticator `Config.New`): those by the request,
 * bearer token, a token among the protocols of a WebSocket, anonymous. A credential that was presented and is good for none of them is
 * 401, never anonymous.
 */
export function createAuthenticator({ requests, tokens, anonymous }: AuthenticatorOptions): Authenticator {
  const stranger = anonymousAuthenticator(anonymous);

  function authenticate(request: AuthnRequest): AuthnResult | undefined | Promise<AuthnResult | undefined> {
    let isRefused = false;
    for (const authenticator of requests) {
      const result = attempted(() => authenticator.authenticate(request));
      if (result === 'refused') isRefused = true;
      else if (result !== undefined) return result;
    }
    return byToken(request, isRefused);
  }

  function byToken(
    request: AuthnRequest,
    isRefused: boolean,
  ): AuthnResult | undefined | Promise<AuthnResult | undefined> {
    const bearer = bearerTokenOf(request.authorization);
    if (bearer === undefined) return byProtocol(request, isRefused);
    const result = attempted(() => tokens.authenticateToken(presentedToken(bearer), undefined));
    if (result instanceof Promise)
      return result.then(
        (late) => late ?? byProtocol(request, true),
        (error: unknown) => {
          if (!(error instanceof TokenError)) throw error;
          return byProtocol(request, true);
        },
      );
    return result === undefined || result === 'refused' ? byProtocol(request, true) : result;
  }

  function byProtocol(
    request: AuthnRequest,
    isRefused: boolean,
  ): AuthnResult | undefined | Promise<AuthnResult | undefined> {
    if (request.headers['sec-websocket-protocol'] === undefined) return last(request, isRefused);
    const offered = attempted(() => webSocketToken(request.headers));
    if (offered === undefined) return last(request, isRefused);
    return offered === 'refused' ? last(request, true) : byOfferedToken(request, offered);
  }

  async function byOfferedToken(request: AuthnRequest, offered: WebSocketToken): Promise<AuthnResult | undefined> {
    try {
      const result = await tokens.authenticateToken(presentedToken(offered.token), undefined);
      if (result === undefined) return last(request, true);
      // Whoever chooses a protocol later must not choose, and so tell, the token.
      request.headers['sec-websocket-protocol'] = offered.otherProtocols;
      return result;
    } catch (error) {
      if (error instanceof TokenError) return last(request, true);
      throw error;
    }
  }

  function last({ path }: AuthnRequest, isRefused: boolean): AuthnResult | undefined {
    if (isRefused) throw statusErrors.unauthorized();
    return stranger(path);
  }

  return { name: 'union', authenticate };
}

function attempted<T>(attempt: () => T): T | 'refused' {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof TokenError) return 'refused';
    throw error;
  }
}
