import type { Timers } from '@reckon/kernel';
import type { Answer } from './webhook-client';

/** client-go/rest `Request.maxRetries` */
export const mostRetries = 10;

/** How long a webhook asks to be left alone before it is asked again (client-go/rest `checkWait`); undefined: it does not. */
export function askedPauseMs({ code, retryAfter }: Answer): number | undefined {
  const isForLater = code === 429 || (code >= 500 && code < 600);
  return isForLater && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

export interface Pause {
  readonly timers: Pick<Timers, 'after'>;
  readonly signal: AbortSignal;
  /** What is left of the call's time. */
  readonly leftMs: number;
}

/** Waits so long, or as long as there is time: then, or when the request is over, it says which of them ended it. */
export function pause(ms: number, { timers, signal, leftMs }: Pause): Promise<'Deadline' | 'Cancelled' | undefined> {
  return new Promise((resolve) => {
    const isTooLong = ms >= leftMs;
    const cancel = (): void => {
      stop();
      resolve('Cancelled');
    };
    const stop = timers.after(Math.min(ms, leftMs), () => {
      signal.removeEventListener('abort', cancel);
      resolve(isTooLong ? 'Deadline' : undefined);
    });
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  });
}
