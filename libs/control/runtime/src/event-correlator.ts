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
  | { readonly kind: 'create'; readonly message: string; readonly count: number; readonly sequence: number }
  | {
      readonly kind: 'repeat';
      readonly name: string;
      readonly message: string;
      readonly count: number;
      readonly sequence: number;
    }
  | { readonly kind: 'drop' };

const limits = {
  /** Different messages of one reason about one object within the window before they are told as one. */
  similar: 10,
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
  private readonly similar = new Map<string, { messages: Set<string>; sinceMs: number }>();
  private readonly buckets = new Map<string, () => boolean>();
  private sequence = 0;

  constructor(private readonly clock: Clock) {}

  decide(seed: EventSeed): EventDecision {
    const about = `${seed.involvedObject.kind ?? ''}/${seed.involvedObject.namespace ?? ''}/${seed.involvedObject.name ?? ''}/${seed.involvedObject.uid ?? ''}`;
    if (!this.touch(this.buckets, about, () => passiveTokenBucket(this.clock, limits.spam))()) return { kind: 'drop' };
    const key = this.keyOf(seed);
    const message = key.isCombined ? `(combined from similar events): ${seed.message}` : seed.message;
    const known = this.known.get(key.text);
    const sequence = this.sequence++;
    if (known === undefined) return { kind: 'create', message, count: 1, sequence };
    known.count += 1;
    return { kind: 'repeat', name: known.name, message, count: known.count, sequence };
  }

  /** The Event of this seed is there under this name. */
  written(seed: EventSeed, name: string): void {
    const key = this.keyOf(seed).text;
    const before = this.known.get(key);
    this.touch(this.known, key, () => ({ name, count: 1 })).name = name;
    if (before !== undefined) before.name = name;
  }

  private keyOf(seed: EventSeed): { readonly text: string; readonly isCombined: boolean } {
    const { kind = '', namespace = '', name = '', uid = '' } = seed.involvedObject;
    const group = [kind, namespace, name, uid, seed.type, seed.reason].join('\u0000');
    const record = this.touch(this.similar, group, () => ({ messages: new Set<string>(), sinceMs: seed.atMs }));
    if (seed.atMs - record.sinceMs > limits.windowMs) {
      record.messages.clear();
      record.sinceMs = seed.atMs;
    }
    record.messages.add(seed.message);
    if (record.messages.size > limits.similar) return { text: group, isCombined: true };
    return { text: `${group}\u0000${seed.message}`, isCombined: false };
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
