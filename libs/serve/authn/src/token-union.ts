import { aggregateMessage } from '@reckon/api/machinery';
import type { AuthnResult } from './authenticator';
import { type PresentedToken, type TokenAuthenticator, TokenError } from './token-authenticator';

/** Asks each in turn; the first that knows the token answers. A refusal does not keep the others from being asked. */
export function tokenUnion(members: readonly TokenAuthenticator[]): TokenAuthenticator {
  return { authenticateToken: (token, audiences) => ask(members, 0, token, audiences, []) };
}

function ask(
  members: readonly TokenAuthenticator[],
  from: number,
  token: PresentedToken,
  audiences: readonly string[] | undefined,
  errors: TokenError[],
): AuthnResult | undefined | Promise<AuthnResult | undefined> {
  for (let i = from; i < members.length; i++) {
    try {
      const result = members[i]?.authenticateToken(token, audiences);
      if (result instanceof Promise) return askOn(members, i, token, audiences, errors, result);
      if (result !== undefined) return result;
    } catch (error) {
      keep(error, errors);
    }
  }
  if (errors.length > 0) throw allOf(errors);
  return undefined;
}

function allOf(errors: readonly TokenError[]): TokenError {
  const said = errors.flatMap(({ audit }) => (audit === undefined ? [] : [audit]));
  const message = aggregateMessage(errors.map((error) => error.message));
  return new TokenError(
    message,
    said.length === 0 ? {} : { audit: Object.assign({}, ...said) as Record<string, string> },
  );
}

async function askOn(
  members: readonly TokenAuthenticator[],
  current: number,
  token: PresentedToken,
  audiences: readonly string[] | undefined,
  errors: TokenError[],
  pending: Promise<AuthnResult | undefined>,
): Promise<AuthnResult | undefined> {
  try {
    const result = await pending;
    if (result !== undefined) return result;
  } catch (error) {
    keep(error, errors);
  }
  return ask(members, current + 1, token, audiences, errors);
}

function keep(error: unknown, errors: TokenError[]): void {
  if (!(error instanceof TokenError)) throw error;
  errors.push(error);
}
