import type { Informer } from '@reckon/client/cache';
import { podInfoOf } from '../cache/pod-info';
import type { SchedulerCache } from '../cache/scheduler-cache';
import type { ClusterEvent } from '../framework/cluster-event';
import { type Node, type Pod, podKey } from '../framework/kinds';
import type { Nominator } from '../queue/nominator';
import type { SchedulingQueue } from '../queue/scheduling-queue';
import { nodeChanges } from './node-changes';
import { podChanges } from './pod-changes';

export interface EventHandlerDeps {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominator: Nominator;
  /** Whether a profile answers for `spec.schedulerName`. */
  readonly isOurs: (pod: Pod) => boolean;
}

const isAssigned = (pod: Pod): boolean => (pod.spec?.nodeName ?? '') !== '';
const uidOf = (pod: Pod): string => pod.metadata.uid ?? podKey(pod);

/** Brings what the watches tell into the cache and the queue (pkg/scheduler.addAllEventHandlers). */
export function addEventHandlers(deps: EventHandlerDeps): void {
  const { cache, queue, nominator, isOurs } = deps;

  deps.nodes.addHandler({
    add(node) {
      cache.setNode(node);
      queue.moveOn({ resource: 'Node', action: 'Add', after: node });
    },
    update(before, after) {
      cache.setNode(after);
      for (const action of nodeChanges(before, after)) queue.moveOn({ resource: 'Node', action, before, after });
    },
    delete(node) {
      cache.removeNode(node.metadata.name ?? '');
      queue.moveOn({ resource: 'Node', action: 'Delete', before: node });
    },
  });

  const assigned = (pod: Pod): void => {
    const uid = uidOf(pod);
    queue.remove(uid);
    nominator.delete(uid);
    cache.setPod(pod);
    queue.moveOn({ resource: 'AssignedPod', action: 'Add', after: pod });
  };

  const waiting = (pod: Pod): void => {
    if (!isOurs(pod) || cache.isAssumed(uidOf(pod))) return;
    const info = podInfoOf(pod);
    nominator.set(info, pod.status?.nominatedNodeName ?? '');
    queue.add(info);
    queue.moveOn({ resource: 'UnscheduledPod', action: 'Add', after: pod }, info.uid);
  };

  deps.pods.addHandler({
    add(pod) {
      if (isAssigned(pod)) assigned(pod);
      else waiting(pod);
    },
    update(before, after) {
      if (isAssigned(after)) {
        if (!isAssigned(before)) assigned(after);
        else {
          cache.setPod(after);
          for (const action of podChanges(before, after))
            queue.moveOn({ resource: 'AssignedPod', action, before, after });
        }
        return;
      }
      const uid = uidOf(after);
      if (!isOurs(after) || cache.isAssumed(uid)) return;
      const events = podChanges(before, after).map((action): ClusterEvent => ({
        resource: 'TargetPod',
        action,
        before,
        after,
      }));
      const nominated = after.status?.nominatedNodeName ?? '';
      if (nominated !== (before.status?.nominatedNodeName ?? '')) nominator.set(podInfoOf(after), nominated);
      queue.update(after, events);
      for (const { action } of events) queue.moveOn({ resource: 'UnscheduledPod', action, before, after }, uid);
    },
    delete(pod) {
      const uid = uidOf(pod);
      nominator.delete(uid);
      // Also one that is assumed: its binding will fail, and is then forgotten for good.
      cache.removePod(uid);
      queue.remove(uid);
      const resource =
        isAssigned(pod) || (pod.status?.nominatedNodeName ?? '') !== '' ? 'AssignedPod' : 'UnscheduledPod';
      queue.moveOn({ resource, action: 'Delete', before: pod });
    },
  });
}
