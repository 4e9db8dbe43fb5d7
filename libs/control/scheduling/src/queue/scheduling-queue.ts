import type { CancelTimer, Clock, Timers } from '@reckon/kernel';
import { type PodInfo, podInfoOf } from '../cache/pod-info';
import { type ClusterEvent, eventLabel } from '../framework/cluster-event';
import type { Pod } from '../framework/kinds';
import type { Profile } from '../framework/profile';
import { EventHints } from './event-hints';
import { KeyedHeap } from './keyed-heap';
import { type BackoffLimits, backoffEndsMs, defaultBackoffLimits } from './queue-backoff';
import type { QueuedPod } from './queued-pod';

export type QueueName = 'active' | 'backoff' | 'unschedulable' | 'gated';

export interface SchedulingQueueOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** By `spec.schedulerName` who keeps pods out and who is asked whether an event helps. */
  readonly profiles: ReadonlyMap<string, Pick<Profile, 'plugins' | 'preEnqueue'>>;
  readonly backoff?: BackoffLimits;
  /** After this long in the queue a pod is tried again, whatever it waits for. */
  readonly longestUnschedulableMs?: number;
  readonly isBefore: (a: QueuedPod, b: QueuedPod) => boolean;
  /** Something can be popped. */
  readonly wake: () => void;
  readonly incoming?: (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void;
}

const flush = { everyMs: 30_000, afterMs: 5 * 60_000 } as const;
const noPlugins: ReadonlySet<string> = new Set();

/**
 * The pods that want a node (pkg/scheduler/backend/queue.PriorityQueue). A pod is in one of three places:
 *
 *     add ──► active ──pop──► (an attempt) ──no node──► unschedulable ──an event that helps, or 5 min──┐
 *               ▲                  └────error────► backoff ◄──still backing off──────────────────────────┤
 *               └──backoff over, or nothing else to do──┘  └───────────────────────────────────────────► active
 *
 * Pods that a plugin's preEnqueue refuses are kept with the unschedulable ones, marked `gatedBy`.
 *
 * When nothing is active, a pod that backs off because no node fitted is popped early (upstream's SchedulerPopFromBackoffQ): its
 * backoff is there to let others go first. One that met an error waits, since the error may be the apiserver being overloaded.
 *
 * Upstream also remembers the events that come while an attempt runs. Here none can while it is synchronous; one that waits for
 * extenders is a long attempt, of which there is at most one at a time: what comes meanwhile is kept for its pod.
 * Bound: the number of pods without a node in the cluster, and the events of one long attempt.
 */
export class SchedulingQueue {
  private readonly active: KeyedHeap<QueuedPod>;
  private readonly backoff: KeyedHeap<QueuedPod>;
  private readonly errorBackoff: KeyedHeap<QueuedPod>;
  private readonly limits: BackoffLimits;
  private readonly unschedulable = new Map<string, QueuedPod>();
  private readonly hints: ReadonlyMap<string, EventHints>;
  private sequence = 0;
  private cancelBackoff: CancelTimer | undefined;
  private longAttempt: LongAttempt | undefined;
  private readonly cancelFlush: CancelTimer;

  constructor(private readonly options: SchedulingQueueOptions) {
    this.active = new KeyedHeap<QueuedPod>((p) => p.info.uid, options.isBefore);
    this.limits = options.backoff ?? defaultBackoffLimits;
    this.backoff = newBackoffHeap(this.limits);
    this.errorBackoff = newBackoffHeap(this.limits);
    this.hints = new Map([...options.profiles].map(([name, { plugins }]) => [name, new EventHints(plugins)]));
    this.cancelFlush = options.timers.every(flush.everyMs, () => {
      this.flushLeftover();
    });
  }

  stop(): void {
    this.cancelFlush();
    this.cancelBackoff?.();
  }

  get sizes(): Readonly<Record<QueueName, number>> {
    let gated = 0;
    for (const pod of this.unschedulable.values()) if (pod.gatedBy !== '') gated++;
    return {
      active: this.active.size,
      backoff: this.backoff.size + this.errorBackoff.size,
      unschedulable: this.unschedulable.size - gated,
      gated,
    };
  }

