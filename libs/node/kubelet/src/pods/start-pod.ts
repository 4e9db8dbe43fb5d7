import type { corev1 } from '@reckon/api/types';
import { initState } from '../stages/init-containers';
import { type Pod, containersOf } from '../stages/next-stage';
import { answersReady, isNeverReady } from '../stages/readiness';
import { initStatus, runningStatus, waitingStatus } from './container-status';
import { imageTrouble, startEvents, unhealthyEvent } from './pod-events';
import { runInitContainers } from './run-init-containers';
import { type PodEvent, type StageContext, type StageOutcome, podStatus, uidOf } from './pod-status';

type Inits = Pick<corev1.PodStatus, 'initContainerStatuses'>;

/** Init containers have run, one after another within no time; sidecars among them go on. Those that had run before stay as they are. */
function initStatuses(pod: Pod, context: StageContext): Inits {
  const inits = pod.spec?.initContainers ?? [];
  if (inits.length === 0 || hasInitialized(pod)) return {};
  return { initContainerStatuses: inits.map((c) => initStatus(c, uidOf(pod), context.nowMs)) };
}

const hasInitialized = (pod: Pod): boolean => containersOf(pod) !== 'none' && initState(pod) === 'done';

/** The init containers run as far as they come by now; once all are done, so do the app containers. */
export function startPod(pod: Pod, context: StageContext): StageOutcome {
  const containers = pod.spec?.containers ?? [];
  const inits = runInitContainers(pod, context);
  const initContainerStatuses = inits.statuses.length === 0 ? {} : { initContainerStatuses: [...inits.statuses] };
  if (inits.outcome !== 'done')
    return {
      status: podStatus(pod, context, {
        phase: inits.outcome === 'failed' ? 'Failed' : 'Pending',
        ...initContainerStatuses,
        containerStatuses: containers.map((c) => waitingStatus(c, 'PodInitializing')),
      }),
      events: inits.events,
      isDeleted: false,
    };
  return {
    status: podStatus(pod, context, {
      phase: 'Running',
      ...initContainerStatuses,
      containerStatuses: containers.map((c) =>
        runningStatus(c, uidOf(pod), { nowMs: context.nowMs, isReady: answersReady(pod, c), restartCount: 0 }),
      ),
    }),
    events: [...inits.events, ...startEvents(pod, containers), ...probeEvents(pod, containers)],
    isDeleted: false,
  };
}

/** App containers wait, each for its reason, after the init containers. */
export function holdPod(
  pod: Pod,
  context: StageContext,
  reasonOf: (container: corev1.Container) => string,
): StageOutcome {
  const containers = pod.spec?.containers ?? [];
  return {
    status: podStatus(pod, context, {
      phase: 'Pending',
      ...initStatuses(pod, context),
      containerStatuses: containers.map((c) =>
        waitingStatus(c, reasonOf(c), imageTrouble(pod, c, reasonOf(c)).message),
      ),
    }),
    events: containers.flatMap((c) => imageTrouble(pod, c, reasonOf(c)).events),
    isDeleted: false,
  };
}

/** `restarting`: names of app containers that ended and run again. */
export function restartPod(pod: Pod, context: StageContext, restarting: readonly string[]): StageOutcome {
  const again = (pod.spec?.containers ?? []).filter((c) => restarting.includes(c.name));
  return {
    status: podStatus(pod, context, {
      phase: 'Running',
      containerStatuses: (pod.status?.containerStatuses ?? []).map((was) => {
        const container = again.find((c) => c.name === was.name);
        if (container === undefined) return was;
        const restartCount = was.restartCount + 1;
        const isReady = answersReady(pod, container);
        return runningStatus(container, uidOf(pod), { nowMs: context.nowMs, isReady, restartCount, before: was });
      }),
    }),
    events: [...startEvents(pod, again), ...probeEvents(pod, again)],
    isDeleted: false,
  };
}

/** Of a pod that asks for it only that is told, when it does: a probe that fails by itself is told with each start. */
const probeEvents = (pod: Pod, containers: readonly corev1.Container[]): PodEvent[] =>
  containers.filter((c) => isNeverReady(pod, c)).map((c) => unhealthyEvent(pod, c, ''));

const askedUnready = 'the pod asks for it (reckon.dev/ready: "false")';

/** Readiness probes of the running containers answer so. */
export function probePod(pod: Pod, context: StageContext, isReady: boolean): StageOutcome {
  const before = pod.status?.containerStatuses ?? [];
  const running = before.filter((s) => s.state?.running !== undefined);
  const containers = pod.spec?.containers ?? [];
  const statuses = before.map((s) => {
    const container = containers.find((c) => c.name === s.name) ?? {};
    return running.includes(s) ? { ...s, ready: isReady && answersReady(pod, container) } : s;
  });
  return {
    status: podStatus(pod, context, { containerStatuses: statuses }),
    events: isReady ? [] : running.map((s) => unhealthyEvent(pod, s, askedUnready)),
    isDeleted: false,
  };
}
