import { findCondition, reasonOf } from '@reckon/api/machinery';
import { type RestClient, refs } from '@reckon/client/rest';
import type { ActionRecorder } from '@reckon/control/runtime';
import type { Logger } from '@reckon/kernel';
import type { PodInfo } from '../../cache/pod-info';
import type { InFlight } from '../../cycle/in-flight';
import type { PodStatusPatcher } from '../../cycle/pod-status-patch';
import type { Pod } from '../../framework/kinds';

export interface EvictorDeps {
  readonly rest: RestClient;
  readonly patcher: PodStatusPatcher;
  readonly recorder: ActionRecorder;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  /** Tries the pod again at once. */
  readonly activate: (uid: string) => void;
}

const condition = 'DisruptionTarget';
const conditionReason = 'PreemptionByScheduler';

/** Being removed to make room: the pod that preempted it waits for it to end (plugins/defaultpreemption.podTerminatingByPreemption). */
export function isBeingPreempted({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const found = findCondition(pod.status?.conditions, condition);
  return found?.status === 'True' && found.reason === conditionReason;
}

export interface Eviction {
  readonly victims: readonly PodInfo[];
  /** Were nominated to the node too, and have to look elsewhere. */
  readonly displaced: readonly PodInfo[];
}

/** Removes victims beside the scheduling cycle, with upstream's asynchronous preemption. */
export class Evictor {
  /** Pods whose victims are being removed → whether they were tried again meanwhile. */
  private readonly running = new Map<string, { askedMeanwhile: boolean }>();

  constructor(private readonly deps: EvictorDeps) {}

  isRunningFor(uid: string): boolean {
    const run = this.running.get(uid);
    if (run === undefined) return false;
    run.askedMeanwhile = true;
    return true;
  }

  /** Returns at once. */
  start(preemptor: PodInfo, nodeName: string, { victims, displaced }: Eviction): void {
    const todo = victims.filter((v) => v.pod.metadata.deletionTimestamp === undefined);
    if (todo.length === 0) return;
    const run = { askedMeanwhile: false };
    this.running.set(preemptor.uid, run);
    const clearing = displaced.map((d) => this.deps.patcher.tryWrite(d.pod, { nominatedNodeName: '' }));
    const evicting = todo.map((victim) => this.evict(victim, preemptor, nodeName));
    const ended = Promise.allSettled([...clearing, ...evicting]).then((results) => {
      this.running.delete(preemptor.uid);
      const failed = results.filter((r) => r.status === 'rejected');
      for (const { reason } of failed)
        this.deps.logger.warn('preemption failed', { pod: preemptor.key, error: String(reason) });
      // The deletes that would have woken it may have been seen while it could not act on them.
      if (failed.length > 0 || run.askedMeanwhile) this.deps.activate(preemptor.uid);
    });
    this.deps.inFlight.track(ended);
  }

  private async evict(victim: PodInfo, preemptor: PodInfo, nodeName: string): Promise<void> {
    const { namespace = '', name = '', uid } = victim.pod.metadata;
    await this.deps.patcher.write(victim.pod, {
      condition: {
        type: condition,
        status: 'True',
        reason: conditionReason,
        message: `${preemptor.pod.spec?.schedulerName ?? ''}: preempting to accommodate a higher priority pod`,
      },
    });
    try {
      await this.deps.rest
        .resource<Pod>(refs.pods)
        .delete(namespace, name, uid === undefined ? {} : { preconditions: { uid } });
    } catch (error) {
      const reason = reasonOf(error);
      // Gone already, or another pod has its name now.
      if (reason === 'NotFound' || reason === 'Conflict') return;
      throw error;
    }
    this.deps.recorder.acted(
      { object: victim.pod, ref: refs.pods },
      {
        type: 'Normal',
        reason: 'Preempted',
        action: 'Preempting',
        note: `Preempted by pod ${preemptor.uid} on node ${nodeName}`,
      },
      { object: preemptor.pod, ref: refs.pods },
    );
  }
}
