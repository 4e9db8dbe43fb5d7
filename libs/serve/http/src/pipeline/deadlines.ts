import { statusErrors } from '@reckon/api/machinery';
import type { CancelTimer } from '@reckon/kernel';
import type { Exchange } from '../exchange';
import { respondError } from '../response/respond-error';
import { respondTimeout } from '../response/respond-timeout';
import type { ServerParts } from '../server-parts';
import { isLongRunning } from './in-flight';

/** endpoints/handlers `requestTimeoutUpperBound`: a write that has no answer by then gets none. */
const longestWriteMs = 34_000;
const writes: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);
const sweepMs = 1000;

/**
 * Requests that take too long are answered by 504: writes after 34 seconds (endpoints/handlers/finisher), everything but watches and
 * streams after the request timeout (server/filters `WithTimeoutForNonLongRunningRequests`). What they began may yet be done. One look
 * a second at those in flight instead of a timer for each: most are over before it.
 */
export function watchDeadlines(
  running: Iterable<Exchange>,
  { timers, monotonic, limit }: Pick<ServerParts, 'timers' | 'monotonic' | 'limit'>,
): CancelTimer {
  return timers.every(sweepMs, () => {
    const nowMs = monotonic.elapsedMs();
    for (const exchange of running) {
      const tookMs = nowMs - exchange.startedMs;
      if (tookMs < Math.min(longestWriteMs, limit.requestMs) || !hasDeadline(exchange)) continue;
      if (tookMs >= limit.requestMs) respondTimeout(exchange);
      else if (isWrite(exchange) && !exchange.response.headersSent) giveUp(exchange);
    }
  });
}

/** Sets the deadline that the client asks for by `?timeout=`. True if that is over already. */
export function setDeadline(exchange: Exchange, afterMs: number): boolean {
  const { timers, monotonic } = exchange.server;
  const leftMs = afterMs - (monotonic.elapsedMs() - exchange.startedMs);
  if (leftMs <= 0) {
    respondTimeout(exchange);
    return true;
  }
  const cancel = timers.after(leftMs, () => {
    respondTimeout(exchange);
  });
  exchange.response.once('close', cancel);
  return false;
}

/** The history is sent for as long as it is long. */
export const hasDeadline = (exchange: Exchange): boolean => !exchange.info.isHistory && !isLongRunning(exchange);

const isWrite = ({ info }: Exchange): boolean => info.isResource && writes.has(info.verb);

function giveUp(exchange: Exchange): void {
  respondError(
    exchange,
    statusErrors.timeout('request did not complete within requested timeout - context deadline exceeded', 0),
  );
  exchange.timedOut();
}
