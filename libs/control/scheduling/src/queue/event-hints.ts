import { extenderName } from '../extender/extenders';
import type { ClusterEvent } from '../framework/cluster-event';
import type { EventHint, Plugin } from '../framework/plugin';
import type { QueuedPod } from './queued-pod';

export type Requeue = 'no' | 'after-backoff' | 'at-once';

/** Which of the plugins that rejected a pod believe that an event helps. */
export class EventHints {
  private readonly byPlugin = new Map<string, readonly EventHint[]>();

  constructor(plugins: readonly Plugin[]) {
    for (const { name, hints } of plugins) this.byPlugin.set(name, hints ?? []);
  }

  /** A plugin that waits for something outside (`Pending`) lets the pod skip its backoff. */
  requeue(pod: QueuedPod, event: ClusterEvent): Requeue {
    for (const name of pod.pendingPlugins) if (this.helps(name, pod, event)) return 'at-once';
    for (const name of pod.unschedulablePlugins) if (this.helps(name, pod, event)) return 'after-backoff';
    return 'no';
  }

  helps(plugin: string, pod: QueuedPod, event: ClusterEvent): boolean {
    if (plugin === extenderName) return true;
    for (const hint of this.byPlugin.get(plugin) ?? [])
      if (
        hint.resource === event.resource &&
        hint.actions.includes(event.action) &&
        (hint.helps?.(pod.info, event) ?? true)
      )
        return true;
    return false;
  }
}
