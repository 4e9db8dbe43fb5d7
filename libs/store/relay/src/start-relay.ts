import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Running, Timers } from '@reckon/kernel';
import type { LogReader } from '@reckon/store/contract';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats } from './connect-nats';
import { followLog } from './follow-log';
import type { Progress } from './follow-log';
import { openStream } from './open-stream';
import { UnexplainedRefusal } from './publish-window';
import { relayMetrics } from './relay-metrics';
import type { RelayOptions } from './relay-options';
import { problemOf, relayProblems } from './relay-problem';
import type { RelayProblem, RelayProblemCode } from './relay-problem';

export interface StartRelayOptions extends RelayOptions {
  readonly log: LogReader;
  /** API time, for the age of what is not published yet. */
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/**
 * What the relay is at:
 *
 * ```
 *   connecting ─► following ─► waiting ─► connecting (or following, where the connection is sound) …      stopped
 * ```
 */
export interface RelayState {
  readonly state: 'connecting' | 'following' | 'waiting' | 'stopped';
  readonly server: string | undefined;
  readonly stream: string;
  readonly subjectPrefix: string;
  /** Newest revision that is known to be in the stream, and the sequence of its message. */
  readonly revision: number;
  readonly sequence: number;
  readonly head: number;
  /** Why it waits, or what it last waited for. */
  readonly problem: { readonly code: RelayProblemCode; readonly message: string; readonly hint: string } | undefined;
}

export interface Relay extends Running {
  state(): RelayState;
}

const firstWaitMs = 50;
const longestWaitMs = 5_000;
/** A relay that gets on has so long at a stop to publish the rest; what is left goes out at the next start. */
const stopMs = 1_000;

/**
 * Publishes the log into a JetStream stream, from where the stream ends, for ever. Whatever is wrong (no server, no rights, no
 * stream, no room) it waits, twice as long each time up to five seconds, and asks the stream again; nothing of that reaches those
 * who write the log. It keeps at most a window of messages in memory. It starts at once and never fails.
 */
export function startRelay(options: StartRelayOptions): Relay {
  const relay = new LogRelay(options);
  relay.start();
  return relay;
}

class LogRelay implements Relay {
  private readonly metrics;
  private readonly stopping = new AbortController();
  private run: Promise<void> | undefined;
  private state_: RelayState['state'] = 'connecting';
  private server: string | undefined;
  private readonly progress: Progress;
  private problem: RelayProblem | undefined;
  private waitMs = firstWaitMs;

  constructor(private readonly options: StartRelayOptions) {
    const { log, metrics, clock } = options;
    this.progress = { revision: 0, sequence: 0, pendingSinceMs: undefined };
    this.metrics = relayMetrics(metrics, {
      revision: () => this.progress.revision,
      lagRevisions: () => log.head - this.progress.revision,
      lagSeconds: () =>
        this.progress.pendingSinceMs === undefined || this.progress.revision >= log.head
          ? 0
          : Math.max(0, clock.nowMs() - this.progress.pendingSinceMs) / 1000,
    });
  }

  start(): void {
    const { log, clock } = this.options;
    // While nobody follows, the age of what waits is that of the news of it.
    const endListening = log.onGrown(() => {
      this.progress.pendingSinceMs ??= clock.nowMs();
    });
    this.run = this.relayForever().finally(endListening);
  }

  state(): RelayState {
    const { stream, subjectPrefix, log } = this.options;
    const { problem } = this;
    return {
      state: this.state_,
      server: this.server,
      stream,
      subjectPrefix,
      revision: this.progress.revision,
      sequence: this.progress.sequence,
      head: log.head,
      problem:
        problem === undefined
          ? undefined
          : { code: problem.code, message: problem.message, hint: relayProblems[problem.code].hint },
    };
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.run;
  }

  private async relayForever(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.state_ = 'connecting';
      try {
        const connection = await this.connect();
        if (connection === undefined) break;
        this.server = connection.getServer();
        // Whatever is asked of a server that does not answer ends with the connection.
        const endStop = this.onStopping(() => void connection.close());
        try {
          await this.serve(connection);
        } finally {
          endStop();
          this.metrics.connected.set(0);
          this.server = undefined;
          await connection.close();
        }
      } catch (error) {
        await this.waitAfter(problemOf(error));
      }
    }
    this.state_ = 'stopped';
  }

