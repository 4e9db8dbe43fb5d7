import { aggregateMessage, statusErrors } from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import type { AuthnResult } from '../authenticator';
import { presentedToken } from '../presented-token';
import { type TokenAuthenticator, TokenError } from '../token-authenticator';
import { userInfoObject } from './user-info-object';

export interface TokenReviewParts {
  readonly tokens: TokenAuthenticator;
  readonly apiAudiences: readonly string[];
}

const unknownToken = 'invalid bearer token';

/** POST tokenreviews: is this token good for these audiences, and whose is it (pkg/registry/authentication/tokenreview `REST.Create`). */
export async function reviewToken(
  { tokens, apiAudiences }: TokenReviewParts,
  review: authenticationv1.TokenReview,
): Promise<authenticationv1.TokenReview> {
  const { token = '', audiences = [] } = review.spec;
  if (token === '') throw statusErrors.badRequest('token is required for TokenReview in authentication');
  const status = await statusOf(tokens, token, audiences.length === 0 ? apiAudiences : audiences);
  return {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: review.metadata,
    spec: review.spec,
    status,
  };
}

async function statusOf(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
): Promise<authenticationv1.TokenReviewStatus> {
  let result: AuthnResult | undefined;
  // Upstream asks its own loop-back token first, which always says this; then come the others.
  const refusals = [unknownToken];
  try {
    result = await tokens.authenticateToken(presentedToken(token), audiences);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    refusals.push(error.message);
  }
  if (result === undefined) return { user: {}, error: aggregateMessage(refusals) };
  return {
    authenticated: true,
    user: userInfoObject(result.user),
    ...(result.audiences === undefined || result.audiences.length === 0 ? {} : { audiences: [...result.audiences] }),
  };
}
