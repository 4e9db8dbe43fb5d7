import type { Random } from '@reckon/kernel';
import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import { type Extenders, extenderName } from '../extender/extenders';
import { CycleState } from '../framework/cycle-state';
import { type Diagnosis, newDiagnosis, notePlugin } from '../framework/diagnosis';
import type { NodeLister } from '../framework/plugin';
import type { Profile } from '../framework/profile';
import { runFiltersWithNominated, runPreFilters } from '../framework/run-filters';
import { runScores } from '../framework/run-scores';
import { type Status, errorStatus, isRejected, statusMessage, unresolvable } from '../framework/status';
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
      readonly extenders?: Extenders;
    },
  ) {}

  /** A promise: an extender is asked, and the cluster may be another when it has answered. */
  choose(profile: Profile, pod: PodInfo): Scheduled | Promise<Scheduled> {
    const all = this.deps.nodes.list();
    if (all.length === 0) return { kind: 'no-nodes' };
    const search: Search = { profile, state: new CycleState(), pod, diagnosis: newDiagnosis(), all };
    const { extenders } = this.deps;
    if (extenders?.chooseWithUs(pod) === true) return this.chooseTogether(search, extenders);
    const from = this.candidates(search);
    if ('code' in from) return { kind: 'error', status: from };
    const found = from.nominated === undefined ? this.filter(search, from.nodes) : [from.nominated];
    if (!Array.isArray(found)) return { kind: 'error', status: found };
    const scored = scoredIn(search, found);
    return 'kind' in scored ? scored : this.picked(search, scored);
  }

  private async chooseTogether(search: Search, extenders: Extenders): Promise<Scheduled> {
    const { pod, diagnosis } = search;
    const { statuses } = diagnosis;
    try {
      const from = this.candidates(search);
      if ('code' in from) return { kind: 'error', status: from };
      let passed: readonly NodeInfo[] = [];
      if (from.nominated !== undefined)
        passed = await extenders.filter(pod, [from.nominated], statuses).catch(() => []);
      if (passed.length === 0) {
        const found = this.filter(search, from.nodes);
        if (!Array.isArray(found)) return { kind: 'error', status: found };
        passed = await extenders.filter(pod, found, statuses);
        if (passed.length !== found.length) diagnosis.unschedulablePlugins.add(extenderName);
      }
      const scored = scoredIn(search, passed.filter(isThere));
      if ('kind' in scored) return scored;
      await extenders.prioritize(pod, scored.nodes, scored.totals);
      return this.picked(search, scored);
    } catch (error) {
      return { kind: 'error', status: errorStatus(extenderName, error) };
    }
  }

  private picked({ state }: Search, { nodes, totals }: Scored): Scheduled {
    const node = pickNode(nodes, totals, this.deps.random);
    if (node === undefined || !isThere(node))
      return { kind: 'error', status: errorStatus('', new Error(`node ${JSON.stringify(node?.name ?? '')} is gone`)) };
    return { kind: 'fits', nodeName: node.name, state };
  }

  /** What there is to look at, or an error; nothing where a plugin has refused the pod before any node. */
  private candidates(search: Search): Candidates | Status {
    const { profile, state, pod, diagnosis } = search;
    const pre = runPreFilters(profile, state, pod, this.deps.nodes);
    for (const name of pre.narrowedBy) diagnosis.unschedulablePlugins.add(name);
    if (pre.status !== undefined) {
      if (!isRejected(pre.status)) return pre.status;
      diagnosis.statuses.setAbsent(pre.status);
      diagnosis.preFilterMessage = statusMessage(pre.status);
      notePlugin(diagnosis, pre.status);
      return { nominated: undefined, nodes: [] };
    }
    let nodes: readonly NodeInfo[] = search.all;
    if (pre.nodeNames !== undefined) {
      nodes = [...pre.nodeNames].map((n) => this.deps.nodes.get(n)).filter((n) => n !== undefined);
      diagnosis.statuses.setAbsent(
        unresolvable('', `node(s) didn't satisfy plugin(s) [${[...pre.narrowedBy].sort().join(' ')}]`),
      );
    }
    // Room was made there for this pod; it is likely the only node that fits.
    const nominated = this.deps.nodes.get(pod.pod.status?.nominatedNodeName ?? '');
    const fits =
      nominated !== undefined &&
      runFiltersWithNominated(profile, { state, pod, node: nominated, nominator: this.deps.nominator }) === undefined;
    return { nominated: fits ? nominated : undefined, nodes };
  }

  private enough({ percentageOfNodesToScore }: Profile, nodes: number): number {
    return feasibleNodesToFind(nodes, percentageOfNodesToScore ?? this.deps.percentageOfNodesToScore);
  }

  private filter(
    { profile, state, pod, diagnosis, all }: Search,
    candidates: readonly NodeInfo[],
  ): NodeInfo[] | Status {
    const { extenders } = this.deps;
    const isChoiceWanted =
      profile.score.length > 0 || extenders?.areFilters === true || extenders?.arePrioritizers === true;
    const wanted = isChoiceWanted ? this.enough(profile, candidates.length) : 1;
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

/** The nodes to choose from with their totals; or already the end of it: none, or only one. */
function scoredIn({ profile, state, pod, diagnosis, all }: Search, nodes: readonly NodeInfo[]): Scored | Scheduled {
  const [only, second] = nodes;
  if (only === undefined) return { kind: 'unfit', diagnosis, allNodes: all.length, state };
  if (second === undefined) return { kind: 'fits', nodeName: only.name, state };
  const { totals, status } = runScores(profile, state, pod, nodes);
  return status === undefined ? { nodes, totals } : { kind: 'error', status };
}

/** A node may go while an extender is asked. */
const isThere = ({ node }: NodeInfo): boolean => node !== undefined;

interface Candidates {
  /** It fits as far as plugins can tell. */
  readonly nominated: NodeInfo | undefined;
  readonly nodes: readonly NodeInfo[];
}

interface Scored {
  readonly nodes: readonly NodeInfo[];
  readonly totals: number[];
}

interface Search {
  readonly profile: Profile;
  readonly state: CycleState;
  readonly pod: PodInfo;
  readonly diagnosis: Diagnosis;
  readonly all: readonly NodeInfo[];
}