  find(uid: string): QueuedPod | undefined {
    return this.active.get(uid) ?? this.backoff.get(uid) ?? this.errorBackoff.get(uid) ?? this.unschedulable.get(uid);
  }

  /** The pod that was popped last is out for longer than a turn. */
  startLongAttempt(pod: QueuedPod): void {
    this.longAttempt = { pod, events: [], isWantedNow: false };
  }

  /** A pod that has come back meets now what has happened meanwhile. */
  endLongAttempt(): void {
    const attempt = this.longAttempt;
    this.longAttempt = undefined;
    if (attempt === undefined) return;
    const { uid } = attempt.pod.info;
    if (attempt.isWantedNow) this.activateNow(uid);
    for (const event of attempt.events) {
      const pod = this.unschedulable.get(uid);
      if (pod === undefined || this.moveIfHelped(pod, event)) return;
    }
  }

  private isOut(uid: string): boolean {
    return this.longAttempt?.pod.info.uid === uid;
  }

  /** A pod that has not been here before. */
  add(info: PodInfo): void {
    if (this.isOut(info.uid)) return;
    const pod: QueuedPod = {
      info,
      queuedAtMs: this.options.clock.nowMs(),
      sequence: this.sequence++,
      firstAttemptMs: undefined,
      attempts: 0,
      unschedulableCount: 0,
      errorCount: 0,
      unschedulablePlugins: noPlugins,
      pendingPlugins: noPlugins,
      gatedBy: '',
    };
    this.remove(info.uid);
    this.activate(pod, 'UnscheduledPodAdd');
  }

  /** A newer version of a waiting pod; `events` are what changed of it, for the plugins that rejected it. */
  update(after: Pod, events: readonly ClusterEvent[]): void {
    const info = podInfoOf(after);
    if (this.isOut(info.uid)) {
      this.longAttempt?.events.push(...events);
      return;
    }
    const pod = this.find(info.uid);
    if (pod === undefined) {
      this.add(info);
      return;
    }
    const isActive = this.active.get(info.uid) !== undefined;
    pod.info = info;
    // Its priority may have changed.
    if (isActive) this.active.push(pod);
    if (!this.unschedulable.has(info.uid)) return;
    for (const event of events) if (this.moveIfHelped(pod, event)) return;
  }

  remove(uid: string): void {
    if (this.active.delete(uid) ?? this.backoff.delete(uid) ?? this.errorBackoff.delete(uid)) return;
    this.unschedulable.delete(uid);
  }

  pop(): QueuedPod | undefined {
    const pod = this.active.pop() ?? this.backoff.pop();
    if (pod === undefined) return undefined;
    pod.attempts++;
    pod.firstAttemptMs ??= this.options.clock.nowMs();
    pod.unschedulablePlugins = noPlugins;
    pod.pendingPlugins = noPlugins;
    return pod;
  }

  /** Back after an attempt without a node. Without a plugin to blame it was an error, and only time helps. */
  addUnschedulable(pod: QueuedPod): void {
    if (this.find(pod.info.uid) !== undefined) return;
    pod.queuedAtMs = this.options.clock.nowMs();
    if (pod.unschedulablePlugins.size + pod.pendingPlugins.size === 0) {
      pod.errorCount++;
      this.putBackoff(pod, 'ScheduleAttemptFailure');
      return;
    }
    pod.unschedulableCount++;
    pod.errorCount = 0;
    this.unschedulable.set(pod.info.uid, pod);
    this.options.incoming?.('unschedulable', 'ScheduleAttemptFailure');
  }

  /** Tries a waiting pod again now, whatever it waits for. */
  activateNow(uid: string): void {
    if (this.longAttempt !== undefined && this.isOut(uid)) {
      this.longAttempt.isWantedNow = true;
      return;
    }
    const pod = this.unschedulable.get(uid) ?? this.backoff.get(uid) ?? this.errorBackoff.get(uid);
    if (pod === undefined) return;
    this.remove(uid);
    this.activate(pod, 'ForceActivate');
  }

