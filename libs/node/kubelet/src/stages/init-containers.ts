import { parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { containerWork } from '../work/container-work';
import type { Work } from '../work/program-work';
import { leastMs } from './command-ends';
import type { Pod } from './next-stage';
import { restartBackOffMs } from './restart-back-off';

type Status = corev1.ContainerStatus;

export const isSidecar = (container: Pick<corev1.Container, 'restartPolicy'>): boolean =>
  container.restartPolicy === 'Always';

/** What an init container has to do; one whose command does not tell is done at once, and well. */
export const initWork = (container: corev1.Container): Work =>
  containerWork(container) ?? { durationMs: 0, exitCode: 0 };

/** Done within the same write in which it starts, so that most pods with init containers run at once. */
export const isInstant = ({ durationMs, exitCode }: Work): boolean => durationMs === 0 && exitCode === 0;

/** The init containers that are no sidecars, with what is known of each. */
export const initsOf = ({ spec, status }: Pod): { container: corev1.Container; status: Status | undefined }[] =>
  (spec?.initContainers ?? [])
    .filter((c) => !isSidecar(c))
    .map((container) => ({ container, status: status?.initContainerStatuses?.find((s) => s.name === container.name) }));

export const isDone = (status: Status | undefined): boolean => status?.state?.terminated?.exitCode === 0;

export const hasBegun = (status: Status | undefined): status is Status =>
  status?.state?.running !== undefined ||
  status?.state?.terminated !== undefined ||
  status?.lastState?.terminated !== undefined;

/** `begun`: one of them runs, or has failed and is to run again. */
export function initState(pod: Pod): 'none' | 'begun' | 'done' {
  const inits = initsOf(pod);
  if (inits.every(({ status }) => isDone(status))) return 'done';
  return inits.some(({ status }) => hasBegun(status)) ? 'begun' : 'none';
}

/** When an init container that runs ends by itself, or one that has failed runs again. */
export function initChangeMs({ container, status }: ReturnType<typeof initsOf>[number], seenMs: number): number {
  const startedAt = status?.state?.running?.startedAt;
  if (status?.state?.running !== undefined)
    return timeOf(startedAt, seenMs) + Math.max(leastMs, initWork(container).durationMs);
  if (!hasBegun(status) || isDone(status)) return Infinity;
  return (
    timeOf((status.state?.terminated ?? status.lastState?.terminated)?.finishedAt, seenMs) + restartBackOffMs(status)
  );
}

const timeOf = (time: string | null | undefined, seenMs: number): number =>
  typeof time === 'string' ? parseTime(time) : seenMs;
