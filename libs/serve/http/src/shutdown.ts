import type { Timers } from '@reckon/kernel';
import type { Exchange } from './exchange';

/** How a server goes away; names and meaning as k8s.io/apiserver/pkg/server/options `ServerRunOptions`. */
export interface ShutdownOptions {
  /** It is not ready any more, and serves as before, for this long: balancers take it off their lists. */
  readonly delayMs: number;
  /** While answers in flight are finished it goes on listening, and sends whoever comes to another server. */
  readonly sendsRetryAfter: boolean;
  /** Watches are ended one after the other in this time, so that not all of them come back at once; 0: all of them at once. */
  readonly watchGraceMs: number;
}

export const defaultShutdown: ShutdownOptions = { delayMs: 0, sendsRetryAfter: false, watchGraceMs: 0 };

/**
 * serving → leaving (not ready, serves) → refusing (with `sendsRetryAfter`) or draining (what was there before) → ended
 */
export interface Shutdown {
  phase: 'serving' | 'leaving' | 'refusing' | 'draining';
}

/** Ends the watches that are open, evenly over the time; resolves when the last was told. */
export async function endWatches(watches: ReadonlySet<Exchange>, overMs: number, timers: Timers): Promise<void> {
  const open = [...watches];
  const pauseMs = overMs / open.length;
  let owedMs = 0;
  for (const [i, watch] of open.entries()) {
    watch.abort();
    owedMs += pauseMs;
    // Timers are not exact enough for less.
    if (owedMs < 10 || i === open.length - 1) continue;
    await timers.sleep(owedMs);
    owedMs = 0;
  }
}
