import { type LabelSelector, newRequirement, selectorOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Labels, readableSelector } from '../../cache/affinity-terms';
import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { requiredNodeFits } from '../node-selector';
import { untoleratedTaint } from '@reckon/control/runtime';

/** One of a pod's topology spread constraints, made ready (plugins/podtopologyspread.topologySpreadConstraint). */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export function spreadConstraints(
  { pod }: PodInfo,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
): readonly SpreadConstraint[] {
  const all = pod.spec?.topologySpreadConstraints;
  if (all === undefined) return none;
  return all
    .filter((c) => c.whenUnsatisfiable === whenUnsatisfiable)
    .map((c) => ({
      topologyKey: c.topologyKey,
      maxSkew: c.maxSkew,
      minDomains: c.minDomains ?? 1,
      selector: selectorWithKeys(c, pod.metadata.labels ?? {}),
      honorsAffinity: c.nodeAffinityPolicy !== 'Ignore',
      honorsTaints: c.nodeTaintsPolicy === 'Honor',
    }));
}

const none: readonly SpreadConstraint[] = [];

/** `matchLabelKeys`: only pods whose values for these keys are the pod's own. */
function selectorWithKeys(constraint: corev1.TopologySpreadConstraint, labels: Labels): LabelSelector {
  const selector = readableSelector(constraint.labelSelector);
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => Object.hasOwn(labels, key));
  if (keys.length === 0 || selector.requirements === undefined) return selector;
  return selectorOf([...selector.requirements, ...keys.map((key) => newRequirement(key, 'in', [labels[key] ?? '']))]);
}

/** Whether the pods of a node count for a constraint. */
export function isNodeCounted(constraint: SpreadConstraint, { pod }: PodInfo, node: NodeInfo): boolean {
  if (constraint.honorsAffinity && !requiredNodeFits(pod.spec, node)) return false;
  return !constraint.honorsTaints || untoleratedTaint(node.node?.spec?.taints, pod.spec?.tolerations) === undefined;
}

/** Pods that are going away do not count. */
export function isPodCounted({ selector }: SpreadConstraint, namespace: string, { pod }: PodInfo): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    (pod.metadata.namespace ?? '') === namespace &&
    selector.matches(pod.metadata.labels ?? {})
  );
}

/** Counts on one node after another the pods that a constraint speaks of. */
export function podCounter(constraint: SpreadConstraint, namespace: string): (node: NodeInfo) => number {
  const question = JSON.stringify([namespace, constraint.selector.requirements ?? null]);
  const isCounted = (other: PodInfo): boolean => isPodCounted(constraint, namespace, other);
  return (node) => node.tally(question, isCounted);
}

export const hasAllKeys = (constraints: readonly SpreadConstraint[], labels: Labels): boolean =>
  constraints.every((c) => Object.hasOwn(labels, c.topologyKey));
