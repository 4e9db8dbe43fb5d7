import type { authenticationv1 } from '@reckon/api/types';
import type { RestClient } from '@reckon/client/rest';
import type { Logger, Monotonic } from '@reckon/kernel';
import { type AuthnResult, type TokenAuthenticator, TokenError } from '@reckon/serve/authn';
import { type CountedQuestion, uncounted } from './delegated-metrics';
import { Remembered } from './remembered';

/** Bearer tokens as the apiserver knows them (TokenReview). While it cannot be asked, no token is good; a refusal is not remembered. */
export function delegatedTokens(
  rest: RestClient,
  options: {
    readonly keepMs: number;
    readonly clock: Monotonic;
    readonly logger: Logger;
    readonly counted?: CountedQuestion | undefined;
  },
): TokenAuthenticator {
  const known = new Remembered<AuthnResult>(options.clock);
  const counted = options.counted ?? uncounted;
  return {
    async authenticateToken({ text, digest }) {
      const before = known.get(digest);
      if (before !== undefined) return before;
      const review = await counted(() =>
        rest.request<authenticationv1.TokenReview>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
          body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: text } },
        }),
      ).catch((cause: unknown) => {
        options.logger.warn('token not reviewed', { error: cause });
        throw new TokenError('the token could not be reviewed', { cause });
      });
      const { authenticated, user, error } = review.status ?? {};
      if (authenticated !== true || user?.username === undefined)
        throw new TokenError(error ?? 'the token was refused');
      const result: AuthnResult = {
        user: {
          name: user.username,
          groups: user.groups ?? [],
          ...(user.uid === undefined ? {} : { uid: user.uid }),
          ...(user.extra === undefined ? {} : { extra: user.extra }),
        },
      };
      known.set(digest, result, options.keepMs);
      return result;
    },
  };
}
