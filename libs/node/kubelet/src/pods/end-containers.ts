import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../stages/next-stage';
import { awaitsRestart } from '../stages/awaits-restart';
import { restartBackOffMs } from '../stages/restart-back-off';
import { type ContainerStatus, backOffStatus, terminatedStatus } from './container-status';
import { backOffEvent, backOffMessage, stoppingEvent } from './pod-events';
import { type StageContext, type StageOutcome, podStatus } from './pod-status';

const isRunning = (s: ContainerStatus): boolean => s.state?.running !== undefined;

/** App containers, then sidecars: the order in which they end. */
const runningOf = ({ status }: Pod): readonly ContainerStatus[] =>
  [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].filter(isRunning);

/** Every container that still runs ends with its code; sidecars end well once the app has ended. */
function allEnded(pod: Pod, nowMs: number, exitCode: number): Parameters<typeof podStatus>[2] {
  const { containerStatuses = [], initContainerStatuses, ephemeralContainerStatuses } = pod.status ?? {};
  const end = (statuses: readonly ContainerStatus[], code: number) =>
    statuses.map((s) => (isRunning(s) ? terminatedStatus(s, nowMs, code) : s));
  return {
    containerStatuses: end(containerStatuses, exitCode),
    ...(initContainerStatuses === undefined ? {} : { initContainerStatuses: end(initContainerStatuses, 0) }),
    ...(ephemeralContainerStatuses === undefined
      ? {}
      : { ephemeralContainerStatuses: end(ephemeralContainerStatuses, 0) }),
  };
}

/** Succeeded if every container that ran ended with 0 (pkg/kubelet `getPhase`). */
function finalPhase(statuses: readonly ContainerStatus[]): 'Succeeded' | 'Failed' {
  return statuses.every((s) => (s.state?.terminated ?? s.lastState?.terminated)?.exitCode === 0)
    ? 'Succeeded'
    : 'Failed';
}

/**
 * App containers end by themselves: those that `exitCodeOf` has a code for. By the pod's policy that is its end once none is left, or
 * they run again: at once the first time, then after a time that doubles.
 */
export function exitContainers(
  pod: Pod,
  context: StageContext,
  exitCodeOf: (container: string) => number | undefined,
): StageOutcome {
  const ended = (pod.status?.containerStatuses ?? []).map((s) => {
    const exitCode = isRunning(s) ? exitCodeOf(s.name) : undefined;
    return exitCode === undefined ? s : terminatedStatus(s, context.nowMs, exitCode);
  });
  if (ended.every((s) => !isRunning(s) && !awaitsRestart(pod, s))) {
    const last = allEnded({ ...pod, status: { ...pod.status, containerStatuses: ended } }, context.nowMs, 0);
    return {
      status: podStatus(pod, context, { ...last, phase: finalPhase(ended) }),
      events: [],
      isDeleted: false,
    };
  }
  const late = ended.filter(
    (s) => s.state?.terminated !== undefined && awaitsRestart(pod, s) && restartBackOffMs(s) > 0,
  );
  return {
    status: podStatus(pod, context, {
      phase: 'Running',
      containerStatuses: ended.map((s) =>
        late.includes(s) ? backOffStatus(s, backOffMessage(pod, s.name, restartBackOffMs(s))) : s,
      ),
    }),
    events: late.map((s) => backOffEvent(pod, s)),
    isDeleted: false,
  };
}

/** The kubelet ends the pod for a reason of its own: containers are killed, the pod has failed and stays. */
export function failPod(
  pod: Pod,
  context: StageContext,
  why: { readonly reason: string; readonly message: string },
): StageOutcome {
  return {
    status: podStatus(pod, context, { ...allEnded(pod, context.nowMs, killedBySignal), phase: 'Failed', ...why }),
    events: [
      { type: 'Normal', reason: why.reason, message: why.message },
      ...runningOf(pod).map((s) => stoppingEvent(pod, s)),
    ],
    isDeleted: false,
  };
}

/** 128 + SIGKILL, 128 + SIGTERM: how a shell tells that a signal ended a program. */
const killedBySignal = 137;
const endedBySignal = 143;

/**
 * A pod that is deleted ends: what ran is terminated, what never ran stays as it was. Servers (which are always restarted) end well
 * when they are told to; work that is cut short has failed; who outlasts the grace period is killed.
 */
export function killPod(pod: Pod, context: StageContext, options: { readonly outlastsGrace: boolean }): StageOutcome {
  const running = runningOf(pod);
  const isServer = (pod.spec?.restartPolicy ?? 'Always') === 'Always';
  const exitCode = options.outlastsGrace ? killedBySignal : isServer ? 0 : endedBySignal;
  return {
    status: running.length === 0 ? (pod.status ?? {}) : killedStatus(pod, context, exitCode),
    events: running.map((s) => stoppingEvent(pod, s)),
    isDeleted: true,
  };
}

function killedStatus(pod: Pod, context: StageContext, exitCode: number): corev1.PodStatus {
  const ended = allEnded(pod, context.nowMs, exitCode);
  return podStatus(pod, context, { ...ended, phase: finalPhase(ended.containerStatuses ?? []) });
}
