import type { corev1 } from '@reckon/api/types';
import { hasBegun, initChangeMs, initWork, isDone, isInstant, isSidecar } from '../stages/init-containers';
import type { Pod } from '../stages/next-stage';
import { restartBackOffMs } from '../stages/restart-back-off';
import {
  type ContainerStatus,
  backOffStatus,
  initStatus,
  runningStatus,
  terminatedStatus,
  waitingStatus,
} from './container-status';
import { backOffEvent, backOffMessage, startEvents } from './pod-events';
import { type PodEvent, type StageContext, uidOf } from './pod-status';

interface InitRun {
  readonly statuses: readonly ContainerStatus[];
  readonly events: readonly PodEvent[];
  /** `failed`: for good. */
  readonly outcome: 'running' | 'done' | 'failed';
}

/**
 * The init containers as they are at this moment: one after another, each when all before it have ended well, sidecars beside those
 * that follow. One that fails is run again after its back-off, unless the pod is never restarted (pkg/kubelet/kuberuntime
 * `computeInitContainerActions`).
 */
export function runInitContainers(pod: Pod, context: StageContext): InitRun {
  const events: PodEvent[] = [];
  const statuses: ContainerStatus[] = [];
  let outcome: InitRun['outcome'] = 'done';
  for (const container of pod.spec?.initContainers ?? []) {
    const before = pod.status?.initContainerStatuses?.find((s) => s.name === container.name);
    const status: ContainerStatus | undefined =
      outcome === 'done' ? advanced(pod, { container, before }, context, events) : before;
    statuses.push(status ?? waitingStatus(container, 'PodInitializing'));
    if (outcome !== 'done' || isDone(status) || (isSidecar(container) && status !== undefined && isRunning(status)))
      continue;
    const isFailed: boolean = pod.spec?.restartPolicy === 'Never' && status?.state?.terminated !== undefined;
    outcome = isFailed ? 'failed' : 'running';
  }
  return { statuses, events, outcome };
}

/** The status of the container whose turn it is. */
function advanced(
  pod: Pod,
  { container, before }: { readonly container: corev1.Container; readonly before: ContainerStatus | undefined },
  { nowMs }: StageContext,
  events: PodEvent[],
): ContainerStatus {
  const hasRun = hasBegun(before);
  if (hasRun) {
    const isAtRest = isSidecar(container)
      ? isRunning(before)
      : initChangeMs({ container, status: before }, nowMs) > nowMs;
    if (isAtRest || isDone(before)) return before;
    if (isRunning(before)) return ended(pod, before, { nowMs, exitCode: initWork(container).exitCode, events });
  }
  events.push(...startEvents(pod, [container]));
  if (isSidecar(container) || isInstant(initWork(container))) return initStatus(container, uidOf(pod), nowMs);
  return runningStatus(container, uidOf(pod), {
    nowMs,
    isReady: false,
    restartCount: hasRun ? before.restartCount + 1 : 0,
    ...(hasRun ? { before } : {}),
  });
}

const isRunning = (status: ContainerStatus): boolean => status.state?.running !== undefined;

function ended(
  pod: Pod,
  before: ContainerStatus,
  { nowMs, exitCode, events }: { readonly nowMs: number; readonly exitCode: number; readonly events: PodEvent[] },
): ContainerStatus {
  const status = terminatedStatus(before, nowMs, exitCode);
  if (exitCode === 0) return { ...status, ready: true };
  const backOffMs = restartBackOffMs(status);
  if (pod.spec?.restartPolicy === 'Never' || backOffMs === 0) return status;
  events.push(backOffEvent(pod, status));
  return backOffStatus(status, backOffMessage(pod, status.name, backOffMs));
}
