import type { RestClient } from '@reckon/client/rest';
import type { Logger, Running, Timers } from '@reckon/kernel';
import { publishedClientCa } from './delegated-guard';

const retryMs = 5_000;
const againMs = 60_000;

/**
 * Keeps a server's client CA as the cluster publishes it. Does not wait for the apiserver: until it answers, no client certificate
 * is good.
 */
export function followClientCa(options: {
  readonly rest: RestClient;
  readonly timers: Timers;
  readonly logger: Logger;
  /** May throw: the one before stays. */
  readonly use: (caPem: string) => void;
}): Running {
  const abort = new AbortController();
  const follow = async (): Promise<void> => {
    let current: string | undefined;
    while (!abort.signal.aborted) {
      const found = await publishedClientCa(options.rest, options.logger);
      if (found !== undefined && found !== current)
        try {
          options.use(found);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          options.logger.error('the published client CA cannot be used, the one before stays', { error: reason });
        }
      current = found ?? current;
      await options.timers.sleep(current === undefined ? retryMs : againMs, abort.signal);
    }
  };
  const following = follow();
  return {
    async stop() {
      abort.abort();
      await following;
    },
  };
}
