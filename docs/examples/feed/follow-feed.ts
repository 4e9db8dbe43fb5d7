import { DeliverPolicy, jetstream, JetStreamApiError, JetStreamError, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a consumer is. Keep it together with what you have made of the events: then each counts exactly once. */
export interface Cursor {
  /** The newest revision seen. */
  readonly revision: number;
  /** The place of its message in the stream. */
  readonly sequence: number;
}

export const fromTheStart: Cursor = { revision: 0, sequence: 0 };

/** A CloudEvent of the feed; numbers are texts in it. */
export interface FeedEvent {
  readonly id: string;
  readonly source: string;
  readonly type:
    'io.reckon.object.created' | 'io.reckon.object.updated' | 'io.reckon.object.deleted' | 'io.reckon.log.compacted';
  /** `/apps/deployments/default/web`: storage group, resource, namespace and name. Not there in a marker of compacted history. */
  readonly subject?: string;
  readonly time: string;
  readonly revision: string;
  readonly actor?: string;
  /** The object after the change (before it, for a delete); of Secrets only the metadata. */
  readonly data?: unknown;
  /** Instead of `data` where the object is too large: its path on the apiserver. */
  readonly dataref?: string;
}

/**
 * Every event after the cursor, each revision once and in order, for ever: also when the server restarts, and when the stream was
 * deleted and the relay has filled it again. Throws when the stream has lost what had not been read.
 */
export async function* followFeed(
  connection: NatsConnection,
  stream: string,
  after: Cursor,
): AsyncGenerator<{ readonly event: FeedEvent; readonly cursor: Cursor }> {
  let cursor = after;
  for (;;) {
    const start = await startAfter(connection, stream, cursor);
    if (start !== undefined)
      try {
        const consumer = await jetstream(connection).consumers.get(stream, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: start,
        });
        for await (const message of await consumer.consume({ abort_on_missing_resource: true })) {
          const { from, to } = rangeOf(message);
          if (to <= cursor.revision) continue; // Seen before the relay published it again.
          if (cursor.revision > 0 && from > cursor.revision + 1) {
            if (start === 1) throw new Error(`revisions ${cursor.revision + 1} to ${from - 1} are not in the stream`);
            break; // Another stream than it was: read it from its start.
          }
          cursor = { revision: to, sequence: message.seq };
          yield { event: message.json<FeedEvent>(), cursor };
        }
      } catch (error) {
        // The stream or its consumer went away while it was read.
        if (!(error instanceof JetStreamApiError || error instanceof JetStreamError)) throw error;
      }
    await sleep(500);
  }
}

/** The sequence to start from; undefined while there is no stream. */
async function startAfter(
  connection: NatsConnection,
  stream: string,
  { sequence, revision }: Cursor,
): Promise<number | undefined> {
  try {
    const jsm = await jetstreamManager(connection, { checkAPI: false });
    await jsm.streams.info(stream);
    if (sequence === 0) return 1;
    const message = await jsm.streams.getMessage(stream, { seq: sequence });
    const isSame = message !== null && rangeOf({ headers: message.header }).to === revision;
    return isSame ? sequence + 1 : 1;
  } catch (error) {
    if (error instanceof JetStreamApiError) return undefined;
    throw error;
  }
}

/** `Nats-Msg-Id` is `<cluster id>:<revision>`, or `<cluster id>:<from>-<to>` for revisions that were compacted away. */
function rangeOf({ headers }: Pick<JsMsg, 'headers'>): { readonly from: number; readonly to: number } {
  const id = headers?.get('Nats-Msg-Id') ?? '';
  const [from = NaN, to = from] = id
    .slice(id.lastIndexOf(':') + 1)
    .split('-')
    .map(Number);
  return { from, to };
}
