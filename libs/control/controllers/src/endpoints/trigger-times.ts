import { findCondition } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import { type Pod, timeMs } from '../replica-set/pod-state';
import type { Service } from './service-pods';

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  readonly serviceMs: number;
  readonly podMs: ReadonlyMap<string, number>;
}

export interface TriggerTime {
  /** Ms since 1970, undefined if nothing with a time changed. */
  readonly ms: number | undefined;
  /** To be called when the change is answered, by a write or because none was needed: a failed attempt is made again with its time. */
  answered(): void;
}

/**
 * When the change happened that a write of endpoints answers to, so that the delay until they are programmed can be measured
 * (k8s.io/endpointslice/util.TriggerTimeTracker): the earliest of the changes since the last look at the Service.
 */
export class TriggerTimes {
  private readonly seen = new Map<string, Seen>();

  /** To be asked in every reconcile, even in one that will write nothing. */
  next(service: Service, pods: readonly Pod[]): TriggerTime {
    const key = objectKey(service);
    const before = this.seen.get(key);
    const serviceMs = timeMs(service.metadata.creationTimestamp) ?? 0;
    const podMs = new Map<string, number>();
    let earliest = before !== undefined && serviceMs > before.serviceMs ? serviceMs : Infinity;
    for (const pod of pods) {
      const at = timeMs(findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime);
      if (at === undefined) continue;
      const name = pod.metadata.name ?? '';
      podMs.set(name, at);
      if (at > (before?.podMs.get(name) ?? -Infinity)) earliest = Math.min(earliest, at);
    }
    const ms = before === undefined ? serviceMs : earliest;
    return {
      ms: ms === 0 || ms === Infinity ? undefined : ms,
      answered: () => {
        this.seen.set(key, { serviceMs, podMs });
      },
    };
  }

  forget(serviceKey: string): void {
    this.seen.delete(serviceKey);
  }
}
