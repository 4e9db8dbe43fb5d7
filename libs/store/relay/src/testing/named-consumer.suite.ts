import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { feedEventOf, testConnection } from './feed-reader.suite';
import type { FeedEvent, NatsAccess } from './feed-reader.suite';

export interface NamedConsumerOptions {
  readonly stream: string;
  readonly name: string;
  readonly filter: string;
  /** As the protocol names them: `all`, `new` …; `none`, `explicit` … */
  readonly deliver: string;
  readonly ack: string;
}

/** A pull consumer that the server keeps. */
export interface NamedConsumer {
  /** Up to so many messages that it has not been given; fewer where there are no more now. */
  next(count: number): Promise<FeedEvent[]>;
}

/** What `nats consumer add --pull` does. Throws what the server refuses. */
export async function addConsumer(to: NatsAccess, options: NamedConsumerOptions): Promise<NamedConsumer> {
  const { stream, name, filter } = options;
  const connection = await testConnection(to);
  try {
    await (
      await jetstreamManager(connection)
    ).consumers.add(stream, {
      durable_name: name,
      filter_subject: filter,
      deliver_policy: valueOf(DeliverPolicy, options.deliver),
      ack_policy: valueOf(AckPolicy, options.ack),
    });
  } finally {
    await connection.close();
  }
  return {
    async next(count) {
      const asking = await testConnection(to);
      try {
        const consumer = await jetstream(asking).consumers.get(stream, name);
        const events: FeedEvent[] = [];
        for await (const message of await consumer.fetch({ max_messages: count, expires: 1_000 }))
          events.push(feedEventOf(message));
        return events;
      } finally {
        await asking.close();
      }
    },
  };
}

function valueOf<T extends string>(values: Readonly<Record<string, T>>, text: string): T {
  const found = Object.values(values).find((value) => value === text);
  if (found === undefined) throw new Error(`${text} is none of ${Object.values(values).join(', ')}`);
  return found;
}
