import { aggregateMessage, statusErrors } from '@reckon/api/machinery';
import { type AnonymousRule, anonymousAuthenticator } from './anonymous-rule';
import type { Authenticator, AuthnRequest, AuthnResult } from './authenticator';
import { bearerTokenOf, presentedToken, spacedTokenWarning } from './presented-token';
import { type TokenAuthenticator, TokenError } from './token-authenticator';
import { type WebSocketToken, webSocketToken } from './websocket-token';

export interface AuthenticatorOptions {
  /** What is known by headers and certificates: front proxy, passwords, X.509, those that there are, in this order (upstream's). */
  readonly requests: readonly Authenticator[];
  /** All bearer tokens: `tokenUnion` of static ones, service accounts, bootstrap tokens, OIDC, webhook (upstream's order). */
  readonly tokens: TokenAuthenticator;
  /** Who presents nothing is `system:anonymous`; otherwise 401. */
  readonly anonymous: AnonymousRule;
  /** Is told why somebody is refused, which they are not. */
  readonly refused?: (why: string) => void;
}

type Result = AuthnResult | undefined | Promise<AuthnResult | undefined>;
/** What was wrong with all that was presented so far. */
type Refusals = readonly string[];

/** What is wrong with a token that nobody knows. */
const unknownToken = 'invalid bearer token';

/**
 * The union of all ways to authenticate, in upstream's order (pkg/kubeapiserver/authenticator `Config.New`): those by the request,
 * bearer token, a token among the protocols of a WebSocket, anonymous. A credential that was presented and is good for none of them is
 * 401, never anonymous.
 */
export function createAuthenticator({ requests, tokens, anonymous, refused }: AuthenticatorOptions): Authenticator {
  const stranger = anonymousAuthenticator(anonymous);

  function authenticate(request: AuthnRequest): Result {
    let refusals = nothing;
    for (const authenticator of requests) {
      const result = attempted(() => authenticator.authenticate(request));
      if (result instanceof TokenError) refusals = [...refusals, result.message];
      else if (result !== undefined) return result;
    }
    return byToken(request, refusals);
  }

  function byToken(request: AuthnRequest, refusals: Refusals): Result {
    const bearer = bearerTokenOf(request.authorization);
    if (bearer === undefined) return withWarning(byProtocol(request, refusals), request);
    const unknown = (why: string): Result => byProtocol(request, [...refusals, why]);
    const bad = (error: TokenError): Result => {
      annotate(request, error);
      return unknown(error.message);
    };
    const result = attempted(() => tokens.authenticateToken(presentedToken(bearer), undefined));
    if (result instanceof Promise)
      return result.then(
        (late) => late ?? unknown(unknownToken),
        (error: unknown) => {
          if (!(error instanceof TokenError)) throw error;
          return bad(error);
        },
      );
    if (result instanceof TokenError) return bad(result);
    return result ?? unknown(unknownToken);
  }

  function byProtocol(request: AuthnRequest, refusals: Refusals): Result {
    if (request.headers['sec-websocket-protocol'] === undefined) return last(request, refusals);
    const offered = attempted(() => webSocketToken(request.headers));
    if (offered === undefined) return last(request, refusals);
    if (offered instanceof TokenError) return last(request, [...refusals, offered.message]);
    return byOfferedToken(request, offered, refusals);
  }

  async function byOfferedToken(
    request: AuthnRequest,
    offered: WebSocketToken,
    refusals: Refusals,
  ): Promise<AuthnResult | undefined> {
    try {
      const result = await tokens.authenticateToken(presentedToken(offered.token), undefined);
      if (result === undefined) return last(request, [...refusals, unknownToken]);
      // Whoever chooses a protocol later must not choose, and so tell, the token.
      request.headers['sec-websocket-protocol'] = offered.otherProtocols;
      return result;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      annotate(request, error);
      return last(request, [...refusals, error.message]);
    }
  }

  function last({ path }: AuthnRequest, refusals: Refusals): AuthnResult | undefined {
    if (refusals.length === 0) return stranger(path);
    refused?.(aggregateMessage(refusals));
    throw statusErrors.unauthorized();
  }

  return { name: 'union', authenticate };
}

const nothing: Refusals = [];

function annotate(request: AuthnRequest, { audit = {} }: TokenError): void {
  for (const [key, value] of Object.entries(audit)) request.annotate?.(key, value);
}

function attempted<T>(attempt: () => T): T | TokenError {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
}

function withWarning(result: Result, { authorization }: AuthnRequest): Result {
  const warning = authorization === '' ? undefined : spacedTokenWarning(authorization);
  if (warning === undefined) return result;
  const warned = (known: AuthnResult | undefined): AuthnResult | undefined =>
    known && { ...known, warnings: [...(known.warnings ?? []), warning] };
  return result instanceof Promise ? result.then(warned) : warned(result);
}