  /** Undefined at a stop: a server that does not answer is not waited for. */
  private async connect(): Promise<NatsConnection | undefined> {
    const { signal } = this.stopping;
    const attempt = connectNats(this.options);
    const connection = await new Promise<NatsConnection | undefined>((resolve, reject) => {
      const giveUp = (): void => {
        resolve(undefined);
      };
      signal.addEventListener('abort', giveUp);
      attempt.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', giveUp);
      });
    });
    if (connection === undefined) attempt.then((late) => late.close()).catch(() => undefined); // Nobody asks for it any more.
    return connection;
  }

  /** Runs it when a stop has had its time. */
  private onStopping(run: () => void): () => void {
    const { signal } = this.stopping;
    let cancel: (() => void) | undefined;
    const begin = (): void => {
      cancel = this.options.timers.after(stopMs, run);
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
    return () => {
      signal.removeEventListener('abort', begin);
      cancel?.();
    };
  }

  /** Returns at a stop; throws what a new connection is needed for. */
  private async serve(connection: NatsConnection): Promise<void> {
    const jsm = await jetstreamManager(connection, { checkAPI: false });
    while (!this.stopping.signal.aborted) {
      try {
        await this.follow(connection, jsm);
      } catch (error) {
        // The next window begins with the message that was refused, and waits for its answer.
        if (error instanceof UnexplainedRefusal) continue;
        const problem = problemOf(error);
        this.metrics.connected.set(0);
        if (relayProblems[problem.code].reconnects || connection.isClosed()) throw problem;
        await this.waitAfter(problem);
      }
    }
  }

  /** Asks the stream where it stands and goes on from there. Returns at a stop, or when it is time to ask again. */
  private async follow(connection: NatsConnection, jsm: Awaited<ReturnType<typeof jetstreamManager>>): Promise<void> {
    const { log, timers, monotonic, ...relay } = this.options;
    const position = await openStream(jsm, log, relay);
    this.progress.revision = position.revision;
    this.progress.sequence = position.sequence;
    if (position.revision >= log.head) this.progress.pendingSinceMs = undefined;
    if (this.state_ !== 'following') {
      this.state_ = 'following';
      this.metrics.connected.set(1);
      if (position.revision >= log.head) this.recover();
    }
    await followLog({
      connection,
      position,
      log,
      relay,
      timers,
      monotonic,
      stopping: this.stopping.signal,
      progress: this.progress,
      onStored: (message) => {
        this.metrics.published.add(1, message.as);
        this.metrics.publishedBytes.add(message.body.length);
        this.recover();
      },
    });
  }

  /** A message got through: whatever was wrong is over. */
  private recover(): void {
    this.waitMs = firstWaitMs;
    if (this.problem === undefined) return;
    this.problem = undefined;
    this.options.logger.info('the relay publishes again', { ...this.place(), revision: this.progress.revision });
  }

  private async waitAfter(problem: RelayProblem): Promise<void> {
    const { log, logger, clock, timers, random } = this.options;
    if (this.stopping.signal.aborted) return;
    const fields = {
      ...this.place(),
      problem: problem.code,
      ...problem.data,
      published: this.progress.revision,
      error: problem,
      hint: relayProblems[problem.code].hint,
    };
    // Said once, and again when it is another.
    if (this.problem?.code === problem.code) logger.debug('the relay still waits', fields);
    else logger.warn('the relay waits', fields);
    this.problem = problem;
    if (log.head > this.progress.revision) this.progress.pendingSinceMs ??= clock.nowMs();
    this.metrics.retries.add(1, problem.code);
    this.state_ = 'waiting';
    // Up to half as long again, so that many relays do not come at once.
    await timers.sleep(this.waitMs * (1 + random.float() / 2), this.stopping.signal);
    this.waitMs = Math.min(this.waitMs * 2, longestWaitMs);
  }

  private place(): Record<string, unknown> {
    return { servers: this.options.servers.map(withoutPassword), stream: this.options.stream };
  }
}

const withoutPassword = (server: string): string => server.replace(/\/\/[^@/]*@/, '//').replace(/^[^@/]*@/, '');
