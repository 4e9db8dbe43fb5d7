import { type KubeObject, reasonOf, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type ResourceRef, type RestClient, refs } from '@reckon/client/rest';
import type { Clock, Logger, Running } from '@reckon/kernel';
import { EventCorrelator, type EventSeed } from './event-correlator';
import { eventName, objectReference } from './event-object';
import { lastWordsMs } from './last-words';

export interface EventRecorder {
  /** `about` is the object that the Event is attached to. Returns at once; Events trail the writes they tell of. */
  event(about: Pick<KubeObject, 'metadata'>, ref: EventRef, told: Told): void;
}

/** Which kind the object is of, and which part of it is meant: `spec.containers{main}`; absent: the whole. */
export interface EventRef extends Pick<ResourceRef, 'group' | 'version' | 'kind'> {
  readonly fieldPath?: string;
}

export interface Told {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

type Event = corev1.Event & KubeObject;

/** Waiting Events; beyond it the newest are dropped, as upstream's broadcaster does (`DropIfChannelFull`). */
const longestQueue = 2_000;

/**
 * Writes core/v1 Events (client-go/tools/record), one after another and behind all other writes. Repetitions raise
 * `count` of the Event that is there; a flood about one object is aggregated, then dropped (`event-correlator.ts`).
 */
export class EventBroadcaster implements EventRecorder, Running {
  private readonly queue: EventSeed[] = [];
  private readonly correlator: EventCorrelator;
  private sending: Promise<void> | undefined;
  private stoppedMs: number | undefined;

  constructor(
    private readonly deps: {
      readonly rest: RestClient;
      readonly clock: Clock;
      readonly logger: Logger;
      /** `source.component`, e.g. `deployment-controller`. */
      readonly component: string;
      readonly host?: string;
    },
  ) {
    this.correlator = new EventCorrelator(deps.clock);
  }

  event(about: Pick<KubeObject, 'metadata'>, ref: EventRef, { type, reason, message }: Told): void {
    if (this.stoppedMs !== undefined || this.queue.length >= longestQueue) return;
    this.queue.push({
      involvedObject: objectReference(about, ref),
      type,
      reason,
      message: message.slice(0, 1024),
      atMs: this.deps.clock.nowMs(),
    });
    this.sending ??= this.send();
  }

  /** What waits is still written, for a second; the rest is dropped. */
  async stop(): Promise<void> {
    this.stoppedMs ??= this.deps.clock.nowMs();
    await this.sending;
  }

  private async send(): Promise<void> {
    for (let seed = this.queue.shift(); seed !== undefined; seed = this.queue.shift()) {
      if (this.stoppedMs !== undefined && this.deps.clock.nowMs() - this.stoppedMs >= lastWordsMs) continue;
      try {
        await this.write(seed);
      } catch (error) {
        // A namespace that is going away or a lost apiserver: an Event is not worth a retry storm.
        this.deps.logger.debug('event not written', { reason: seed.reason, error: String(error) });
      }
    }
    this.sending = undefined;
  }

  private async write(seed: EventSeed): Promise<void> {
    const decided = this.correlator.decide(seed);
    if (decided.kind === 'drop') return;
    const events = this.deps.rest.trailingResource<Event>(refs.events);
    const namespace = seed.involvedObject.namespace ?? 'default';
    if (decided.kind === 'repeat') {
      try {
        await events.patch(namespace, decided.name, {
          type: 'strategic',
          body: { count: decided.count, lastTimestamp: timeText(seed.atMs), message: decided.message },
        });
        return;
      } catch (error) {
        if (reasonOf(error) !== 'NotFound') throw error;
      }
    }
    const { component, host } = this.deps;
    const created = await events.create({
      metadata: { namespace, name: eventName(seed.involvedObject, seed.atMs, decided.sequence) },
      involvedObject: seed.involvedObject,
      type: seed.type,
      reason: seed.reason,
      message: decided.message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: timeText(seed.atMs),
      lastTimestamp: timeText(seed.atMs),
      count: decided.count,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
    this.correlator.written(decided.key, created.metadata.name ?? '');
  }
}
