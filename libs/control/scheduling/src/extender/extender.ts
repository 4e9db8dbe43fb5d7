import type { Timers } from '@reckon/kernel';
import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import type { ExtenderConfiguration } from '../config/scheduler-configuration';
import type { NodeLister } from '../framework/plugin';
import type { Victims } from '../plugins/preemption/victims';
import { type JsonPoster, jsonPoster } from './post-json';
import { ExtenderAnswerError, fieldsOf, readInteger, readList, readMap, readText } from './read-answer';

export interface Filtered {
  readonly nodes: readonly NodeInfo[];
  /** Why a node was refused, by its name. */
  readonly failed: ReadonlyMap<string, string>;
  /** The same, where removing pods would not help. */
  readonly hopeless: ReadonlyMap<string, string>;
}

/** One extender (pkg/scheduler.HTTPExtender). What it answers is looked at before it counts; methods reject when it cannot be used. */
export class Extender {
  private readonly poster: JsonPoster;
  private readonly managed: ReadonlySet<string>;

  constructor(
    private readonly of: ExtenderConfiguration,
    timers: Pick<Timers, 'after'>,
  ) {
    this.poster = jsonPoster({ urlPrefix: of.urlPrefix, timeoutMs: of.timeoutMs, tls: of.tls, timers });
    this.managed = new Set(of.managedResources.map(({ name }) => name));
  }

  get name(): string {
    return this.of.urlPrefix;
  }
  get isIgnorable(): boolean {
    return this.of.isIgnorable;
  }
  get isFilter(): boolean {
    return this.of.filterVerb !== '';
  }
  get isPrioritizer(): boolean {
    return this.of.prioritizeVerb !== '';
  }
  get isBinder(): boolean {
    return this.of.bindVerb !== '';
  }
  get supportsPreemption(): boolean {
    return this.of.preemptVerb !== '';
  }

  close(): void {
    this.poster.close();
  }

  /** Whether a container wants, or may use, a resource that it manages. */
  isInterestedIn({ pod: { spec } }: PodInfo): boolean {
    if (this.managed.size === 0) return true;
    const wants = (amounts: Readonly<Record<string, string>> | undefined): boolean =>
      amounts !== undefined && Object.keys(amounts).some((name) => this.managed.has(name));
    return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(
      ({ resources }) => wants(resources?.requests) || wants(resources?.limits),
    );
  }

  /** Which of the nodes will do. */
  async filter(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<Filtered> {
    if (!this.isFilter) return { nodes, failed: new Map(), hopeless: new Map() };
    const answer = fieldsOf('an answer', await this.poster.post(this.of.filterVerb, this.args(pod, nodes)));
    const error = readText('Error', answer('Error'));
    if (error !== '') throw new ExtenderAnswerError(error);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const found = this.namesIn(answer).map((name) => {
      const node = byName.get(name);
      if (node === undefined)
        throw new ExtenderAnswerError(
          `extender ${JSON.stringify(this.name)} claims a filtered node ${JSON.stringify(name)} which is not found in the input node list`,
        );
      return node;
    });
    return {
      nodes: [...new Set(found)],
      failed: texts('FailedNodes', answer('FailedNodes')),
      hopeless: texts('FailedAndUnresolvableNodes', answer('FailedAndUnresolvableNodes')),
    };
  }

  /** What to add to the totals, by the name of the node; the scale is from 0 to 10. */
  async prioritize(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<readonly (readonly [string, number])[]> {
    const answer = await this.poster.post(this.of.prioritizeVerb, this.args(pod, nodes));
    return readList('a HostPriorityList', answer).map((row) => {
      const fields = fieldsOf('a HostPriority', row);
      return [readText('Host', fields('Host')), readInteger('Score', fields('Score')) * this.of.weight] as const;
    });
  }

  /** Which candidates are left, and with which victims. */
  async preempt(pod: PodInfo, candidates: readonly Victims[], nodes: NodeLister): Promise<Victims[]> {
    const perNode = (podOf: (victim: PodInfo) => unknown): object =>
      Object.fromEntries(
        candidates.map(({ nodeName, pods, violations }) => [
          nodeName,
          { Pods: pods.map(podOf), NumPDBViolations: violations },
        ]),
      );
    const args = this.of.nodeCacheCapable
      ? { NodeNameToVictims: null, NodeNameToMetaVictims: perNode(({ uid }) => ({ UID: uid })) }
      : { NodeNameToVictims: perNode((victim) => victim.pod), NodeNameToMetaVictims: null };
    const answer = fieldsOf('an answer', await this.poster.post(this.of.preemptVerb, { Pod: pod.pod, ...args }));
    return [...readMap('NodeNameToMetaVictims', answer('NodeNameToMetaVictims'))].map(([nodeName, value]) => {
      const victims = fieldsOf('MetaVictims', value ?? null);
      const node = nodes.get(nodeName);
      if (node === undefined)
        throw new ExtenderAnswerError(`nodeinfo not found for node name ${JSON.stringify(nodeName)}`);
      return {
        nodeName,
        pods: readList('Pods', victims('Pods')).map((one) => this.podOn(node, one)),
        violations: readInteger('NumPDBViolations', victims('NumPDBViolations')),
      };
    });
  }

  /** Lets the extender bind the pod. */
  async bind({ uid, pod: { metadata } }: PodInfo, nodeName: string): Promise<void> {
    const { name = '', namespace = '' } = metadata;
    const answer = fieldsOf(
      'an answer',
      await this.poster.post(this.of.bindVerb, { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName }),
    );
    const error = readText('Error', answer('Error'));
    if (error !== '') throw new ExtenderAnswerError(error);
  }

  private args({ pod }: PodInfo, nodes: readonly NodeInfo[]): object {
    return this.of.nodeCacheCapable
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
  }

  private namesIn(answer: (field: string) => unknown): readonly string[] {
    const names = answer('NodeNames');
    if (this.of.nodeCacheCapable && names !== undefined)
      return readList('NodeNames', names).map((name) => readText('a name in NodeNames', name));
    const list = answer('Nodes');
    if (list === undefined) return [];
    return readList('Nodes.items', fieldsOf('Nodes', list)('items')).map((node) =>
      readText('a name in Nodes', fieldsOf('metadata', fieldsOf('a Node', node)('metadata') ?? null)('name')),
    );
  }

  private podOn(node: NodeInfo, value: unknown): PodInfo {
    const uid = readText('UID', fieldsOf('a MetaPod', value)('UID'));
    const pod = node.pods.get(uid);
    if (pod === undefined)
      throw new ExtenderAnswerError(
        `extender: ${this.name} claims to preempt pod (UID: ${uid}) on node: ${node.name}, but the pod is not found on that node`,
      );
    return pod;
  }
}

const texts = (what: string, value: unknown): ReadonlyMap<string, string> =>
  new Map([...readMap(what, value)].map(([name, why]) => [name, readText(what, why)]));
