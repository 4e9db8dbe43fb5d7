import type { Monotonic, Timers } from '@reckon/kernel';
import { createInbox, headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import * as z from 'zod';
import { cloudEventType } from './cloud-event';
import type { PublishedAs } from './cloud-event';
import { jsonText } from './json-text';
import { problemOfApiCode, RelayProblem } from './relay-problem';

/** One message of the feed. */
export interface FeedMessage {
  readonly subject: string;
  readonly id: string;
  readonly body: Buffer;
  readonly as: PublishedAs;
  /** The revision that the feed has reached with it. */
  readonly revision: number;
  /** API time of the entry. */
  readonly at: number;
}

export interface WindowOptions {
  readonly connection: NatsConnection;
  readonly stream: string;
  /** Sequence of the last message of the stream. */
  readonly sequence: number;
  readonly timers: Timers;
  readonly monotonic: Monotonic;
  /** A message is in the stream, and with it all before it. In order. */
  readonly onStored: (message: FeedMessage, sequence: number) => void;
  /** There is room again, or the window has failed. */
  readonly onChange: () => void;
}

/** A message was not stored that had not asked for an answer. Published again, it comes first, and the server says why. */
export class UnexplainedRefusal extends Error {}

interface Underway {
  readonly message: FeedMessage;
  readonly sequence: number;
  readonly sentMs: number;
  /** The one before it asked for no answer. */
  readonly followsUnasked: boolean;
}

/** So many messages and bytes are underway at most: the relay's bound of memory. */
const mostMessages = 256;
const mostBytes = 4 * 1024 * 1024;
/** So many messages go out after one that the server shall confirm until the next such one: half of what a message costs is the answer. */
const mostUnasked = 32;
const ackTimeoutMs = 5_000;

/** `io.nats.jetstream.api.v1.pub_ack_response` */
const pubAck = jsonText.pipe(
  z.union([
    z.object({ error: z.object({ err_code: z.number(), description: z.string() }) }),
    z.object({ stream: z.string(), seq: z.number() }),
  ]),
);

/**
 * Messages on their way into the stream, chained so that none can be stored without the one before it:
 *
 * ```
 *   stream ends at 7      publish a (expects 7)   b (expects 8, after a)   c (expects 9, after b)
 * ```
 * If b is lost, c is refused, and the window fails: whoever filled it asks the stream where it stands and begins anew. The first
 * message expects a sequence only, for a server that was restarted does not know the id of its last message any more.
 *
 * So who is confirmed confirms all before him, and not every message asks for an answer. The first does: what the server has
 * against a message that did not ask is told when it comes again.
 *
 * It speaks the protocol of `JetStreamClient.publish` on one reply subject: a request of the driver per message costs five times
 * as much.
 */
export class PublishWindow {
  private readonly underway: Underway[] = [];
  private bytes = 0;
  private sequence: number;
  private lastId: string | undefined;
  /** Messages behind the newest that asks for an answer. */
  private unasked = 0;
  private readonly inbox = createInbox();
  private readonly endSubscription: () => void;
  private readonly endWatch: () => void;
  private failure: Error | undefined;

  constructor(private readonly options: WindowOptions) {
    this.sequence = options.sequence;
    const { connection, timers } = options;
    const subscription = connection.subscribe(`${this.inbox}.*`, {
      callback: (error, answer) => {
        if (error === null) this.hear(answer);
        else this.fail(error);
      },
    });
    this.endSubscription = () => {
      if (!connection.isClosed()) subscription.unsubscribe();
    };
    this.endWatch = timers.every(ackTimeoutMs / 5, () => {
      const [oldest] = this.underway;
      if (oldest !== undefined && options.monotonic.elapsedMs() - oldest.sentMs > ackTimeoutMs)
        this.fail(new RelayProblem('Unanswered', 'the server does not confirm what it was sent'));
    });
  }

  get oldest(): FeedMessage | undefined {
    return this.underway[0]?.message;
  }

  get isFull(): boolean {
    return this.underway.length >= mostMessages || this.bytes >= mostBytes;
  }

  get isEmpty(): boolean {
    return this.underway.length === 0;
  }

  /** Throws what the window failed with. */
  demandSound(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** `isLast`: none is to follow at once. */
  publish(message: FeedMessage, isLast: boolean): void {
    this.demandSound();
    const { connection, stream, monotonic } = this.options;
    const head = headers();
    head.set('Content-Type', cloudEventType);
    head.set('Nats-Msg-Id', message.id);
    head.set('Nats-Expected-Stream', stream);
    head.set('Nats-Expected-Last-Sequence', String(this.sequence));
    if (this.lastId !== undefined) head.set('Nats-Expected-Last-Msg-Id', this.lastId);
    const isFirst = this.lastId === undefined;
    this.sequence++;
    this.lastId = message.id;
    this.bytes += message.body.length;
    this.underway.push({
      message,
      sequence: this.sequence,
      sentMs: monotonic.elapsedMs(),
      followsUnasked: this.unasked > 0,
    });
    const asks = isFirst || isLast || this.isFull || this.unasked === mostUnasked;
    this.unasked = asks ? 0 : this.unasked + 1;
    connection.publish(message.subject, message.body, {
      headers: head,
      ...(asks ? { reply: `${this.inbox}.${this.sequence}` } : {}),
    });
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.options.onChange();
  }

  /** What is underway stays so: it may still be stored, and then it is the right thing at the right place. */
  close(): void {
    this.endWatch();
    this.endSubscription();
    this.fail(new RelayProblem('Unreachable', 'the window is closed'));
  }

  private hear(answer: Msg): void {
    if (this.failure !== undefined) return;
    const problem = this.problemOfAnswer(answer);
    if (problem === undefined) this.options.onChange();
    else this.fail(problem);
  }

  private problemOfAnswer(answer: Msg): Error | undefined {
    if (answer.data.length === 0 && answer.headers?.code === 503)
      return new RelayProblem('StreamGone', 'no stream takes the messages');
    const parsed = pubAck.safeParse(answer.string());
    if (!parsed.success) return new RelayProblem('Rejected', 'the server answers what is no confirmation');
    const ack = parsed.data;
    const sequence = Number(answer.subject.slice(this.inbox.length + 1));
    if ('error' in ack) {
      const problem = problemOfApiCode(ack.error.err_code, ack.error.description);
      const refused = this.underway.find((one) => one.sequence === sequence);
      return problem.code === 'Overtaken' && refused?.followsUnasked === true
        ? new UnexplainedRefusal('one of the messages before was not stored', { cause: problem })
        : problem;
    }
    // A duplicate is confirmed with the place of the first; that is good if it is where this one belongs.
    if (ack.seq !== sequence || ack.stream !== this.options.stream)
      return new RelayProblem('Overtaken', 'a message is in the stream at another place', {
        data: { sequence, ...ack },
      });
    while ((this.underway[0]?.sequence ?? Infinity) <= sequence) {
      const stored = this.underway.shift();
      if (stored === undefined) break;
      this.bytes -= stored.message.body.length;
      this.options.onStored(stored.message, stored.sequence);
    }
    return undefined;
  }
}
