import { type KubeObject, StatusError, microTimeText, reasonOf } from '@reckon/api/machinery';
import type { corev1, eventsv1 } from '@reckon/api/types';
import { type RestClient, refs } from '@reckon/client/rest';
import type { CancelTimer, Clock, Logger, Random, Running, Timers } from '@reckon/kernel';
import { eventName, objectReference } from './event-object';
import type { EventRef } from './event-recorder';
import { lastWordsMs } from './last-words';

/** What a component did, and to which object. */
export interface Action {
  readonly type: 'Normal' | 'Warning';
  /** Why: `FailedScheduling`. */
  readonly reason: string;
  /** What was done or tried: `Binding`. */
  readonly action: string;
  /** For people; at most 1,024 characters. */
  readonly note: string;
}

export interface ActionRecorder {
  /** Returns at once; Events trail the writes they tell of. */
  acted(regarding: Involved, action: Action, related?: Involved): void;
}

/** An object of a kind. */
export interface Involved {
  readonly object: Pick<KubeObject, 'metadata'>;
  readonly ref: EventRef;
}

type Event = eventsv1.Event & KubeObject;
type Series = NonNullable<Event['series']>;

/** client-go/tools/events. */
const limits = {
  /** Waiting Events; beyond it the newest are dropped (`DropIfChannelFull`). */
  queue: 10_000,
  /** With no repetition for so long a series is over; a later one is told by an Event of its own. */
  seriesMs: 6 * 60_000,
  /** A series that goes on is written so often. */
  refreshMs: 30 * 60_000,
  /** How often, and after how long, an Event is tried again that the server could not be asked for. */
  tries: 12,
  retryMs: 10_000,
} as const;

interface Known {
  readonly event: Event;
  readonly beganMs: number;
  series: { count: number; lastMs: number; writtenMs: number } | undefined;
}

/**
 * Writes events.k8s.io/v1 Events one after another (client-go/tools/events.EventBroadcaster). The same action on the same version of
 * an object for the same reason makes a series: its second occurrence is written at once, later ones are counted and written when the
 * series ends, or every half hour.
 */
export class ActionBroadcaster implements ActionRecorder, Running {
  private readonly queue: Known[] = [];
  private readonly known = new Map<string, Known>();
  private readonly abort = new AbortController();
  private sequence = 0;
  private stoppedMs: number | undefined;
  private sending: Promise<void> | undefined;
  private cancelSweep: CancelTimer | undefined;

  constructor(
    private readonly deps: {
      readonly rest: RestClient;
      readonly clock: Clock;
      readonly timers: Timers;
      readonly random: Random;
      readonly logger: Logger;
      /** `default-scheduler` */
      readonly reportingController: string;
      /** `default-scheduler-<host name>` */
      readonly reportingInstance: string;
    },
  ) {}

  acted(regarding: Involved, action: Action, related?: Involved): void {
    if (this.abort.signal.aborted) return;
    this.cancelSweep ??= this.deps.timers.every(limits.seriesMs, () => {
      this.sweep();
    });
    const nowMs = this.deps.clock.nowMs();
    const about = objectReference(regarding.object, regarding.ref);
    const other = related === undefined ? undefined : objectReference(related.object, related.ref);
    const key = keyOf(action, about, other);
    const known = this.known.get(key);
    if (known === undefined) {
      if (this.queue.length >= limits.queue) return;
      const made: Known = { event: this.eventOf(action, about, other), beganMs: nowMs, series: undefined };
      this.known.set(key, made);
      this.enqueue(made);
    } else if (known.series === undefined) {
      known.series = { count: 2, lastMs: nowMs, writtenMs: nowMs };
      this.enqueue(known);
    } else {
      known.series.count += 1;
      known.series.lastMs = nowMs;
    }
  }

  /** What waits is still written, for a second and if the server can be reached; the rest is dropped. */
  async stop(): Promise<void> {
    this.stoppedMs ??= this.deps.clock.nowMs();
    this.abort.abort();
    this.cancelSweep?.();
    await this.sending;
  }

  private enqueue(known: Known): void {
    this.queue.push(known);
    this.sending ??= this.send();
  }

  /** Ends what has not been repeated for long, and writes what has been counted since it was written last. */
  private sweep(): void {
    const nowMs = this.deps.clock.nowMs();
    for (const [key, known] of this.known) {
      const { series, beganMs } = known;
      const isOver = nowMs - (series?.lastMs ?? beganMs) >= limits.seriesMs;
      if (isOver) this.known.delete(key);
      if (series !== undefined && (isOver || nowMs - series.writtenMs >= limits.refreshMs)) {
        series.writtenMs = nowMs;
        this.enqueue(known);
      }
    }
  }

  private async send(): Promise<void> {
    for (let known = this.queue.shift(); known !== undefined; known = this.queue.shift())
      if (this.stoppedMs === undefined || this.deps.clock.nowMs() - this.stoppedMs < lastWordsMs)
        await this.record(known);
    this.sending = undefined;
  }

  /** Tries until the server has answered, whatever it says: an Event that it refuses is not worth more. */
  private async record(known: Known): Promise<void> {
    const { timers, random, logger } = this.deps;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.write(known);
        return;
      } catch (error) {
        // Made by somebody else between the patch and the create: it can be patched now.
        const isRace = known.series !== undefined && reasonOf(error) === 'AlreadyExists';
        const isRefusal = error instanceof StatusError && !isRace;
        if (isRefusal || attempt === limits.tries || this.abort.signal.aborted) {
          logger.debug('event not written', { reason: known.event.reason ?? '', error: String(error) });
          return;
        }
        await timers.sleep(limits.retryMs * (1 + random.float() / 4), this.abort.signal);
      }
    }
  }

  private async write({ event, series }: Known): Promise<void> {
    const events = this.deps.rest.trailingResource<Event>(refs.eventsV1);
    if (series === undefined) {
      await events.create(event);
      return;
    }
    const told: Series = { count: series.count, lastObservedTime: microTimeText(series.lastMs) };
    const { namespace = '', name = '' } = event.metadata;
    try {
      await events.patch(namespace, name, { type: 'strategic', body: { series: told } });
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
      await events.create({ ...event, series: told });
    }
  }

  private eventOf(
    { type, reason, action, note }: Action,
    regarding: corev1.ObjectReference,
    related: corev1.ObjectReference | undefined,
  ): Event {
    const { clock, reportingController, reportingInstance } = this.deps;
    const atMs = clock.nowMs();
    return {
      metadata: {
        namespace: regarding.namespace ?? 'default',
        name: eventName(regarding, atMs, this.sequence++),
      },
      eventTime: microTimeText(atMs),
      reportingController,
      reportingInstance,
      action,
      reason,
      regarding,
      ...(related === undefined ? {} : { related }),
      note: note.slice(0, 1024),
      type,
    };
  }
}

/** The note does not count: it may tell a number that changes. */
function keyOf(
  { type, action, reason }: Action,
  regarding: corev1.ObjectReference,
  related: corev1.ObjectReference | undefined,
): string {
  return JSON.stringify([type, action, reason, regarding, related]);
}
