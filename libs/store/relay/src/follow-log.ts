import type { Monotonic, Timers } from '@reckon/kernel';
import type { Entry, LogReader, Revision } from '@reckon/store/contract';
import type { NatsConnection } from '@nats-io/transport-node';
import { encodeCompacted, encodeEntry } from './cloud-event';
import { entryId, markerId } from './message-id';
import type { StreamPosition } from './open-stream';
import { PublishWindow } from './publish-window';
import type { FeedMessage } from './publish-window';
import type { RelayOptions } from './relay-options';
import { problemOf, RelayProblem } from './relay-problem';
import { compactedSubject, subjectOf } from './subject';

/** How far the feed is. */
export interface Progress {
  /** Newest revision in the stream. */
  revision: number;
  /** Sequence of its message. */
  sequence: number;
  /** API time of the oldest entry that is known not to be in the stream. */
  pendingSinceMs: number | undefined;
}

export interface FollowOptions {
  readonly connection: NatsConnection;
  readonly position: StreamPosition;
  readonly log: LogReader;
  readonly relay: Pick<RelayOptions, 'stream' | 'subjectPrefix' | 'includeSecrets'>;
  readonly timers: Timers;
  readonly monotonic: Monotonic;
  readonly stopping: AbortSignal;
  readonly progress: Progress;
  readonly onStored: (message: FeedMessage) => void;
}

/** With nothing to publish the stream is asked so often whether it is still there and as it was left. */
const idleMs = 5_000;
/** Room for the headers, which count as part of a message: two ids of 60 bytes, names and numbers. */
const headerBytes = 1024;

/**
 * Publishes what the log has after the position, and what is appended to it, through one window. Returns when all is published
 * after a stop, or after some time without anything to do. Throws as soon as one message cannot be stored.
 */
export async function followLog(options: FollowOptions): Promise<void> {
  const { connection, position, log, relay, timers, monotonic, stopping, progress } = options;
  const serverMost = connection.info?.max_payload ?? 1024 * 1024;
  const encoding = {
    clusterId: log.id,
    includeSecrets: relay.includeSecrets,
    maxBytes: Math.min(serverMost, position.maxMessageBytes ?? serverMost) - headerBytes,
  };
  const news = new News();
  const window = new PublishWindow({
    connection,
    stream: relay.stream,
    sequence: position.sequence,
    timers,
    monotonic,
    onChange: () => {
      news.tell();
    },
    onStored(message, sequence) {
      progress.revision = message.revision;
      progress.sequence = sequence;
      progress.pendingSinceMs = window.oldest?.at ?? (log.head > message.revision ? message.at : undefined);
      options.onStored(message);
    },
  });
  const ends = [
    log.onGrown(() => {
      news.tell();
    }),
    onAbort(stopping, () => {
      news.tell();
    }),
    watchConnection(connection, (error) => {
      window.fail(error);
    }),
    timers.every(idleMs / 2, () => {
      news.tell();
    }),
  ];

  const publish = async (message: FeedMessage, isLast: boolean): Promise<void> => {
    while (window.isFull) {
      await news.wait();
      window.demandSound();
    }
    window.publish(message, isLast);
    progress.pendingSinceMs ??= message.at;
  };
  const entryMessage = (entry: Entry): FeedMessage => {
    const { body, as } = encodeEntry(entry, encoding);
    const { revision, at } = entry;
    return {
      subject: subjectOf(relay.subjectPrefix, entry.key),
      id: entryId(log.id, revision),
      body,
      as,
      revision,
      at,
    };
  };
  const marker = (from: number, to: number, at: number): FeedMessage => ({
    subject: compactedSubject(relay.subjectPrefix),
    id: markerId(log.id, from, to),
    body: encodeCompacted({ from, to, at, floors: log.floors() }, log.id),
    as: 'marker',
    revision: to,
    at,
  });

  let next: number = position.revision + 1;
  let lastAt = 0;
  const publishUpTo = async (to: Revision): Promise<void> => {
    for await (const chunk of log.read({ after: (next - 1) as Revision, to, acrossCompacted: true }))
      for (const [i, entry] of chunk.entries()) {
        // The log is dense: what is missing has been compacted.
        if (entry.revision > next) await publish(marker(next, entry.revision - 1, entry.at), false);
        await publish(entryMessage(entry), i === chunk.length - 1);
        next = entry.revision + 1;
        lastAt = entry.at;
      }
    if (next <= to) await publish(marker(next, to, lastAt), true);
    next = to + 1;
  };

  try {
    let idleSinceMs = monotonic.elapsedMs();
    for (;;) {
      window.demandSound();
      if (next <= log.head) {
        await publishUpTo(log.head);
        idleSinceMs = monotonic.elapsedMs();
      } else if (window.isEmpty && (stopping.aborted || monotonic.elapsedMs() - idleSinceMs >= idleMs)) return;
      else await news.wait();
    }
  } finally {
    window.close();
    for (const end of ends) end();
  }
}

/** Wakes the one who waits; what is told while nobody waits is kept. */
class News {
  private isTold = false;
  private wake: (() => void) | undefined;

  tell(): void {
    this.isTold = true;
    this.wake?.();
  }

  async wait(): Promise<void> {
    if (!this.isTold) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
    this.isTold = false;
  }
}

function onAbort(signal: AbortSignal, run: () => void): () => void {
  signal.addEventListener('abort', run, { once: true });
  return () => {
    signal.removeEventListener('abort', run);
  };
}

/** Tells once that the connection is no good any more, and why. */
function watchConnection(connection: NatsConnection, tell: (error: Error) => void): () => void {
  let isOver = false;
  const say = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    tell(problemOf(error));
  };
  void connection.closed().then((error) => {
    say(error ?? new RelayProblem('Unreachable', 'the server has closed the connection'));
  });
  void (async () => {
    // What the server complains of without a reply: no right to publish, or to hear the answer.
    for await (const status of connection.status()) if (status.type === 'error') say(status.error);
  })();
  return () => {
    isOver = true;
  };
}
