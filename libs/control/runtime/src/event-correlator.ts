import type { corev1 } from '@reckon/api/types';
import type { Clock } from '@reckon/kernel';
import { passiveTokenBucket } from './rate-limiter';

export interface EventSeed {
  readonly involvedObject: corev1.ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
}

export type EventDecision =
  | {
      readonly kind: 'create' | 'repeat';
      /** What the Event is known by; `written` takes it. */
      readonly key: string;
      /** Of the Event to be raised; '' for a new one. */
      readonly name: string;
      readonly message: string;
      readonly count: number;
      readonly sequence: number;
    }
  | { readonly kind: 'drop' };

const limits = {
  /** With so many different messages of one reason about one object the newest is told as one of many. */
  similar: 10,
  /** After so long without one, counting begins anew. */
  windowMs: 600_000,
  /** Per object: 25 at once, then one in five minutes. */
  spam: { perSecond: 1 / 300, burst: 25 },
  /** Objects remembered; the one longest unused goes first. */
  remembered: 4_096,
} as const;

interface Known {
  name: string;
  count: number;
}

/**
 * Decides whether an Event is new, a repetition, part of a flood of similar ones, or spam
 * (client-go/tools/record.EventCorrelator).
 */
export class EventCorrelator {
  private readonly known = new Map<string, Known>();
  private readonly similar = new Map<string, { messages: Set<string>; lastMs: number }>();
  private readonly buckets = new Map<string, () => boolean>();
  private sequence = 0;

  constructor(private readonly clock: Clock) {}

  decide(seed: EventSeed): EventDecision {
    const about = `${seed.involvedObject.kind ?? ''}/${seed.involvedObject.namespace ?? ''}/${seed.involvedObject.name ?? ''}/${seed.involvedObject.uid ?? ''}`;
    if (!this.touch(this.buckets, about, () => passiveTokenBucket(this.clock, limits.spam))()) return { kind: 'drop' };
    const { key, isCombined } = this.keyOf(seed);
    const message = isCombined ? `(combined from similar events): ${seed.message}` : seed.message;
    const known = this.known.get(key);
    const sequence = this.sequence++;
    if (known === undefined) return { kind: 'create', key, name: '', message, count: 1, sequence };
    known.count += 1;
    return { kind: 'repeat', key, name: known.name, message, count: known.count, sequence };
  }

  /** The Event of this key is there under this name. */
  written(key: string, name: string): void {
    this.touch(this.known, key, () => ({ name, count: 1 })).name = name;
  }

  /** `EventAggregator.EventAggregate`: never more than nine messages are remembered, so one of those is still told by itself. */
  private keyOf(seed: EventSeed): { readonly key: string; readonly isCombined: boolean } {
    const { kind = '', namespace = '', name = '', uid = '', fieldPath = '' } = seed.involvedObject;
    const group = [kind, namespace, name, uid, seed.type, seed.reason].join('\u0000');
    const record = this.touch(this.similar, group, () => ({ messages: new Set<string>(), lastMs: seed.atMs }));
    if (seed.atMs - record.lastMs > limits.windowMs) record.messages.clear();
    record.lastMs = seed.atMs;
    record.messages.add(seed.message);
    if (record.messages.size < limits.similar)
      return { key: `${group}\u0000${fieldPath}\u0000${seed.message}`, isCombined: false };
    record.messages.delete(seed.message);
    return { key: group, isCombined: true };
  }

  /** Gets or makes, and moves to the young end, so that the oldest can be forgotten. */
  private touch<V>(map: Map<string, V>, key: string, make: () => V): V {
    const value = map.get(key) ?? make();
    map.delete(key);
    map.set(key, value);
    if (map.size > limits.remembered) {
      const oldest = map.keys().next();
      if (oldest.done !== true) map.delete(oldest.value);
    }
    return value;
  }
}
