import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { type SpreadConstraint, hasAllKeys, isNodeCounted, isPodCounted, podCounter } from './spread-constraint';

/** Matching pods per topology value, for each hard constraint of a pod (plugins/podtopologyspread.preFilterState). */
export class SpreadState {
  /** How many pods the emptiest domain of each constraint has; undefined where that must be looked for anew. */
  private readonly least: (number | undefined)[] = [];
  /** Whether each constraint counts the pod itself. */
  private readonly own: readonly number[];

  constructor(
    readonly constraints: readonly SpreadConstraint[],
    private readonly pod: PodInfo,
    /** As `constraints`; a value with no pods is there with 0, since an empty domain holds the least. */
    private readonly counts: readonly Map<string, number>[],
  ) {
    const labels = pod.pod.metadata.labels ?? {};
    this.own = constraints.map(({ selector }) => (selector.matches(labels) ? 1 : 0));
  }

  static of(constraints: readonly SpreadConstraint[], pod: PodInfo, nodes: readonly NodeInfo[]): SpreadState {
    const namespace = pod.pod.metadata.namespace ?? '';
    const eligible = nodes.filter((node) => hasAllKeys(constraints, node.labels));
    const counts = constraints.map((constraint) => {
      const values = new Map<string, number>();
      const podsOn = podCounter(constraint, namespace);
      for (const node of eligible) {
        if (!isNodeCounted(constraint, pod, node)) continue;
        const value = node.labels[constraint.topologyKey] ?? '';
        values.set(value, (values.get(value) ?? 0) + podsOn(node));
      }
      return values;
    });
    return new SpreadState(constraints, pod, counts);
  }

  count(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (!hasAllKeys(this.constraints, node.labels)) return;
    for (const [i, constraint] of this.constraints.entries()) {
      const values = this.counts[i];
      if (values === undefined || !isPodCounted(constraint, this.pod.pod.metadata.namespace ?? '', other)) continue;
      if (!isNodeCounted(constraint, this.pod, node)) continue;
      const value = node.labels[constraint.topologyKey] ?? '';
      values.set(value, (values.get(value) ?? 0) + by);
      this.least[i] = undefined;
    }
  }

  /** How far above the emptiest domain the node's would be with the pod on it. */
  skewOn(index: number, value: string): number {
    const count = this.counts[index]?.get(value) ?? 0;
    // Asked for every node: looking through all domains each time would cost the square of their number.
    const least = (this.least[index] ??= this.leastOf(index));
    return count + (this.own[index] ?? 0) - least;
  }

  private leastOf(index: number): number {
    const values = this.counts[index];
    // Domains that should be there and are not are empty ones.
    if (values === undefined || values.size === 0 || values.size < (this.constraints[index]?.minDomains ?? 0)) return 0;
    let least = Infinity;
    for (const count of values.values()) least = Math.min(least, count);
    return least;
  }

  clone(): SpreadState {
    return new SpreadState(
      this.constraints,
      this.pod,
      this.counts.map((values) => new Map(values)),
    );
  }
}
