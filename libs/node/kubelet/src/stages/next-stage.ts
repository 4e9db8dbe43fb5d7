import { type KubeObject, controllerOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { awaitsRestart } from './awaits-restart';
import { initState } from './init-containers';
import { isMissingImage } from './missing-image';
import { isNeverReady } from './readiness';
import type { Stage } from './stage';
import { dueMs } from './stage-time';

export type Pod = corev1.Pod & KubeObject;

export interface Due {
  readonly stage: Stage;
  /** API time at which it is to be taken. */
  readonly atMs: number;
}

/** Since when a stage holds for a pod, and the random part of its delay: kept by whoever asks, as long as the stage holds. */
export interface Wait {
  readonly sinceMs: number;
  readonly jitterMs: number;
}

/**
 * The pod's next step and when: of the stages that hold the one that is due first, among equals the first of the file. Undefined while
 * nothing will happen by itself.
 */
export function nextStage(stages: readonly Stage[], pod: Pod, waitOf: (stage: Stage) => Wait): Due | undefined {
  let next: Due | undefined;
  for (const stage of stages) {
    if (!holds(stage.when, pod)) continue;
    const { sinceMs, jitterMs } = waitOf(stage);
    const atMs = dueMs(stage, pod, sinceMs) + jitterMs;
    if (atMs < (next?.atMs ?? Infinity)) next = { stage, atMs };
  }
  return next;
}

function holds(when: Stage['when'], pod: Pod): boolean {
  if (when.deleting !== (pod.metadata.deletionTimestamp !== undefined)) return false;
  const phase = pod.status?.phase ?? 'Pending';
  if (when.phase !== undefined && !when.phase.some((p) => p === phase)) return false;
  if (when.init !== undefined && when.init !== initState(pod)) return false;
  if (when.containers !== undefined && when.containers !== containersOf(pod)) return false;
  if (when.ready !== undefined && when.ready !== areContainersReady(pod)) return false;
  if (when.restarts !== undefined && when.restarts !== isRestarting(pod)) return false;
  if (when.image !== undefined && (when.image === 'missing') !== lacksImage(pod)) return false;
  if (when.deadline !== undefined && when.deadline !== (pod.spec?.activeDeadlineSeconds !== undefined)) return false;
  if (when.ownedBy !== undefined && when.ownedBy !== controllerOf(pod)?.kind) return false;
  return Object.entries(when.annotations).every(([name, wanted]) => {
    const value = pod.metadata.annotations?.[name];
    if (wanted === null) return value === undefined;
    return wanted === true ? value !== undefined : value === wanted;
  });
}

/**
 * What the app containers do; `none` before any status of theirs is there, and while the pod has no sandbox (`awaitStart`). One that
 * runs makes the pod running; waiting counts before terminated, as one may restart.
 */
export function containersOf(pod: Pod): 'none' | 'waiting' | 'running' | 'terminated' {
  const statuses = pod.status?.containerStatuses ?? [];
  if (statuses.length === 0 || awaitsSandbox(pod)) return 'none';
  if (statuses.some((s) => s.state?.running !== undefined)) return 'running';
  return statuses.some((s) => s.state?.waiting !== undefined) ? 'waiting' : 'terminated';
}

/** The kubelet has taken the pod up and has not begun with it. A pod that has ended has no sandbox any more. */
const awaitsSandbox = ({ status }: Pod): boolean =>
  status?.phase === 'Pending' &&
  status.conditions?.some((c) => c.type === 'PodReadyToStartContainers' && c.status === 'False') === true;

const lacksImage = ({ spec }: Pod): boolean => spec?.containers.some((c) => isMissingImage(c.image ?? '')) === true;

const isRestarting = (pod: Pod): boolean => (pod.status?.containerStatuses ?? []).some((s) => awaitsRestart(pod, s));

/**
 * As the probes of those that run have it: a readiness gate, a container that has ended, or one whose probe fails by itself may still
 * hold the pod back.
 */
const areContainersReady = (pod: Pod): boolean =>
  (pod.status?.containerStatuses ?? []).every(
    (s) =>
      s.ready ||
      s.state?.running === undefined ||
      pod.spec?.containers.some((c) => c.name === s.name && isNeverReady(pod, c)) === true,
  );
