import type { Random, Timers } from '@reckon/kernel';
import { type AuditBackend, AuditBackendError } from '../audit-backend';
import { type AuditEvent, listItem } from '../audit-event';

export interface WebhookBackendParts {
  /** Posts JSON; rejects unless the answer is a success. */
  readonly client: { post(body: string, signal: AbortSignal): Promise<unknown>; close(): void | Promise<void> };
  /** Before the second try; then half as much again each time. */
  readonly initialBackoffMs: number;
  readonly timers: Timers;
  readonly random: Random;
}

const tries = 5;
const growth = 1.5;
const jitter = 0.2;
const requestMs = 30_000;

/**
 * Posts events as an EventList. Whatever goes wrong is tried again a few times (plugin/pkg/audit/webhook `retryOnError`): there is hardly
 * an error after which the receiver may not come back. Once it is stopped there is one try.
 */
export function webhookBackend({ client, initialBackoffMs, timers, random }: WebhookBackendParts): AuditBackend {
  const stopping = new AbortController();
  async function send(body: string): Promise<void> {
    let waitMs = initialBackoffMs;
    for (let left = tries; ; left--) {
      try {
        await withinTime((signal) => client.post(body, signal), timers);
        return;
      } catch (cause) {
        if (left === 1 || stopping.signal.aborted) {
          const why = cause instanceof Error ? cause.message : String(cause);
          throw new AuditBackendError('webhook', `the audit webhook did not take events: ${why}`, { cause });
        }
        await timers.sleep(waitMs * (1 + jitter * random.float()), stopping.signal);
        waitMs *= growth;
      }
    }
  }
  const running = new Set<Promise<void>>();
  return {
    name: 'webhook',
    process(events) {
      const sending = send(listOf(events)).finally(() => running.delete(sending));
      running.add(sending);
      return sending;
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(running);
      await client.close();
    },
  };
}

async function withinTime(post: (signal: AbortSignal) => Promise<unknown>, timers: Timers): Promise<void> {
  const patience = new AbortController();
  const cancel = timers.after(requestMs, () => {
    patience.abort();
  });
  try {
    await post(patience.signal);
  } finally {
    cancel();
  }
}

const listOf = (events: readonly AuditEvent[]): string =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.map(listItem).join(',')}]}`;
