import { setTimeout as sleep } from 'node:timers/promises';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { feedEventOf, testConnection } from './feed-reader.suite';
import type { FeedEvent, NatsAccess } from './feed-reader.suite';

/**
 * A consumer as docs/feed.md asks for: it reads as messages come, skips every revision up to the newest it has seen, and after
 * whatever ended its reading begins again at the stream's start.
 */
export interface LiveConsumer {
  /** What it has seen: every revision once, in order, from the first on. */
  readonly events: readonly FeedEvent[];
  /** Messages that came a second time. */
  readonly duplicates: number;
  /** What no consumer can make good: the same revision as another event, or a hole in a stream that was read from its start. */
  readonly faults: readonly string[];
  stop(): Promise<void>;
}

const again = 100;

export function startLiveConsumer(to: NatsAccess, stream = 'RECKON'): LiveConsumer {
  const consumer = new StreamConsumer(to, stream);
  consumer.start();
  return consumer;
}

class StreamConsumer implements LiveConsumer {
  readonly events: FeedEvent[] = [];
  readonly faults: string[] = [];
  duplicates = 0;
  private readonly seen = new Map<number, string>();
  private readonly stopping = new AbortController();
  private run: Promise<void> | undefined;

  constructor(
    private readonly to: NatsAccess,
    private readonly stream: string,
  ) {}

  start(): void {
    this.run = this.readForever();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.run;
  }

  private async readForever(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // No server, no stream, or gone while it was read: what all this is about.
      await this.readFromStart().catch(() => undefined);
      await sleep(again, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns when what it reads is another stream than it was. */
  private async readFromStart(): Promise<void> {
    const connection = await testConnection(this.to);
    const close = (): void => void connection.close();
    this.stopping.signal.addEventListener('abort', close, { once: true });
    try {
      if (this.stopping.signal.aborted) return;
      const consumer = await jetstream(connection).consumers.get(this.stream, { deliver_policy: DeliverPolicy.All });
      let sequence = 0;
      for await (const message of await consumer.consume({ abort_on_missing_resource: true })) {
        if (message.seq !== ++sequence || !this.take(feedEventOf(message))) return;
      }
    } finally {
      this.stopping.signal.removeEventListener('abort', close);
      await connection.close();
    }
  }

  /** False where it cannot be what comes next. */
  private take(event: FeedEvent): boolean {
    const text = JSON.stringify(event.event);
    const newest = this.events.at(-1)?.to ?? 0;
    if (event.to <= newest) {
      this.duplicates++;
      const before = this.seen.get(event.to);
      if (before !== undefined && before !== text) this.fault(`revision ${event.to} was another event before`);
      return true;
    }
    if (event.from > newest + 1) {
      this.fault(`revision ${newest + 1} is missing before ${event.from}`);
      return false;
    }
    this.events.push(event);
    this.seen.set(event.to, text);
    return true;
  }

  private fault(text: string): void {
    if (this.faults.at(-1) !== text) this.faults.push(text);
  }
}
