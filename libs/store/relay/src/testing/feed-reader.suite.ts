import type { ConnectionOptions } from 'node:tls';
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection, TlsOptions } from '@nats-io/transport-node';
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

/** How a test itself gets at a server that lets not everybody in. */
export interface NatsAccess {
  /** `127.0.0.1:<port>` */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** What a `.creds` file holds. */
  readonly creds?: string;
  /** PEM texts. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}

export const testConnection = (to: string | NatsAccess): Promise<NatsConnection> => {
  const { url, user, password, creds, tls }: NatsAccess = typeof to === 'string' ? { url: to } : to;
  // The driver names no host to a server that is addressed by its IP; who the server is, is the relay's to ask.
  const trusting: TlsOptions & Pick<ConnectionOptions, 'checkServerIdentity'> = {
    ...tls,
    checkServerIdentity: () => undefined,
  };
  return connect({
    servers: url,
    reconnect: false,
    timeout: 3_000,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(creds === undefined ? {} : { authenticator: credsAuthenticator(Buffer.from(creds)) }),
    ...(tls === undefined ? {} : { tls: trusting }),
  });
};

/** Throws on what no relay publishes. */
export function feedEventOf(message: JsMsg): FeedEvent {
  const id = parseMessageId(message.headers?.get('Nats-Msg-Id') ?? '');
  if (id === undefined) throw new Error(`a message without an id: ${message.subject}`);
  return {
    sequence: message.seq,
    subject: message.subject,
    kind: id.kind,
    from: id.from,
    to: id.to,
    event: event.parse(message.json()),
  };
}

export interface ReadFeedOptions {
  readonly stream?: string;
  /** Only what has this subject; wildcards are NATS's. */
  readonly filter?: string;
}

/** Everything that the stream holds now, in its order. */
export async function readFeed(
  to: string | NatsAccess,
  { stream = 'RECKON', filter }: ReadFeedOptions = {},
): Promise<FeedEvent[]> {
  const connection = await testConnection(to);
  try {
    const jsm = await jetstreamManager(connection);
    const { state } = await jsm.streams.info(stream);
    if (state.messages === 0) return [];
    const consumer = await jetstream(connection).consumers.get(stream, {
      deliver_policy: DeliverPolicy.All,
      ...(filter === undefined ? {} : { filter_subjects: filter }),
    });
    // Without a filter it is all of them.
    const { num_pending: wanted } = await consumer.info();
    const events: FeedEvent[] = [];
    if (wanted === 0) return events;
    const messages = await consumer.consume({ max_messages: 500 });
    for await (const message of messages) {
      events.push(feedEventOf(message));
      if (events.length === wanted) break;
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
