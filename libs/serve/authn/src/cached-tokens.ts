import type { Monotonic } from '@reckon/kernel';
import type { AuthnResult } from './authenticator';
import { BoundedMap } from './bounded-map';
import type { PresentedToken, TokenAuthenticator } from './token-authenticator';
import type { TokenCacheMetrics } from './token-cache-metrics';

export interface CachedTokenOptions {
  /** How long a token that was accepted stays so; 0: it is asked each time. */
  readonly acceptedMs: number;
  /** The same of one that was not; failures to ask are never kept. */
  readonly refusedMs: number;
  readonly clock: Monotonic;
  /** Tokens kept at most. Default 4096. */
  readonly capacity?: number;
  readonly metrics?: TokenCacheMetrics;
}

interface Kept {
  readonly answer: AuthnResult | undefined;
  readonly untilMs: number;
}

/**
 * Answers of an authenticator that is costly to ask, by token and audiences; requests that bring the same token at once share one
 * question (k8s.io/apiserver/pkg/authentication/token/cache).
 */
export function cachedTokens(inner: TokenAuthenticator, options: CachedTokenOptions): TokenAuthenticator {
  const { acceptedMs, refusedMs, clock, capacity = 4096, metrics } = options;
  const kept = new BoundedMap<string, Kept>(capacity);
  const underway = new Map<string, Promise<AuthnResult | undefined>>();

  const keep = (key: string, answer: AuthnResult | undefined): AuthnResult | undefined => {
    const forMs = answer === undefined ? refusedMs : acceptedMs;
    if (forMs > 0) kept.set(key, { answer, untilMs: clock.elapsedMs() + forMs });
    return answer;
  };

  function ask(
    key: string,
    token: PresentedToken,
    audiences: readonly string[] | undefined,
  ): AuthnResult | undefined | Promise<AuthnResult | undefined> {
    const pending = underway.get(key);
    if (pending !== undefined) return counted(pending, false);
    const answer = inner.authenticateToken(token, audiences);
    if (!(answer instanceof Promise)) return keep(key, answer);
    const shared = answer.then((a) => keep(key, a)).finally(() => underway.delete(key));
    underway.set(key, shared);
    return counted(shared, true);
  }

  /** A wait for an answer: one's own question, or that of another. */
  function counted(answer: Promise<AuthnResult | undefined>, isOwn: boolean): Promise<AuthnResult | undefined> {
    if (metrics === undefined) return answer;
    const begunMs = clock.elapsedMs();
    const ended = metrics.fetching(isOwn);
    const end = (isGood: boolean): void => {
      ended(isGood);
      metrics.requested(false, (clock.elapsedMs() - begunMs) / 1000);
    };
    return answer.then(
      (result) => {
        end(true);
        return result;
      },
      (error: unknown) => {
        end(false);
        throw error;
      },
    );
  }

  return {
    authenticateToken(token, audiences) {
      const key = audiences === undefined ? token.digest : `${token.digest} ${JSON.stringify(audiences)}`;
      const before = kept.get(key);
      if (before === undefined || before.untilMs <= clock.elapsedMs()) return ask(key, token, audiences);
      metrics?.requested(true, 0);
      return before.answer;
    },
  };
}
