import type { corev1 } from '@reckon/api/types';
import { annotations } from '../stages/annotations';
import { type Pod, containersOf } from '../stages/next-stage';
import { initStatus, runningStatus, waitingStatus } from './container-status';
import { imageTrouble, startEvents, unhealthyEvent } from './pod-events';
import { type StageContext, type StageOutcome, annotationOf, podStatus, uidOf } from './pod-status';

const asksForReady = (pod: Pod): boolean => annotationOf(pod, annotations.ready) !== 'false';

type Inits = Pick<corev1.PodStatus, 'initContainerStatuses'>;

/** Init containers have run, one after another within no time; sidecars among them go on. Those that had run before stay as they are. */
function initStatuses(pod: Pod, context: StageContext): Inits {
  const inits = pod.spec?.initContainers ?? [];
  if (inits.length === 0 || hasInitialized(pod)) return {};
  return { initContainerStatuses: inits.map((c) => initStatus(c, uidOf(pod), context.nowMs)) };
}

const hasInitialized = (pod: Pod): boolean =>
  containersOf(pod) !== 'none' && (pod.status?.initContainerStatuses ?? []).length > 0;

/** All containers run. */
export function startPod(pod: Pod, context: StageContext): StageOutcome {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const isReady = asksForReady(pod);
  return {
    status: podStatus(pod, context, {
      phase: 'Running',
      ...initStatuses(pod, context),
      containerStatuses: containers.map((c) =>
        runningStatus(c, uidOf(pod), { nowMs: context.nowMs, isReady, restartCount: 0 }),
      ),
    }),
    events: startEvents(pod, [...(hasInitialized(pod) ? [] : initContainers), ...containers]),
    isDeleted: false,
  };
}

/** App containers wait for `reason`, after the init containers. */
export function holdPod(pod: Pod, context: StageContext, reason: string): StageOutcome {
  const containers = pod.spec?.containers ?? [];
  return {
    status: podStatus(pod, context, {
      phase: 'Pending',
      ...initStatuses(pod, context),
      containerStatuses: containers.map((c) => waitingStatus(c, reason, imageTrouble(pod, c, reason).message)),
    }),
    events: containers.flatMap((c) => imageTrouble(pod, c, reason).events),
    isDeleted: false,
  };
}

/** Containers that ended run again. */
export function restartPod(pod: Pod, context: StageContext): StageOutcome {
  const before = pod.status?.containerStatuses ?? [];
  const again = (pod.spec?.containers ?? []).filter(
    (c) => before.find((s) => s.name === c.name)?.state?.running === undefined,
  );
  const isReady = asksForReady(pod);
  return {
    status: podStatus(pod, context, {
      phase: 'Running',
      containerStatuses: (pod.spec?.containers ?? []).map((c) => {
        const was = before.find((s) => s.name === c.name);
        if (was?.state?.running !== undefined) return was;
        return runningStatus(c, uidOf(pod), {
          nowMs: context.nowMs,
          isReady,
          restartCount: (was?.restartCount ?? -1) + 1,
          ...(was === undefined ? {} : { before: was }),
        });
      }),
    }),
    events: startEvents(pod, again),
    isDeleted: false,
  };
}

/** Readiness probes of the running containers answer so. */
export function probePod(pod: Pod, context: StageContext, isReady: boolean): StageOutcome {
  const before = pod.status?.containerStatuses ?? [];
  const running = before.filter((s) => s.state?.running !== undefined);
  const statuses = before.map((s) => (running.includes(s) ? { ...s, ready: isReady } : s));
  return {
    status: podStatus(pod, context, { containerStatuses: statuses }),
    events: isReady ? [] : running.map((s) => unhealthyEvent(pod, s)),
    isDeleted: false,
  };
}
