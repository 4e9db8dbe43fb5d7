import type { AffinityTerm, Labels } from '../../cache/affinity-terms';
import type { NodeInfo } from '../../cache/node-info';
import type { PodInfo } from '../../cache/pod-info';
import { TopologyCounts } from '../topology-counts';

export type NamespaceLabels = (namespace: string) => Labels;

/** What the pods that are there mean for one pod, counted per topology value (plugins/interpodaffinity.preFilterState). */
export class AffinityState {
  constructor(
    private readonly pod: PodInfo,
    private readonly namespaceLabels: NamespaceLabels,
    /** Pods there whose required anti-affinity speaks of this pod. */
    readonly unwelcome = new TopologyCounts(),
    /** Pods there that answer all of this pod's required affinity terms, per term. */
    readonly wanted = new TopologyCounts(),
    /** Pods there that answer one of this pod's required anti-affinity terms, per term. */
    readonly unwanted = new TopologyCounts(),
  ) {}

  get required(): readonly AffinityTerm[] {
    return this.pod.affinity?.required ?? [];
  }

  get requiredAnti(): readonly AffinityTerm[] {
    return this.pod.affinity?.requiredAnti ?? [];
  }

  /** Counts `other` on `node`, or with -1 takes it out again. */
  count(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    const { labels } = node;
    const add = (counts: TopologyCounts, { topologyKey }: AffinityTerm): void => {
      const value = labels[topologyKey];
      if (value !== undefined) counts.add(topologyKey, value, by);
    };
    const own = this.pod.pod;
    const ownLabels = this.labelsOf(this.pod);
    for (const term of other.affinity?.requiredAnti ?? []) if (term.matches(own, ownLabels)) add(this.unwelcome, term);
    if (this.pod.affinity === undefined) return;
    const otherLabels = this.labelsOf(other);
    if (this.required.length > 0 && this.required.every((t) => t.matches(other.pod, otherLabels)))
      for (const term of this.required) add(this.wanted, term);
    for (const term of this.requiredAnti) if (term.matches(other.pod, otherLabels)) add(this.unwanted, term);
  }

  /** A pod may be the first of a group that wants to be together. */
  isOwnKind(): boolean {
    const labels = this.labelsOf(this.pod);
    return this.required.every((t) => t.matches(this.pod.pod, labels));
  }

  clone(): AffinityState {
    return new AffinityState(
      this.pod,
      this.namespaceLabels,
      this.unwelcome.clone(),
      this.wanted.clone(),
      this.unwanted.clone(),
    );
  }

  private labelsOf(info: PodInfo): Labels {
    return this.namespaceLabels(info.pod.metadata.namespace ?? '');
  }
}
