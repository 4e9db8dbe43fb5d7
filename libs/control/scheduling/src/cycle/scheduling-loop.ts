import type { Action, ActionRecorder } from '@reckon/control/runtime';
import { refs } from '@reckon/client/rest';
import { type Clock, type Logger, type Monotonic, type Running, nextTurn } from '@reckon/kernel';
import { type PodInfo, podInfoOf } from '../cache/pod-info';
import type { SchedulerCache } from '../cache/scheduler-cache';
import { type Diagnosis, fitErrorText, newDiagnosis, notePlugin } from '../framework/diagnosis';
import type { Pod } from '../framework/kinds';
import type { Profile } from '../framework/profile';
import { type Status, isRejected, statusMessage } from '../framework/status';
import { type PostFiltered, runPostFilters } from '../framework/run-post-filters';
import type { Nominator } from '../queue/nominator';
import type { QueuedPod } from '../queue/queued-pod';
import type { SchedulingQueue } from '../queue/scheduling-queue';
import { type Binding, bind, permit, reserve, unreserve } from './binding-cycle';
import type { InFlight } from './in-flight';
import type { PodStatusPatcher } from './pod-status-patch';
import type { NodeChooser, Scheduled } from './schedule-pod';
import type { SchedulerMetrics } from './scheduler-metrics';

export interface SchedulingLoopDeps {
  readonly queue: SchedulingQueue;
  readonly cache: SchedulerCache;
  readonly nominator: Nominator;
  readonly chooser: NodeChooser;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** The newest version of a pod that the informer knows. */
  readonly podOf: (key: string) => Pod | undefined;
  readonly patcher: PodStatusPatcher;
  /** Bindings and status writes under way. */
  readonly inFlight: InFlight;
  /** By `spec.schedulerName`. */
  readonly recorderOf: (schedulerName: string) => ActionRecorder;
  readonly metrics: SchedulerMetrics;
  readonly clock: Clock & Monotonic;
  readonly logger: Logger;
}

interface Attempt {
  readonly queued: QueuedPod;
  readonly profile: Profile;
  /** As it was when the attempt began. */
  readonly pod: PodInfo;
  readonly begun: number;
}

/** How an attempt ended without a node. */
interface Failure {
  readonly message: string;
  /** Undefined: an error, not a rejection. */
  readonly diagnosis?: Diagnosis;
  readonly nominatedNodeName?: string;
}

/** After this long others get their turn: watches must be read while a thousand pods are scheduled. */
const longestTurnMs = 8;

/**
 * Takes pods from the queue one after another (pkg/scheduler.ScheduleOne). A pod's cycle is synchronous up to `permit`; then the pod
 * counts as being on its node, and its binding goes on beside the next pods' cycles. Where extenders are asked, a cycle takes longer,
 * and the next pod waits for its end.
 */
export class SchedulingLoop implements Running {
  private isRunning = false;
  private isArmed = false;
  /** An extender is being asked; no other pod is taken until it has answered. */
  private isWaiting = false;

  constructor(private readonly deps: SchedulingLoopDeps) {}

  /** From now on pods are taken. */
  start(): void {
    this.isRunning = true;
    this.wake();
  }

  /** Pods can be popped; they are, in the next turn of the event loop. */
  wake(): void {
    if (!this.isRunning || this.isArmed || this.isWaiting) return;
    this.isArmed = true;
    nextTurn(() => {
      this.isArmed = false;
      this.turn();
    });
  }

  /** Resolves when the bindings and writes under way have ended. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await this.deps.inFlight.idle();
  }

  private turn(): void {
    const { clock, queue, metrics, cache } = this.deps;
    const begun = clock.elapsedMs();
    while (this.isRunning) {
      const pod = queue.pop();
      if (pod === undefined) break;
      const longer = this.scheduleOne(pod);
      if (longer !== undefined) {
        this.waitFor(pod, longer);
        break;
      }
      if (clock.elapsedMs() - begun > longestTurnMs) {
        this.wake();
        break;
      }
    }
    metrics.pending(queue.sizes);
    metrics.cache(cache.counts);
  }

  /** Never rejects: what goes wrong is the pod's. */
  private waitFor(queued: QueuedPod, attempt: Promise<void>): void {
    this.isWaiting = true;
    this.deps.queue.startLongAttempt(queued);
    const ended = attempt.finally(() => {
      this.deps.queue.endLongAttempt();
      this.isWaiting = false;
      this.wake();
    });
    this.deps.inFlight.track(ended);
  }

