import { parseTime, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Container } from '../pods/container-status';
import type { Pod } from '../stages/next-stage';

export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

/** One run of a container: what it has said so far, the oldest first, and whether it may say more. */
export interface ContainerLog {
  readonly containerId: string;
  readonly lines: readonly LogLine[];
  readonly isRunning: boolean;
}

/**
 * The log of the run that a reader means: `previous` the one before the last restart, else the one that runs, else the last one. Throws
 * a 400 Status with the words of pkg/kubelet `validateContainerLogStatus` where there is none.
 */
export function containerLog(pod: Pod, container: string, previous = false): ContainerLog {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const name = pod.metadata.name ?? '';
  const spec: Container | undefined = [...containers, ...initContainers, ...ephemeralContainers].find(
    (c) => c.name === container,
  );
  const status = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (s) => s.name === container,
  );
  const refuse = (what: string): never => {
    throw statusErrors.badRequest(what);
  };
  if (spec === undefined || status === undefined)
    return refuse(`container "${container}" in pod "${name}" is not available`);
  const { state, lastState } = status;
  if (previous)
    return lastState?.terminated === undefined
      ? refuse(`previous terminated container "${container}" in pod "${name}" not found`)
      : endedLog(pod, spec, lastState.terminated);
  if (state?.running !== undefined)
    return {
      containerId: status.containerID ?? '',
      lines: startedLines(pod, spec, state.running.startedAt),
      isRunning: true,
    };
  const ended = state?.terminated ?? lastState?.terminated;
  return ended === undefined
    ? refuse(`container "${container}" in pod "${name}" is waiting to start: ${whyWaiting(state?.waiting?.reason)}`)
    : endedLog(pod, spec, ended);
}

/** The lines of a container's simulated life; undefined if it has none to show. */
export function podLogLines(pod: Pod, container: string, previous = false): readonly LogLine[] | undefined {
  try {
    return containerLog(pod, container, previous).lines;
  } catch {
    // No such container or run.
    return undefined;
  }
}

function whyWaiting(reason = 'ContainerCreating'): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  return reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
}

function startedLines(
  pod: Pod,
  spec: Container & Pick<corev1.Container, 'command' | 'args'>,
  startedAt: string | undefined,
): LogLine[] {
  if (typeof startedAt !== 'string') return [];
  const command = [...(spec.command ?? []), ...(spec.args ?? [])].join(' ');
  const what = `image ${spec.image ?? ''}${command === '' ? '' : `, command ${command}`}`;
  const { namespace = '', name = '' } = pod.metadata;
  return [
    { atMs: parseTime(startedAt), text: `simulated container ${spec.name} of ${namespace}/${name} started: ${what}` },
  ];
}

function endedLog(pod: Pod, spec: Container, ended: corev1.ContainerStateTerminated): ContainerLog {
  const lines = startedLines(pod, spec, ended.startedAt);
  if (typeof ended.finishedAt === 'string')
    lines.push({
      atMs: parseTime(ended.finishedAt),
      text: `simulated container ${spec.name} ended with exit code ${String(ended.exitCode)}`,
    });
  return { containerId: ended.containerID ?? '', lines, isRunning: false };
}
