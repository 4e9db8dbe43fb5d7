import { parseTime } from '@reckon/api/machinery';
import { readableSelector } from '../../cache/affinity-terms';
import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import type { CycleState } from '../../framework/cycle-state';
import type { PodDisruptionBudget } from '../../framework/kinds';
import type { Plugin } from '../../framework/plugin';
import { type Outcome, type Status, unresolvable } from '../../framework/status';

export interface Victims {
  readonly nodeName: string;
  /** The most important first. */
  readonly pods: readonly PodInfo[];
  /** How many of them a PodDisruptionBudget would have kept. */
  readonly violations: number;
}

export interface DryRun {
  /** Both are copies: they are changed. */
  readonly state: CycleState;
  readonly node: NodeInfo;
  readonly pod: PodInfo;
  readonly plugins: readonly Plugin[];
  readonly fits: (state: CycleState, pod: PodInfo, node: NodeInfo) => Outcome;
  readonly budgets: readonly PodDisruptionBudget[];
  readonly nowMs: number;
}

const nobody = unresolvable('DefaultPreemption', 'No preemption victims found for incoming pod');

/**
 * The fewest and least important pods whose removal makes room on a node: all of lower priority are taken off, and then, the most
 * important first, put back while the pod still fits (plugins/defaultpreemption.SelectVictimsOnNode).
 */
export function selectVictims(run: DryRun): Victims | Status {
  const { node, pod, state, plugins, fits } = run;
  const lower = [...node.pods.values()].filter((p) => p.priority < pod.priority);
  if (lower.length === 0) return nobody;
  const remove = (other: PodInfo): void => {
    node.removePod(other.uid);
    for (const plugin of plugins) plugin.removePod?.(state, pod, other, node);
  };
  for (const other of lower) remove(other);
  const status = fits(state, pod, node);
  if (status !== undefined) return status;

  lower.sort((a, b) => byImportance(a, b, run.nowMs));
  const victims: PodInfo[] = [];
  const isKept = (other: PodInfo): boolean => {
    node.addPod(other);
    for (const plugin of plugins) plugin.addPod?.(state, pod, other, node);
    if (fits(state, pod, node) === undefined) return true;
    remove(other);
    victims.push(other);
    return false;
  };
  const { guarded, free } = splitByBudgets(lower, run.budgets);
  let violations = 0;
  for (const other of guarded) if (!isKept(other)) violations++;
  for (const other of free) isKept(other);
  victims.sort((a, b) => byImportance(a, b, run.nowMs));
  return { nodeName: node.name, pods: victims, violations };
}

/** Higher priority first; of equals, who has run longer (pkg/scheduler/util.MoreImportantPod). */
const byImportance = (a: PodInfo, b: PodInfo, nowMs: number): number =>
  b.priority - a.priority || startMs(a, nowMs) - startMs(b, nowMs);

export function startMs({ pod }: PodInfo, nowMs: number): number {
  const started = pod.status?.startTime;
  return started === undefined ? nowMs : parseTime(started);
}

/** `guarded`: each would exceed what a budget still allows. Both keep the order. */
function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { readonly guarded: PodInfo[]; readonly free: PodInfo[] } {
  const rows = budgets.map((budget) => ({
    budget,
    selector: readableSelector(budget.spec?.selector),
    left: budget.status?.disruptionsAllowed ?? 0,
  }));
  const guarded: PodInfo[] = [];
  const free: PodInfo[] = [];
  for (const info of pods) {
    const { name = '', namespace, labels } = info.pod.metadata;
    let isGuarded = false;
    if (labels !== undefined && Object.keys(labels).length > 0)
      for (const row of rows) {
        if (row.budget.metadata.namespace !== namespace || row.selector.empty || !row.selector.matches(labels))
          continue;
        // The eviction is counted already.
        if (Object.hasOwn(row.budget.status?.disruptedPods ?? {}, name)) continue;
        row.left--;
        isGuarded ||= row.left < 0;
      }
    (isGuarded ? guarded : free).push(info);
  }
  return { guarded, free };
}
