import { timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Pod, restartBackOffMs } from '../stages/next-stage';
import type { Stage } from '../stages/stage';
import { backOffStatus, initStatus, runningStatus, terminatedStatus, waitingStatus } from './container-status';
import { podConditions } from './pod-conditions';

export interface StageContext {
  readonly nowMs: number;
  readonly hostIp: string;
  /** The pod's own address, or the host's for hostNetwork. */
  readonly podIp: string;
}

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What a stage changes: the new status, Events to tell, and whether the pod is deleted for good afterwards. */
export interface StageOutcome {
  readonly status: corev1.PodStatus;
  readonly events: readonly PodEvent[];
  readonly isDeleted: boolean;
}

type ContainerStatus = corev1.ContainerStatus;

/** Takes a step of the pod's life. Pure: the same pod, stage and moment give the same outcome. */
export function applyStage(pod: Pod, stage: Stage, context: StageContext): StageOutcome {
  const { then } = stage;
  switch (then.do) {
    case 'start':
      return { status: startedStatus(pod, context), events: startEvents(pod), isDeleted: false };
    case 'wait': {
      const reason = annotationOf(pod, then.reasonFrom) || (then.reason ?? 'ContainerCreating');
      return { status: waiting(pod, context, reason), events: imageEvents(pod, reason), isDeleted: false };
    }
    case 'exit':
      return exited(pod, context, Number(annotationOf(pod, then.exitCodeFrom) || '0'));
    case 'restart':
      return { status: restarted(pod, context), events: startEvents(pod), isDeleted: false };
    case 'ready':
    case 'unready':
      return { status: probed(pod, context, then.do === 'ready'), events: probeEvents(pod, then.do === 'ready'), isDeleted: false };
    case 'kill':
      return killed(pod, context);
  }
}

const annotationOf = (pod: Pod, name: string | undefined): string =>
  name === undefined ? '' : (pod.metadata.annotations?.[name] ?? '');

const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';

/** What every status of a placed pod says. */
function placed(pod: Pod, context: StageContext): corev1.PodStatus {
  return {
    observedGeneration: pod.metadata.generation ?? 1,
    hostIP: context.hostIp,
    hostIPs: [{ ip: context.hostIp }],
    startTime: pod.status?.startTime ?? timeText(context.nowMs),
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
  };
}

function withAddress(status: corev1.PodStatus, context: StageContext): corev1.PodStatus {
  return { ...status, podIP: context.podIp, podIPs: [{ ip: context.podIp }] };
}

function startedStatus(pod: Pod, context: StageContext): corev1.PodStatus {
  const isReady = annotationOf(pod, 'reckon.dev/ready') !== 'false';
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  return {
    ...withAddress(placed(pod, context), context),
    phase: 'Running',
    conditions: podConditions(
      pod,
      { hasSandbox: true, isInitialized: true, unreadyContainers: isReady ? [] : containers.map((c) => c.name) },
      context.nowMs,
    ),
    ...(initContainers.length === 0
      ? {}
      : { initContainerStatuses: initContainers.map((c) => initStatus(c, uidOf(pod), context.nowMs)) }),
    containerStatuses: containers.map((c) =>
      runningStatus(c, uidOf(pod), { nowMs: context.nowMs, isReady, restartCount: 0 }),
    ),
  };
}

function waiting(pod: Pod, context: StageContext, reason: string): corev1.PodStatus {
  const containers = pod.spec?.containers ?? [];
  return {
    ...withAddress(placed(pod, context), context),
    phase: 'Pending',
    conditions: podConditions(
      pod,
      { hasSandbox: true, isInitialized: true, unreadyContainers: containers.map((c) => c.name) },
      context.nowMs,
    ),
    containerStatuses: containers.map((c) =>
      waitingStatus(c, uidOf(pod), reason, reason === 'ImagePullBackOff' ? `Back-off pulling image "${c.image ?? ''}"` : undefined),
    ),
  };
}

