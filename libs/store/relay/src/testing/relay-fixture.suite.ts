import { MetricsRegistry, systemClock, systemRandom, systemTimers } from '@reckon/kernel';
import type { Logger } from '@reckon/kernel';
import type { EventLog } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import type { MemoryLog } from '@reckon/store/log';
import { relayOptionsSchema } from '../relay-options';
import { startRelay } from '../start-relay';
import type { Relay } from '../start-relay';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export interface RunningRelay extends Relay {
  readonly lines: LogLine[];
  readonly metrics: MetricsRegistry;
  /** Resolves once the stream has all that the log has now. */
  caughtUp(): Promise<void>;
  /** Resolves once the relay waits because of this. */
  waitsFor(code: string): Promise<void>;
}

/** A relay of the log to the server, on real time. */
export function runRelay(log: EventLog, options: Record<string, unknown> & { readonly servers: string }): RunningRelay {
  const lines: LogLine[] = [];
  const logger: Logger = {
    debug: (message, fields = {}) => lines.push({ level: 'debug', message, fields }),
    info: (message, fields = {}) => lines.push({ level: 'info', message, fields }),
    warn: (message, fields = {}) => lines.push({ level: 'warn', message, fields }),
    error: (message, fields = {}) => lines.push({ level: 'error', message, fields }),
    with: () => logger,
  };
  const metrics = new MetricsRegistry();
  const relay = startRelay({
    ...relayOptionsSchema.parse(options),
    log,
    clock: systemClock,
    monotonic: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger,
    metrics,
  });
  return {
    lines,
    metrics,
    state: () => relay.state(),
    stop: () => relay.stop(),
    async caughtUp() {
      await until(
        () => relay.state().state === 'following' && relay.state().revision >= log.head,
        () => relay.state(),
      );
    },
    async waitsFor(code) {
      await until(
        () => relay.state().problem?.code === code,
        () => relay.state(),
      );
    },
  };
}

export async function until(isSo: () => boolean, tell: () => unknown = () => ''): Promise<void> {
  const started = systemClock.elapsedMs();
  while (!isSo()) {
    if (systemClock.elapsedMs() - started > 25_000) throw new Error(`waited in vain: ${JSON.stringify(tell())}`);
    await systemTimers.sleep(10);
  }
}

export interface ObjectDraft {
  readonly key: string;
  readonly verb?: 'create' | 'update' | 'delete';
  readonly object?: Record<string, unknown>;
}

/** A log in memory with objects as the apiserver writes them. */
export class TestLog {
  readonly log: MemoryLog;
  private readonly live: Map<string, number>;
  private readonly objects = new Map<string, Record<string, unknown>>();
  private next: number;

  /** Empty, or a copy of another that goes its own way. */
  constructor(from?: TestLog) {
    this.log = memoryLog(from === undefined ? {} : { from: from.log.snapshot() });
    this.live = new Map(from?.live);
    this.next = from?.next ?? 1;
  }

  async write(...drafts: readonly ObjectDraft[]): Promise<number> {
    const entries = drafts.map((draft) => this.entry(draft));
    await this.log.append(entries);
    return this.next - 1;
  }

  private entry({ key, verb, object }: ObjectDraft): never {
    const previous = this.live.get(key) ?? 0;
    const revision = this.next++;
    const what = verb ?? (previous === 0 ? 'create' : 'update');
    const state = object ?? this.objects.get(key) ?? { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } };
    this.objects.set(key, state);
    if (what === 'delete') this.live.delete(key);
    else this.live.set(key, revision);
    const metadata = { ...(state['metadata'] as object | undefined), resourceVersion: String(revision) };
    return {
      revision,
      key,
      previous,
      verb: what,
      object: Buffer.from(JSON.stringify({ ...state, metadata })),
      at: 1_700_000_000_000 + revision,
      actor: 'jane',
      agent: 'kubectl/v1.36.0',
      manager: 'kubectl',
      request: `audit-${revision}`,
    } as never;
  }
}
