import type { Random } from '@reckon/kernel';
import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import { CycleState } from '../framework/cycle-state';
import { type Diagnosis, newDiagnosis, notePlugin } from '../framework/diagnosis';
import type { NodeLister } from '../framework/plugin';
import type { Profile } from '../framework/profile';
import { runFiltersWithNominated, runPreFilters } from '../framework/run-filters';
import { runScores } from '../framework/run-scores';
import { type Status, isRejected, statusMessage, unresolvable } from '../framework/status';
import type { Nominator } from '../queue/nominator';
import { feasibleNodesToFind } from './feasible-nodes';
import { pickNode } from './pick-node';

export type Scheduled =
  | { readonly kind: 'fits'; readonly nodeName: string; readonly state: CycleState }
  | { readonly kind: 'no-nodes' }
  | { readonly kind: 'unfit'; readonly diagnosis: Diagnosis; readonly allNodes: number; readonly state: CycleState }
  | { readonly kind: 'error'; readonly status: Status };

/** Chooses the node for a pod (pkg/scheduler.schedulePod): which fit, and which of them scores best. Changes nothing. */
export class NodeChooser {
  /** Where the last pod's search ended: in large clusters, where not all nodes are looked at, all get their turn. */
  private nextStart = 0;

  constructor(
    private readonly deps: {
      readonly nodes: NodeLister;
      readonly nominator: Nominator;
      readonly random: Random;
      /** Where the profile says nothing. */
      readonly percentageOfNodesToScore?: number;
    },
  ) {}

  choose(profile: Profile, pod: PodInfo): Scheduled {
    const all = this.deps.nodes.list();
    if (all.length === 0) return { kind: 'no-nodes' };
    const state = new CycleState();
    const diagnosis = newDiagnosis();
    const found = this.fitting({ profile, state, pod, diagnosis, all });
    if (!Array.isArray(found)) return { kind: 'error', status: found };
    const [only, second] = found;
    if (only === undefined) return { kind: 'unfit', diagnosis, allNodes: all.length, state };
    if (second === undefined) return { kind: 'fits', nodeName: only.name, state };
    const { totals, status } = runScores(profile, state, pod, found);
    if (status !== undefined) return { kind: 'error', status };
    return { kind: 'fits', nodeName: pickNode(found, totals, this.deps.random)?.name ?? only.name, state };
  }

  /** The nodes that fit, or an error. */
  private fitting(search: Search): NodeInfo[] | Status {
    const { profile, state, pod, diagnosis } = search;
    const pre = runPreFilters(profile, state, pod, this.deps.nodes);
    for (const name of pre.narrowedBy) diagnosis.unschedulablePlugins.add(name);
    if (pre.status !== undefined) {
      if (!isRejected(pre.status)) return pre.status;
      diagnosis.statuses.setAbsent(pre.status);
      diagnosis.preFilterMessage = statusMessage(pre.status);
      notePlugin(diagnosis, pre.status);
      return [];
    }
    // Room was made there for this pod; it is likely the only node that fits.
    const nominated = this.deps.nodes.get(pod.pod.status?.nominatedNodeName ?? '');
    if (nominated !== undefined) {
      const status = runFiltersWithNominated(profile, { state, pod, node: nominated, nominator: this.deps.nominator });
      if (status === undefined) return [nominated];
    }
    let candidates: readonly NodeInfo[] = search.all;
    if (pre.nodeNames !== undefined) {
      candidates = [...pre.nodeNames].map((n) => this.deps.nodes.get(n)).filter((n) => n !== undefined);
      diagnosis.statuses.setAbsent(
        unresolvable('', `node(s) didn't satisfy plugin(s) [${[...pre.narrowedBy].sort().join(' ')}]`),
      );
    }
    return this.filter(search, candidates);
  }

  private enough({ percentageOfNodesToScore }: Profile, nodes: number): number {
    return feasibleNodesToFind(nodes, percentageOfNodesToScore ?? this.deps.percentageOfNodesToScore);
  }

  private filter(
    { profile, state, pod, diagnosis, all }: Search,
    candidates: readonly NodeInfo[],
  ): NodeInfo[] | Status {
    const wanted = profile.score.length === 0 ? 1 : this.enough(profile, candidates.length);
    const found: NodeInfo[] = [];
    let looked = 0;
    for (; looked < candidates.length && found.length < wanted; looked++) {
      const node = candidates[(this.nextStart + looked) % candidates.length];
      if (node === undefined) continue;
      const status = runFiltersWithNominated(profile, { state, pod, node, nominator: this.deps.nominator });
      if (status === undefined) found.push(node);
      else if (isRejected(status)) {
        diagnosis.statuses.set(node.name, status);
        notePlugin(diagnosis, status);
      } else return status;
    }
    this.nextStart = (this.nextStart + looked) % all.length;
    return found;
  }
}

interface Search {
  readonly profile: Profile;
  readonly state: CycleState;
  readonly pod: PodInfo;
  readonly diagnosis: Diagnosis;
  readonly all: readonly NodeInfo[];
}
