import type { corev1 } from '@reckon/api/types';
import { type Pod, isActive, isReady, readySinceMs, timeMs } from './pod-state';

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

interface Ranked {
  readonly pod: Pod;
  readonly isAssigned: boolean;
  readonly phase: number;
  readonly isReady: boolean;
  readonly cost: number;
  /** Active pods of the same family on the node. */
  readonly neighbours: number;
  readonly readyMs: number | undefined;
  readonly restarts: number;
  readonly sidecarRestarts: number;
  readonly createdMs: number | undefined;
}

/** Negative: the first goes first. 0: the next rule decides. */
type Rule = (a: Ranked, b: Ranked, nowMs: number) => number;

/** Which of two pods is rather deleted (pkg/controller.ActivePodsWithRanks), the first rule that tells them apart decides. */
const rules: readonly Rule[] = [
  // Unassigned before assigned.
  (a, b) => Number(a.isAssigned) - Number(b.isAssigned),
  // Pending before unknown before running.
  (a, b) => a.phase - b.phase,
  // Not ready before ready.
  (a, b) => Number(a.isReady) - Number(b.isReady),
  // The cheaper one by annotation.
  (a, b) => a.cost - b.cost,
  // The one that has more of its family on its node.
  (a, b) => b.neighbours - a.neighbours,
  // Of two ready pods the one that has been ready for the shorter time.
  (a, b, nowMs) => (a.isReady && b.isReady ? younger(a, b, { a: a.readyMs, b: b.readyMs, nowMs }) : 0),
  // More restarts.
  (a, b) => b.restarts - a.restarts,
  (a, b) => b.sidecarRestarts - a.sidecarRestarts,
  // The younger one.
  (a, b, nowMs) => younger(a, b, { a: a.createdMs, b: b.createdMs, nowMs }),
];

/** The pods that go first, in order; `related` are those whose neighbourhood counts (the owner's other ReplicaSets and this one). */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related)
    if (isActive(pod)) onNode.set(pod.spec?.nodeName ?? '', (onNode.get(pod.spec?.nodeName ?? '') ?? 0) + 1);
  return pods
    .map((pod) => ranked(pod, onNode.get(pod.spec?.nodeName ?? '') ?? 0))
    .sort((a, b) => {
      for (const rule of rules) {
        const order = rule(a, b, nowMs);
        if (order !== 0) return order;
      }
      return 0;
    })
    .slice(0, count)
    .map(({ pod }) => pod);
}

/** Ages count by their order of magnitude, so that the youngest are not always the ones; within one the uid decides. */
function younger(a: Ranked, b: Ranked, times: { a: number | undefined; b: number | undefined; nowMs: number }): number {
  if (times.a === times.b) return 0;
  if (times.a === undefined) return -1;
  if (times.b === undefined) return 1;
  const order = magnitude(times.nowMs - times.a) - magnitude(times.nowMs - times.b);
  if (order !== 0) return order;
  return (a.pod.metadata.uid ?? '') < (b.pod.metadata.uid ?? '') ? -1 : 1;
}

/** Of the age in nanoseconds, as upstream reckons. */
const magnitude = (ageMs: number): number => (ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6)));

function ranked(pod: Pod, neighbours: number): Ranked {
  const { status, spec } = pod;
  const sidecars = new Set((spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  return {
    pod,
    isAssigned: (spec?.nodeName ?? '') !== '',
    phase: status?.phase === 'Running' ? 2 : status?.phase === 'Unknown' ? 1 : 0,
    isReady: isReady(pod),
    cost: costOf(pod),
    neighbours,
    readyMs: readySinceMs(pod),
    restarts: mostRestarts(status?.containerStatuses ?? []),
    sidecarRestarts: mostRestarts((status?.initContainerStatuses ?? []).filter((c) => sidecars.has(c.name))),
    createdMs: timeMs(pod.metadata.creationTimestamp),
  };
}

const mostRestarts = (statuses: readonly corev1.ContainerStatus[]): number =>
  statuses.reduce((most, { restartCount }) => Math.max(most, restartCount ?? 0), 0);

/** Text that is no 32-bit integer counts as 0; so does one with a leading plus or zero, which the API refuses to store. */
function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation] ?? '';
  const value = /^(0|-?[1-9][0-9]{0,9})$/.test(text) ? Number(text) : 0;
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : 0;
}
