import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import * as z from 'zod';
import { parseMessageId } from '../message-id';

const event = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  revision: z.string(),
  subject: z.string().optional(),
  dataref: z.string().optional(),
  data: z.unknown().optional(),
});

/** A message as a consumer sees it. */
export interface FeedEvent {
  readonly sequence: number;
  readonly subject: string;
  readonly kind: 'entry' | 'marker';
  readonly from: number;
  readonly to: number;
  readonly event: z.output<typeof event>;
}

export const testConnection = (url: string): Promise<NatsConnection> =>
  connect({ servers: url, reconnect: false, timeout: 3_000 });

/** Everything that the stream holds now, in its order. */
export async function readFeed(url: string, stream = 'RECKON'): Promise<FeedEvent[]> {
  const connection = await testConnection(url);
  try {
    const jsm = await jetstreamManager(connection);
    const { state } = await jsm.streams.info(stream);
    if (state.messages === 0) return [];
    const consumer = await jetstream(connection).consumers.get(stream, { deliver_policy: DeliverPolicy.All });
    const events: FeedEvent[] = [];
    const messages = await consumer.consume({ max_messages: 500 });
    for await (const message of messages) {
      const id = parseMessageId(message.headers?.get('Nats-Msg-Id') ?? '');
      if (id === undefined) throw new Error(`a message without an id: ${message.subject}`);
      events.push({
        sequence: message.seq,
        subject: message.subject,
        kind: id.kind,
        from: id.from,
        to: id.to,
        event: event.parse(message.json()),
      });
      if (message.seq >= state.last_seq) break;
    }
    return events;
  } finally {
    await connection.close();
  }
}

/** What a consumer has that skips every revision it has seen; throws where one is missing. */
export function withoutDuplicates(events: readonly FeedEvent[]): FeedEvent[] {
  const kept: FeedEvent[] = [];
  let seen = 0;
  for (const each of events) {
    if (each.to <= seen) continue;
    if (each.from > seen + 1) throw new Error(`revision ${seen + 1} is missing before ${each.from}`);
    kept.push(each);
    seen = each.to;
  }
  return kept;
}
