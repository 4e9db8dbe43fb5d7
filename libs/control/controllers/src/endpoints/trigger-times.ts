import { findCondition } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import { type Pod, timeMs } from '../replica-set/pod-state';
import type { Service } from './service-pods';

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  readonly serviceMs: number;
  readonly podMs: ReadonlyMap<string, number>;
}

/**
 * When the change happened that a write of endpoints answers to, so that the delay until they are programmed can be measured
 * (k8s.io/endpointslice/util.TriggerTimeTracker): the earliest of the changes since the last look at the Service.
 */
export class TriggerTimes {
  private readonly seen = new Map<string, Seen>();

  /** To be called once per reconcile, even if it will write nothing. Ms since 1970, undefined if nothing with a time changed. */
  next(service: Service, pods: readonly Pod[]): number | undefined {
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
    this.seen.set(key, { serviceMs, podMs });
    if (before === undefined) return serviceMs === 0 ? undefined : serviceMs;
    return earliest === Infinity ? undefined : earliest;
  }

  forget(serviceKey: string): void {
    this.seen.delete(serviceKey);
  }
}
