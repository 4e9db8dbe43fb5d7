import type { Clock, Random } from '@reckon/kernel';
import type { NodeInfo } from '../../cache/node-info';
import { type PodInfo, podInfoOf } from '../../cache/pod-info';
import type { PreemptionArgs } from '../../config/scheduler-configuration';
import type { Extenders } from '../../extender/extenders';
import type { CycleState } from '../../framework/cycle-state';
import { type NodeToStatus, fitErrorText, newDiagnosis } from '../../framework/diagnosis';
import type { Pod, PodDisruptionBudget } from '../../framework/kinds';
import type { NodeLister, Plugin, PostFilterAnswer } from '../../framework/plugin';
import { type Outcome, errorStatus, unresolvable, unschedulable } from '../../framework/status';
import type { Nominator } from '../../queue/nominator';
import type { Evictor } from './evictor';
import { isBeingPreempted } from './evictor';
import { pickVictims } from './pick-victims';
import { type Victims, selectVictims } from './victims';

export interface PreemptionDeps {
  readonly nodes: NodeLister;
  readonly nominator: Nominator;
  readonly evictor: Evictor;
  readonly budgets: () => readonly PodDisruptionBudget[];
  readonly podOf: (key: string) => Pod | undefined;
  /** The filters of the profile that this plugin is part of. */
  readonly fits: (state: CycleState, pod: PodInfo, node: NodeInfo) => Outcome;
  readonly plugins: () => readonly Plugin[];
  readonly args: PreemptionArgs;
  readonly clock: Clock;
  readonly random: Random;
  readonly extenders?: Extenders;
  readonly metrics: { preemption(): void; victims(count: number): void };
}

const name = 'DefaultPreemption';

/** Makes room for a pod by removing pods of lower priority from one node (plugins/defaultpreemption, framework/preemption). */
export function defaultPreemption(deps: PreemptionDeps): Plugin {
  return {
    name,
    postFilter(state, info, statuses) {
      deps.metrics.preemption();
      const answer = preempt(deps, { state, info, statuses });
      return answer instanceof Promise ? answer.then(told, failed) : told(answer);
    },
  };
}

const told = (answer: PostFilterAnswer | string): PostFilterAnswer =>
  typeof answer === 'string' ? { status: unschedulable(name, `preemption: ${answer}`) } : answer;
const failed = (error: unknown): PostFilterAnswer => ({
  status: errorStatus(name, new Error(`preemption: ${error instanceof Error ? error.message : String(error)}`)),
});

interface Attempt {
  readonly state: CycleState;
  readonly info: PodInfo;
  readonly statuses: NodeToStatus;
}

/** A text: why not, leaving the nomination as it is. */
function preempt(
  deps: PreemptionDeps,
  attempt: Attempt,
): PostFilterAnswer | string | Promise<PostFilterAnswer | string> {
  const newest = deps.podOf(attempt.info.key);
  if (newest === undefined) return `pod "${attempt.info.pod.metadata.name ?? ''}" not found`;
  const pod = newest === attempt.info.pod ? attempt.info : podInfoOf(newest);
  const refusal = ineligible(deps, pod, attempt.statuses);
  if (refusal !== undefined) return refusal;

  const { candidates, diagnosis } = findCandidates(deps, { ...attempt, info: pod });
  if (candidates.length === 0) {
    const text = fitErrorText(deps.nodes.list().length, diagnosis);
    return { status: unschedulable(name, `preemption: ${text}`), nominatedNodeName: '' };
  }
  const { extenders, nodes } = deps;
  if (extenders?.preemptWithUs(pod) === true)
    return extenders.preempt(pod, candidates, nodes).then((left) => nominate(deps, pod, left));
  return nominate(deps, pod, candidates);
}

function nominate(deps: PreemptionDeps, pod: PodInfo, candidates: readonly Victims[]): PostFilterAnswer | string {
  const best = pickVictims(candidates, deps.clock.nowMs());
  if (best === undefined) return 'no candidate node for preemption';
  deps.metrics.victims(best.pods.length);
  deps.evictor.start(pod, best.nodeName, {
    victims: best.pods,
    displaced: [...deps.nominator.on(best.nodeName)].filter((p) => p.priority < pod.priority),
  });
  return { status: undefined, nominatedNodeName: best.nodeName };
}

/** Why the pod may not preempt now (PodEligibleToPreemptOthers). */
function ineligible({ nodes, evictor }: PreemptionDeps, pod: PodInfo, statuses: NodeToStatus): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  if (evictor.isRunningFor(pod.uid)) return 'waiting for the preemption for this pod to be finished';
  const nominated = pod.pod.status?.nominatedNodeName ?? '';
  if (nominated === '' || statuses.get(nominated).code === 'UnschedulableAndUnresolvable') return undefined;
  for (const other of nodes.get(nominated)?.pods.values() ?? [])
    if (other.priority < pod.priority && isBeingPreempted(other))
      return 'not eligible due to a terminating pod on the nominated node.';
  return undefined;
}

/** Dry runs on the nodes where removing pods may help, from a random one on, until there are enough candidates. */
function findCandidates(
  deps: PreemptionDeps,
  { state, info, statuses }: Attempt,
): { readonly candidates: readonly Victims[]; readonly diagnosis: ReturnType<typeof newDiagnosis> } {
  const diagnosis = newDiagnosis();
  diagnosis.statuses.setAbsent(unresolvable('', 'Preemption is not helpful for scheduling'));
  const potential = deps.nodes.list().filter((n) => statuses.get(n.name).code === 'Unschedulable');
  const enough = Math.min(
    Math.max(
      Math.floor((potential.length * deps.args.minCandidateNodesPercentage) / 100),
      deps.args.minCandidateNodesAbsolute,
    ),
    potential.length,
  );
  const harmless: Victims[] = [];
  const violating: Victims[] = [];
  const offset = potential.length === 0 ? 0 : deps.random.int(potential.length);
  const budgets = deps.budgets();
  for (let i = 0; i < potential.length; i++) {
    if (harmless.length > 0 && harmless.length + violating.length >= enough) break;
    const node = potential[(offset + i) % potential.length];
    if (node === undefined) continue;
    const found = selectVictims({
      state: state.clone(),
      node: node.copy(),
      pod: info,
      plugins: deps.plugins(),
      fits: deps.fits,
      budgets,
      nowMs: deps.clock.nowMs(),
    });
    if ('code' in found) diagnosis.statuses.set(node.name, found);
    else if (found.pods.length === 0)
      diagnosis.statuses.set(node.name, unschedulable(name, `expected at least one victim pod on node "${node.name}"`));
    else (found.violations === 0 ? harmless : violating).push(found);
  }
  return { candidates: [...harmless, ...violating], diagnosis };
}