  /** Moves the waiting pods that the event may help. */
  moveOn(event: ClusterEvent, except = ''): void {
    if (this.longAttempt !== undefined && !this.isOut(except)) this.longAttempt.events.push(event);
    if (this.unschedulable.size === 0) return;
    for (const pod of [...this.unschedulable.values()]) if (pod.info.uid !== except) this.moveIfHelped(pod, event);
  }

  private moveIfHelped(pod: QueuedPod, event: ClusterEvent): boolean {
    if (pod.gatedBy !== '') {
      if (this.hints.get(schedulerOf(pod))?.helps(pod.gatedBy, pod, event) !== true) return false;
      this.unschedulable.delete(pod.info.uid);
      return this.activate(pod, eventLabel(event));
    }
    const requeue = this.hints.get(schedulerOf(pod))?.requeue(pod, event) ?? 'no';
    if (requeue === 'no') return false;
    this.unschedulable.delete(pod.info.uid);
    if (requeue === 'after-backoff' && backoffEndsMs(pod, this.limits) > this.options.clock.nowMs())
      this.putBackoff(pod, eventLabel(event));
    else this.activate(pod, eventLabel(event));
    return true;
  }

  /** Into the active queue, unless a plugin's preEnqueue keeps it out. */
  private activate(pod: QueuedPod, event: string): boolean {
    for (const plugin of this.options.profiles.get(schedulerOf(pod))?.preEnqueue ?? []) {
      if (plugin.preEnqueue(pod.info) === undefined) continue;
      pod.gatedBy = plugin.name;
      this.unschedulable.set(pod.info.uid, pod);
      this.options.incoming?.('unschedulable', event);
      return false;
    }
    pod.gatedBy = '';
    this.active.push(pod);
    this.options.incoming?.('active', event);
    this.options.wake();
    return true;
  }

  private putBackoff(pod: QueuedPod, event: string): void {
    const isError = pod.unschedulablePlugins.size + pod.pendingPlugins.size === 0;
    (isError ? this.errorBackoff : this.backoff).push(pod);
    this.options.incoming?.('backoff', event);
    if (isError) this.armBackoff();
    // It can be popped as soon as nothing is active.
    else this.options.wake();
  }

  /** The other backoff queue needs no timer: it is popped from when nothing is active. */
  private armBackoff(): void {
    this.cancelBackoff?.();
    const first = this.errorBackoff.peek();
    if (first === undefined) return;
    this.cancelBackoff = this.options.timers.after(
      Math.max(backoffEndsMs(first, this.limits) - this.options.clock.nowMs(), 1),
      () => {
        this.flushBackoff();
      },
    );
  }

  private flushBackoff(): void {
    const now = this.options.clock.nowMs();
    for (
      let pod = this.errorBackoff.peek();
      pod !== undefined && backoffEndsMs(pod, this.limits) <= now;
      pod = this.errorBackoff.peek()
    ) {
      this.errorBackoff.pop();
      this.activate(pod, 'BackoffComplete');
    }
    this.armBackoff();
  }

  /** Should an event that would have helped have been missed, a pod waits five minutes, not for ever. */
  private flushLeftover(): void {
    const before = this.options.clock.nowMs() - (this.options.longestUnschedulableMs ?? flush.afterMs);
    for (const pod of [...this.unschedulable.values()]) {
      if (pod.gatedBy !== '' || pod.queuedAtMs > before) continue;
      this.unschedulable.delete(pod.info.uid);
      this.activate(pod, 'UnschedulableTimeout');
    }
  }
}

interface LongAttempt {
  readonly pod: QueuedPod;
  readonly events: ClusterEvent[];
  isWantedNow: boolean;
}

const schedulerOf = ({ info }: QueuedPod): string => info.pod.spec?.schedulerName ?? '';

const newBackoffHeap = (limits: BackoffLimits): KeyedHeap<QueuedPod> =>
  new KeyedHeap<QueuedPod>(
    (p) => p.info.uid,
    (a, b) => {
      const left = backoffEndsMs(a, limits);
      const right = backoffEndsMs(b, limits);
      return left === right ? a.sequence < b.sequence : left < right;
    },
  );
