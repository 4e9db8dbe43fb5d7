import type { UserInfo } from '@reckon/registry/generic';
import { intersection } from './audiences';
import type { AuthnResult } from './authenticator';
import { withAuthenticatedGroup } from './groups';
import { tokenDigest } from './presented-token';
import type { TokenAuthenticator } from './token-authenticator';

export interface StaticToken {
  readonly token: string;
  readonly user: UserInfo;
}

/**
 * Tokens known by heart: those of `--token-auth-file` and of the agents in this process. They are for the apiserver only, whatever
 * its audiences are.
 */
export function staticTokens(tokens: Iterable<StaticToken>, apiAudiences: readonly string[]): TokenAuthenticator {
  const byDigest = new Map<string, AuthnResult>();
  for (const { token, user } of tokens)
    byDigest.set(tokenDigest(token), { user: withAuthenticatedGroup(user), audiences: apiAudiences });

  return {
    authenticateToken(token, audiences) {
      const known = byDigest.get(token.digest);
      if (known === undefined || audiences === undefined) return known;
      const shared = intersection(audiences, apiAudiences);
      return shared.length === 0 ? undefined : { user: known.user, audiences: shared };
    },
  };
}
