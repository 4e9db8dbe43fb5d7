import type { corev1 } from '@reckon/api/types';
import { type Node, readiness } from './node';

type Taint = corev1.Taint;

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

/** By condition and its status the key of the taint that keeps new pods away (`nodeConditionToTaintKeyStatusMap`). */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};

const ours: ReadonlySet<string> = new Set([
  unschedulable,
  ...Object.values(conditionTaints).flatMap((byStatus) => Object.values(byStatus)),
]);

const is = (taint: Taint, key: string, effect: string): boolean => taint.key === key && taint.effect === effect;

/** Keys of the NoSchedule taints that its state asks for. */
function wantedKeys({ spec, status }: Node): string[] {
  const keys = (status?.conditions ?? []).flatMap(({ type, status: is }) => {
    const byStatus = Object.hasOwn(conditionTaints, type) ? conditionTaints[type] : undefined;
    return byStatus !== undefined && Object.hasOwn(byStatus, is) ? [byStatus[is] ?? ''] : [];
  });
  return spec?.unschedulable === true ? [...keys, unschedulable] : keys;
}

/** Its pods are told to go because it is not ready. */
export const isBeingEmptied = (taints: readonly Taint[] = []): boolean =>
  taints.some((t) => is(t, notReady, 'NoExecute') || is(t, unreachable, 'NoExecute'));

export interface TaintRules {
  /** All zones are lost: then it is rather the control plane that is, and no pod is driven out. */
  readonly mayEvict: boolean;
  /** It is the node's turn to have its pods driven out if it is unready. */
  readonly isTurn: boolean;
  readonly nowText: string;
}

/**
 * The node's taints as they should be; undefined when they are. NoSchedule follows the conditions at once
 * (`doNoScheduleTaintingPass`). NoExecute comes only in turn (`doNoExecuteTaintingPass`), changes its key at once and goes at once
 * (`processTaintBaseEviction`). Taints of others stay.
 */
export function taintsOf(node: Node, { mayEvict, isTurn, nowText }: TaintRules): readonly Taint[] | undefined {
  const before = node.spec?.taints ?? [];
  const keys = wantedKeys(node);
  const evicting = evictingKey(node);
  const isEvicted = isBeingEmptied(before);
  const isToBeEvicted = mayEvict && evicting !== undefined && (isEvicted || isTurn);
  const isUntold = readiness(node) === undefined;
  // It was tainted when it was made, and has told nothing since.
  const isNew = (node.status?.conditions ?? []).length === 0;
  const kept = before.filter(({ key, effect }) => {
    if (effect === 'NoSchedule') return !ours.has(key) || keys.includes(key) || (isNew && key === notReady);
    if (effect !== 'NoExecute' || (key !== notReady && key !== unreachable)) return true;
    return isUntold || (isToBeEvicted && key === evicting);
  });
  const added: Taint[] = keys
    .filter((key) => !before.some((t) => is(t, key, 'NoSchedule')))
    .map((key) => ({ key, effect: 'NoSchedule', timeAdded: nowText }));
  if (isToBeEvicted && !before.some((t) => is(t, evicting, 'NoExecute')))
    added.push({ key: evicting, effect: 'NoExecute', timeAdded: nowText });
  return added.length === 0 && kept.length === before.length ? undefined : [...kept, ...added];
}

/** The taint that drives pods out of a node in this state; undefined for one that is well or has not told. */
function evictingKey(node: Node): string | undefined {
  const ready = readiness(node);
  return ready === 'False' ? notReady : ready === 'Unknown' ? unreachable : undefined;
}

/** Unready, and its pods are not driven out yet. */
export const isEvictionDue = (node: Node): boolean => {
  const key = evictingKey(node);
  return key !== undefined && !(node.spec?.taints ?? []).some((t) => is(t, key, 'NoExecute'));
};