/** Whether a container that ended so is started again (pkg/kubelet/container.ShouldContainerBeRestarted). */
function restarts(pod: Pod, exitCode: number): boolean {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function exited(pod: Pod, context: StageContext, exitCode: number): StageOutcome {
  const containers = pod.spec?.containers ?? [];
  const ended = (pod.status?.containerStatuses ?? []).map((s) => terminatedStatus(s, context.nowMs, exitCode));
  if (!restarts(pod, exitCode)) {
    const isSuccess = exitCode === 0;
    return {
      status: {
        ...withAddress(placed(pod, context), context),
        phase: isSuccess ? 'Succeeded' : 'Failed',
        conditions: podConditions(
          pod,
          {
            hasSandbox: false,
            isInitialized: true,
            unreadyContainers: containers.map((c) => c.name),
            terminal: isSuccess ? 'PodCompleted' : 'PodFailed',
          },
          context.nowMs,
        ),
        containerStatuses: ended,
      },
      events: [],
      isDeleted: false,
    };
  }
  const statuses = ended.map((s) => backOffStatus(s, backOffMessage(pod, s)));
  return {
    status: withContainers(pod, context, statuses, containers.map((c) => c.name)),
    events: containers.map((c) => ({
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${c.name} in pod ${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`,
    })),
    isDeleted: false,
  };
}

function backOffMessage(pod: Pod, status: ContainerStatus): string {
  const seconds = restartBackOffMs(status.restartCount) / 1000;
  const text = seconds >= 60 ? `${String(Math.floor(seconds / 60))}m${String(seconds % 60)}s` : `${String(seconds)}s`;
  return `back-off ${text} restarting failed container=${status.name} pod=${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;
}

function restarted(pod: Pod, context: StageContext): corev1.PodStatus {
  const before = pod.status?.containerStatuses ?? [];
  const isReady = annotationOf(pod, 'reckon.dev/ready') !== 'false';
  const statuses = (pod.spec?.containers ?? []).map((c) => {
    const was = before.find((s) => s.name === c.name);
    return runningStatus(c, uidOf(pod), {
      nowMs: context.nowMs,
      isReady,
      restartCount: (was?.restartCount ?? 0) + 1,
      ...(was === undefined ? {} : { before: was }),
    });
  });
  return withContainers(pod, context, statuses, isReady ? [] : statuses.map((s) => s.name));
}

function probed(pod: Pod, context: StageContext, isReady: boolean): corev1.PodStatus {
  const statuses = (pod.status?.containerStatuses ?? []).map((s) => ({ ...s, ready: isReady }));
  return withContainers(pod, context, statuses, isReady ? [] : statuses.map((s) => s.name));
}

function withContainers(
  pod: Pod,
  context: StageContext,
  containerStatuses: ContainerStatus[],
  unreadyContainers: readonly string[],
): corev1.PodStatus {
  return {
    ...withAddress(placed(pod, context), context),
    phase: 'Running',
    conditions: podConditions(pod, { hasSandbox: true, isInitialized: true, unreadyContainers }, context.nowMs),
    containerStatuses,
  };
}

/** A pod that is deleted ends: what ran is terminated, what never ran stays as it was. */
function killed(pod: Pod, context: StageContext): StageOutcome {
  const before = pod.status?.containerStatuses ?? [];
  const running = before.filter((s) => s.state?.running !== undefined);
  const phase = pod.status?.phase ?? 'Pending';
  return {
    status:
      running.length === 0
        ? (pod.status ?? {})
        : {
            ...withAddress(placed(pod, context), context),
            phase: phase === 'Running' ? 'Succeeded' : phase,
            conditions: podConditions(
              pod,
              {
                hasSandbox: false,
                isInitialized: true,
                unreadyContainers: before.map((s) => s.name),
                terminal: 'PodCompleted',
              },
              context.nowMs,
            ),
            containerStatuses: before.map((s) =>
              s.state?.running === undefined ? s : terminatedStatus(s, context.nowMs, 0),
            ),
          },
    events: running.map((s) => ({ type: 'Normal', reason: 'Killing', message: `Stopping container ${s.name}` })),
    isDeleted: true,
  };
}

function startEvents(pod: Pod): PodEvent[] {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return containers.flatMap((c) => [
    {
      type: 'Normal' as const,
      reason: 'Pulled',
      message: `Container image "${c.image ?? ''}" already present on machine and can be accessed by the pod`,
    },
    { type: 'Normal' as const, reason: 'Created', message: 'Container created' },
    { type: 'Normal' as const, reason: 'Started', message: 'Container started' },
  ]);
}

const imageEvents = (pod: Pod, reason: string): PodEvent[] =>
  (pod.spec?.containers ?? []).map((c) => ({
    type: 'Warning',
    reason: 'Failed',
    message: `Failed to pull image "${c.image ?? ''}": ${reason}`,
  }));

const probeEvents = (pod: Pod, isReady: boolean): PodEvent[] =>
  isReady || (pod.status?.containerStatuses ?? []).length === 0
    ? []
    : [{ type: 'Warning', reason: 'Unhealthy', message: 'Readiness probe failed: the pod asks for it (reckon.dev/ready: "false")' }];
