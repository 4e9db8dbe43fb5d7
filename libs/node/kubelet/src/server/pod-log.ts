import { parseTime } from '@reckon/api/machinery';
import type { Pod } from '../stages/next-stage';

export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

/**
 * The lines of a container's simulated life, oldest first: what its status tells of its start, its readiness and its end. Undefined if
 * the pod has no such container. `previous`: the run before the last restart.
 */
export function podLogLines(pod: Pod, container: string, previous = false): LogLine[] | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const spec = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find((c) => c.name === container);
  if (spec === undefined) return undefined;
  const status = statuses.find((s) => s.name === container);
  const state = previous ? status?.lastState : status?.state;
  const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt;
  if (startedAt === undefined || startedAt === null) return [];
  const command = [...(spec.command ?? []), ...(spec.args ?? [])].join(' ');
  const lines: LogLine[] = [
    {
      atMs: parseTime(startedAt),
      text: `simulated container ${container} of ${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''} started: image ${spec.image ?? ''}${command === '' ? '' : `, command ${command}`}`,
    },
  ];
  const finishedAt = state?.terminated?.finishedAt;
  if (finishedAt !== undefined && finishedAt !== null)
    lines.push({ atMs: parseTime(finishedAt), text: `simulated container ${container} ended with exit code ${String(state?.terminated?.exitCode ?? 0)}` });
  return lines;
}
