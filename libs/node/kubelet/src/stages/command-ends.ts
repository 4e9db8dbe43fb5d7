import { parseTime } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { containerWork } from '../work/container-work';
import type { Pod } from './next-stage';
import { durationMs } from './duration';
import type { Stage } from './stage';

interface CommandEnd {
  readonly container: string;
  /** Infinity: not by itself. */
  readonly atMs: number;
  readonly exitCode: number;
}

/** What the shortest command takes: times in a status are whole seconds, and its start and end are to differ. */
export const leastMs = 1_000;

/** When the running app containers end by themselves, as their commands tell or else the stage for those that do not. */
export function commandEnds({ after }: Stage, pod: Pod, seenMs: number): readonly CommandEnd[] {
  const unknownMs = after.unknown === undefined ? Infinity : durationMs(after.unknown);
  return (pod.status?.containerStatuses ?? []).flatMap((status) => {
    if (status.state?.running === undefined) return [];
    const work = workOf(pod, status);
    const { startedAt } = status.state.running;
    const sinceMs = typeof startedAt === 'string' ? parseTime(startedAt) : seenMs;
    const takesMs = Math.max(leastMs, work?.durationMs ?? unknownMs);
    return [{ container: status.name, atMs: sinceMs + takesMs, exitCode: work?.exitCode ?? 0 }];
  });
}

function workOf({ spec }: Pod, { name }: corev1.ContainerStatus): ReturnType<typeof containerWork> {
  const container = spec?.containers?.find((c) => c.name === name);
  return container === undefined ? undefined : containerWork(container);
}
