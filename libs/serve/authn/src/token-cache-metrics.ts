import type { MetricsRegistry } from '@reckon/kernel';

/** What is counted of remembered answers about tokens. */
export interface TokenCacheMetrics {
  /** Somebody showed a token whose answer was remembered, or not. */
  requested(isHit: boolean, seconds: number): void;
  /** Somebody waits, for the answer to their own question or for one that another has asked for; the returned function ends it. */
  fetching(isOwn: boolean): (isGood: boolean) => void;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const prefix = 'authentication_token_cache_';

/** Names and labels as apiserver/pkg/authentication/token/cache has them. */
export function tokenCacheMetrics(metrics: MetricsRegistry): TokenCacheMetrics {
  const requests = metrics.counter(`${prefix}request_total`, 'Tokens shown, by whether the answer was remembered.', [
    'status',
  ]);
  const latency = metrics.histogram(`${prefix}request_duration_seconds`, 'Time to an answer about a token.', seconds, [
    'status',
  ]);
  const fetches = metrics.counter(`${prefix}fetch_total`, 'Answers about tokens that were asked for.', ['status']);
  const active = metrics.gauge(`${prefix}active_fetch_count`, 'Answers about tokens that are waited for.', ['status']);
  const count = { in_flight: 0, blocked: 0 };
  const move = (status: keyof typeof count, by: number): void => {
    count[status] += by;
    active.set(count[status], status);
  };
  for (const status of ['hit', 'miss']) requests.add(0, status);
  for (const status of ['ok', 'error']) fetches.add(0, status);
  move('in_flight', 0);
  move('blocked', 0);
  return {
    requested(isHit, took) {
      const status = isHit ? 'hit' : 'miss';
      requests.add(1, status);
      latency.observe(took, status);
    },
    fetching(isOwn) {
      move('blocked', 1);
      if (isOwn) move('in_flight', 1);
      return (isGood) => {
        move('blocked', -1);
        if (!isOwn) return;
        move('in_flight', -1);
        fetches.add(1, isGood ? 'ok' : 'error');
      };
    },
  };
}
