import type { Logger, Running } from '@reckon/kernel';
import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import type { NodeToStatus } from '../framework/diagnosis';
import { type NodeLister, type Plugin, maxNodeScore } from '../framework/plugin';
import { errorStatus, type Outcome, skip, unresolvable, unschedulable } from '../framework/status';
import type { Victims } from '../plugins/preemption/victims';
import type { Extender } from './extender';

/** In place of a plugin, where an extender refused a pod: which event helps nobody knows, so any may. */
export const extenderName = 'Extender';
const highestExtenderScore = 10;

/** All extenders, and how they are asked together. With none of them nothing here costs anything. */
export class Extenders implements Running {
  constructor(
    private readonly all: readonly Extender[],
    private readonly logger: Logger,
  ) {}

  stop(): Promise<void> {
    for (const extender of this.all) extender.close();
    return Promise.resolve();
  }

  get areAny(): boolean {
    return this.all.length > 0;
  }
  get areFilters(): boolean {
    return this.all.some(({ isFilter }) => isFilter);
  }
  get arePrioritizers(): boolean {
    return this.all.some(({ isPrioritizer }) => isPrioritizer);
  }

  /** Whether choosing a node for the pod takes longer than a turn. */
  chooseWithUs(pod: PodInfo): boolean {
    return this.all.some((one) => (one.isFilter || one.isPrioritizer) && one.isInterestedIn(pod));
  }

  /**
   * One after another, each among what the last has left (scheduler.findNodesThatPassExtenders). Rejects when one that must not be
   * ignored cannot be asked.
   */
  async filter(pod: PodInfo, nodes: readonly NodeInfo[], statuses: NodeToStatus): Promise<readonly NodeInfo[]> {
    let left = nodes;
    for (const extender of this.all) {
      if (left.length === 0) break;
      if (!extender.isFilter || !extender.isInterestedIn(pod)) continue;
      const answer = await this.ask(extender, 'filter', () => extender.filter(pod, left));
      if (answer === undefined) continue;
      for (const [name, why] of answer.failed) statuses.set(name, unschedulable('', why));
      for (const [name, why] of answer.hopeless) statuses.set(name, unresolvable('', why));
      left = answer.nodes;
    }
    return left;
  }

  /** All at once; one that cannot be asked, or answers nonsense, has no say (scheduler.prioritizeNodes). Adds to `totals`. */
  async prioritize(pod: PodInfo, nodes: readonly NodeInfo[], totals: number[]): Promise<void> {
    const asked = this.all.filter((one) => one.isPrioritizer && one.isInterestedIn(pod));
    const answers = await Promise.allSettled(asked.map((one) => one.prioritize(pod, nodes)));
    const sums = new Map<string, number>();
    for (const [i, answer] of answers.entries())
      if (answer.status === 'rejected')
        this.logger.debug('extender gave no scores', { extender: asked[i]?.name, error: String(answer.reason) });
      else
        for (const [name, score] of answer.value)
          sums.set(name, (sums.get(name) ?? 0) + score * (maxNodeScore / highestExtenderScore));
    for (const [i, { name }] of nodes.entries()) totals[i] = (totals[i] ?? 0) + (sums.get(name) ?? 0);
  }

  /** Whether anyone has a say in preemption for the pod. */
  preemptWithUs(pod: PodInfo): boolean {
    return this.all.some((one) => one.supportsPreemption && one.isInterestedIn(pod));
  }

  /** Rejects when one that must not be ignored cannot be asked, or names no victims (preemption.Evaluator.callExtenders). */
  async preempt(pod: PodInfo, candidates: readonly Victims[], nodes: NodeLister): Promise<readonly Victims[]> {
    let left = candidates;
    for (const extender of this.all) {
      if (left.length === 0) break;
      if (!extender.supportsPreemption || !extender.isInterestedIn(pod)) continue;
      const answer = await this.ask(extender, 'preempt', () => extender.preempt(pod, left, nodes));
      if (answer === undefined) continue;
      const empty = answer.find(({ pods }) => pods.length === 0);
      if (empty !== undefined && !extender.isIgnorable)
        throw new Error(`expected at least one victim pod on node ${JSON.stringify(empty.nodeName)}`);
      left = answer.filter(({ pods }) => pods.length > 0);
    }
    return left;
  }

  /** Binds in place of the plugins where an extender does; undefined: none does. */
  binder(): (Plugin & Required<Pick<Plugin, 'bind'>>) | undefined {
    const binders = this.all.filter(({ isBinder }) => isBinder);
    const ask = this.ask.bind(this);
    if (binders.length === 0) return undefined;
    return {
      name: extenderName,
      async bind(_, pod, nodeName): Promise<Outcome> {
        for (const binder of binders) {
          if (!binder.isInterestedIn(pod)) continue;
          try {
            const isBound = await ask(binder, 'bind', () => binder.bind(pod, nodeName).then(() => true));
            if (isBound === true) return undefined;
          } catch (error) {
            return errorStatus(extenderName, error);
          }
        }
        return skip;
      },
    };
  }

  /** Undefined: it cannot be asked, and may be ignored. */
  private async ask<T>(extender: Extender, verb: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!extender.isIgnorable) throw error;
      this.logger.warn('extender ignored', { extender: extender.name, verb, error: String(error) });
      return undefined;
    }
  }
}
