import { goQuote } from '@reckon/api/machinery';
import type { Random, Timers } from '@reckon/kernel';
import { type WebhookClient, WebhookError } from './webhook-client';

export interface WebhookPatience {
  readonly timers: Timers;
  readonly random: Random;
  /** Default: 500 ms, then half as much again each time, a fifth by chance, five tries in all (apiserver `DefaultRetryBackoff`). */
  readonly backoff?: {
    readonly firstMs: number;
    readonly factor: number;
    readonly jitter: number;
    readonly tries: number;
  };
}

const usual = { firstMs: 500, factor: 1.5, jitter: 0.2, tries: 5 };

/** Asks, and asks again while the failure may pass (k8s.io/apiserver/pkg/util/webhook `WithExponentialBackoff`). Throws `WebhookError`. */
export async function askWebhook(client: WebhookClient, body: string, patience: WebhookPatience): Promise<string> {
  const { timers, random, backoff = usual } = patience;
  let waitMs = backoff.firstMs;
  for (let left = backoff.tries; ; left--) {
    try {
      return await askOnce(client, body, timers);
    } catch (error) {
      if (!(error instanceof WebhookError) || !error.isPassing || left <= 1) throw error;
      await timers.sleep(error.retryAfterMs ?? waitMs * (1 + backoff.jitter * random.float()));
      waitMs *= backoff.factor;
    }
  }
}

async function askOnce(client: WebhookClient, body: string, timers: Timers): Promise<string> {
  const abort = new AbortController();
  const cancel = timers.after(client.timeoutMs, () => {
    abort.abort(new WebhookError(`Post ${goQuote(client.url)}: context deadline exceeded`, { isPassing: false }));
  });
  try {
    return await client.post(body, abort.signal);
  } finally {
    cancel();
  }
}