  /** A promise where extenders are asked. */
  private scheduleOne(queued: QueuedPod): Promise<void> | undefined {
    const { pod } = queued.info;
    const profile = this.deps.profiles.get(pod.spec?.schedulerName ?? '');
    if (profile === undefined || this.deps.cache.isAssumed(queued.info.uid)) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.tell(pod, { ...failedScheduling, note: `skip schedule deleting pod: ${queued.info.key}` });
      return;
    }
    const attempt: Attempt = { queued, profile, pod: queued.info, begun: this.deps.clock.elapsedMs() };
    try {
      const chosen = this.deps.chooser.choose(profile, queued.info);
      if (!(chosen instanceof Promise)) return this.conclude(attempt, chosen);
      return chosen
        .then((late) => this.concludeLate(attempt, late))
        .catch((error: unknown) => {
          this.failWith(attempt, error);
        });
    } catch (error) {
      this.failWith(attempt, error);
      return undefined;
    }
  }

  private failWith({ queued, profile, begun }: Attempt, error: unknown): void {
    this.fail(queued, profile, begun, { message: error instanceof Error ? error.message : String(error) });
  }

  /** The pod may have been deleted, replaced or bound by others meanwhile. */
  private concludeLate(attempt: Attempt, chosen: Scheduled): Promise<void> | undefined {
    const { key, pod } = attempt.pod;
    const newest = this.deps.podOf(key);
    if (newest?.metadata.uid !== pod.metadata.uid || (newest?.spec?.nodeName ?? '') !== '') return undefined;
    return this.isRunning ? this.conclude(attempt, chosen) : undefined;
  }

  private conclude({ queued, profile, pod, begun }: Attempt, chosen: Scheduled): Promise<void> | undefined {
    this.deps.metrics.algorithm((this.deps.clock.elapsedMs() - begun) / 1000);
    switch (chosen.kind) {
      case 'fits':
        this.place(queued, { profile, state: chosen.state, pod, nodeName: chosen.nodeName }, begun);
        return undefined;
      case 'no-nodes': {
        // Upstream takes this for an error and tries again every ten seconds; here the first node wakes the pod.
        const diagnosis = newDiagnosis();
        for (const plugin of profile.plugins) diagnosis.unschedulablePlugins.add(plugin.name);
        this.fail(queued, profile, begun, {
          message: 'no nodes available to schedule pods',
          diagnosis,
          nominatedNodeName: '',
        });
        return undefined;
      }
      case 'error':
        this.fail(queued, profile, begun, { message: statusMessage(chosen.status), nominatedNodeName: '' });
        return undefined;
      case 'unfit': {
        const { diagnosis, allNodes, state } = chosen;
        const told = ({ message, nominatedNodeName }: PostFiltered): void => {
          diagnosis.postFilterMessage = message;
          this.fail(queued, profile, begun, {
            message: fitErrorText(allNodes, diagnosis),
            diagnosis,
            ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
          });
        };
        const after = runPostFilters(profile, state, pod, diagnosis.statuses);
        if (after instanceof Promise) return after.then(told);
        told(after);
      }
    }
    return undefined;
  }

  private place(queued: QueuedPod, binding: Binding, begun: number): void {
    const { cache, nominator } = this.deps;
    cache.assume(binding.pod, binding.nodeName);
    nominator.delete(binding.pod.uid);
    const refused = reserve(binding);
    if (refused !== undefined) {
      this.release(queued, binding, refused, begun);
      return;
    }
    const { status, verdicts } = permit(binding);
    if (status !== undefined) {
      unreserve(binding);
      this.release(queued, binding, status, begun);
      return;
    }
    this.deps.inFlight.track(this.bind(queued, binding, { verdicts, begun }));
  }

  private async bind(
    queued: QueuedPod,
    binding: Binding,
    { verdicts, begun }: { readonly verdicts: Parameters<typeof bind>[1]; readonly begun: number },
  ): Promise<void> {
    const { clock, metrics } = this.deps;
    const { profile, state, pod, nodeName } = binding;
    // Whoever looks meanwhile sees where the pod is to go (upstream's NominatedNodeNameForExpectation); binding clears it.
    if (
      verdicts.length > 0 ||
      profile.preBind.some((plugin) => plugin.preBindPreFlight?.(state, pod, nodeName) === true)
    )
      await this.deps.patcher.tryWrite(pod.pod, { nominatedNodeName: nodeName });
    const status = await bind(binding, verdicts);
    if (status !== undefined) {
      unreserve(binding);
      this.release(queued, binding, status, begun);
      return;
    }
    metrics.attempt('scheduled', binding.profile.schedulerName, (clock.elapsedMs() - begun) / 1000);
    metrics.scheduled(queued.attempts, (clock.nowMs() - (queued.firstAttemptMs ?? clock.nowMs())) / 1000);
    this.tell(binding.pod.pod, {
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      note: `Successfully assigned ${binding.pod.key} to ${binding.nodeName}`,
    });
  }

  /** Takes the pod off its node again: a reservation, a permit or the binding failed. */
  private release(queued: QueuedPod, { profile, pod, nodeName }: Binding, status: Status, begun: number): void {
    this.deps.cache.forget(pod.uid);
    // Others may have been refused because of the place that it held.
    this.deps.queue.moveOn({ resource: 'AssignedPod', action: 'Delete', before: pod.pod }, pod.uid);
    if (!isRejected(status)) {
      this.fail(queued, profile, begun, { message: statusMessage(status), nominatedNodeName: '' });
      return;
    }
    const diagnosis = newDiagnosis();
    diagnosis.statuses.set(nodeName, status);
    notePlugin(diagnosis, status);
    this.fail(queued, profile, begun, { message: fitErrorText(1, diagnosis), diagnosis, nominatedNodeName: '' });
  }

  /** Puts the pod back and tells of it: metric, Event, condition (pkg/scheduler.handleSchedulingFailure). */
  private fail(
    queued: QueuedPod,
    profile: Profile,
    begun: number,
    { message, diagnosis, nominatedNodeName }: Failure,
  ): void {
    // A binding that was given up because we stop says nothing about the pod.
    if (!this.isRunning) return;
    const { queue, metrics, clock, logger, nominator, patcher } = this.deps;
    const isRejection = diagnosis !== undefined;
    metrics.attempt(isRejection ? 'unschedulable' : 'error', profile.schedulerName, (clock.elapsedMs() - begun) / 1000);
    if (!isRejection) logger.warn('scheduling failed', { pod: queued.info.key, error: message });
    queued.unschedulablePlugins = diagnosis?.unschedulablePlugins ?? new Set();
    queued.pendingPlugins = diagnosis?.pendingPlugins ?? new Set();

    const newest = this.deps.podOf(queued.info.key);
    // Deleted, replaced or bound meanwhile: nothing is to be done any more.
    if (newest === undefined || newest.metadata.uid !== queued.info.pod.metadata.uid) return;
    if ((newest.spec?.nodeName ?? '') !== '') return;
    if (newest !== queued.info.pod) queued.info = podInfoOf(newest);
    queue.addUnschedulable(queued);
    if (nominatedNodeName !== undefined) nominator.set(queued.info, nominatedNodeName);

    this.tell(newest, { ...failedScheduling, note: truncated(message) });
    const reason = isRejection ? 'Unschedulable' : 'SchedulerError';
    this.deps.inFlight.track(
      patcher.tryWrite(newest, {
        condition: { type: 'PodScheduled', status: 'False', reason, message },
        ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
      }),
    );
  }

  private tell(pod: Pod, action: Action): void {
    this.deps.recorderOf(pod.spec?.schedulerName ?? '').acted({ object: pod, ref: refs.pods }, action);
  }
}

const failedScheduling = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling' } as const;
const longestNote = 1024;

const truncated = (message: string): string =>
  message.length <= longestNote ? message : `${message.slice(0, longestNote - 4)} ...`;
