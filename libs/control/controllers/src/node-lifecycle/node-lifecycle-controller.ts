import { type KubeObject, parseTime, reasonOf, StatusError, timeText } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done, type EventRecorder, type Result, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { Disruption } from './disruption';
import { lostConditions } from './lost-conditions';
import { markPodsUnready } from './mark-pods-unready';
import { type Node, nodeKind, readiness, zoneOf } from './node';
import { NodeHealth } from './node-health';
import { labelsToSet } from './node-labels';
import { defaultNodeLifecycleOptions, type NodeLifecycleOptions } from './node-lifecycle-options';
import { type NodeMetrics, nodeMetricsIn } from './node-metrics';
import { isBeingEmptied, isEvictionDue, taintsOf } from './node-taints';
import { indexByNode, podsOn } from './pods-on-node';
import { ZoneQueues } from './zone-queues';

type Lease = coordinationv1.Lease & KubeObject;

const leaseNamespace = 'kube-node-lease';

/**
 * Finds out which nodes are lost and says so in their conditions and taints (pkg/controller/nodelifecycle). Upstream looks at every
 * node every five seconds; here a sign of life only notes the time, and each node has one timer for when the next is overdue.
 */
export const nodeLifecycleController: ControllerRow = {
  name: 'node-lifecycle-controller',
  serviceAccount: 'node-controller',
  start(context) {
    const nodes = context.informers.informer<Node>(refs.nodes);
    const leases = context.informers.informer<Lease>(refs.leases, { namespace: leaseNamespace });
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByNode(pods);
    const lifecycle = new NodeLifecycle(context, { nodes: nodes.lister, leases: leases.lister, pods: pods.lister });
    nodes.addHandler({
      add: (node) => {
        lifecycle.seen(node);
      },
      update: (_, node) => {
        lifecycle.seen(node);
      },
      delete: (node) => {
        lifecycle.gone(node);
      },
    });
    const renewed = (lease: Lease): void => {
      lifecycle.renewed(lease);
    };
    leases.addHandler({
      add: renewed,
      update: (_, lease) => {
        renewed(lease);
      },
    });
    const running = startWhenSynced([lifecycle.controller], [nodes, leases, pods]);
    return {
      async stop() {
        lifecycle.stop();
        await running.stop();
      },
    };
  },
};

interface Listers {
  readonly nodes: Lister<Node>;
  readonly leases: Lister<Lease>;
  readonly pods: Lister<Pod>;
}

class NodeLifecycle {
  readonly controller: Controller;
  private readonly options: NodeLifecycleOptions;
  private readonly health: NodeHealth;
  private readonly disruption: Disruption;
  private readonly queues: ZoneQueues;
  private readonly recorder: EventRecorder;
  private readonly metrics: NodeMetrics;
  private readonly forgetZones: () => void;
  /** Nodes whose turn to have their pods driven out has come. */
  private readonly turns = new Set<string>();
  /** By name the nodes that were announced, with their uid. */
  private readonly registered = new Map<string, string>();

  constructor(
    private readonly context: ControllerContext,
    private readonly listers: Listers,
  ) {
    this.options = { ...defaultNodeLifecycleOptions, ...context.options.nodeLifecycle };
    this.health = new NodeHealth(this.options);
    this.disruption = new Disruption(this.options);
    this.queues = new ZoneQueues(context, this.options.nodeEvictionRate, (name) => {
      this.turns.add(name);
      this.controller.enqueue(name);
    });
    this.recorder = context.recorder('node-controller');
    this.metrics = context.metrics.own(nodeMetricsIn);
    this.forgetZones = this.metrics.follow(() => this.disruption.counts());
    this.controller = new Controller('node_lifecycle_controller', (name) => this.timed(name), context, {
      workers: 8,
    });
  }

  seen(node: Node): void {
    const name = node.metadata.name ?? '';
    this.disruption.count(node);
    this.health.node(node, {
      elapsedMs: this.elapsedMs,
      ageMs: this.ageMs(node),
      renewTime: this.listers.leases.get(leaseNamespace, name)?.spec?.renewTime,
    });
    this.controller.enqueue(name);
  }

  gone({ metadata: { name = '' } }: Node): void {
    this.disruption.discount(name);
    this.health.forget(name);
    this.queues.remove(name);
    this.turns.delete(name);
    this.controller.enqueue(name);
  }

  renewed({ metadata: { name = '' }, spec }: Lease): void {
    this.health.lease(name, spec?.renewTime, this.elapsedMs);
  }

  stop(): void {
    this.forgetZones();
    this.queues.stop();
  }

  private get elapsedMs(): number {
    return this.context.clock.elapsedMs();
  }

  private ageMs({ metadata: { creationTimestamp } }: Node): number {
    return creationTimestamp == null ? 0 : this.context.clock.nowMs() - parseTime(creationTimestamp);
  }

  private async timed(name: string): Promise<Result> {
    const begunMs = this.elapsedMs;
    try {
      return await this.reconcile(name);
    } finally {
      this.metrics.lookedAtOne((this.elapsedMs - begunMs) / 1000);
    }
  }

  private async reconcile(name: string): Promise<Result> {
    this.weigh();
    const node = this.listers.nodes.byKey(name);
    this.announce(name, node);
    if (node === undefined) return done;
    if (this.health.remainingMs(name, this.elapsedMs) <= 0 && (await this.declareLost(node))) return done;
    await this.adjust(node);
    const ready = readiness(node);
    if (ready === 'Unknown') await markPodsUnready(this.context, this.recorder, podsOn(this.listers.pods, name));
    return this.next(node, ready);
  }

  /** What the state of the zones makes of the rates, when it has changed. */
  private weigh(): void {
    if (!this.disruption.isDue) return;
    const begunMs = this.elapsedMs;
    const { rates, turned } = this.disruption.evaluate();
    this.metrics.lookedAtAll((this.elapsedMs - begunMs) / 1000);
    for (const [zone, perSecond] of rates) this.queues.setRate(zone, perSecond);
    if (turned === undefined) return;
    this.context.logger.info(
      turned === 'lost' ? 'no node is ready: nothing is evicted' : 'some nodes are ready again: evictions go on',
    );
    // While everything was lost nobody could be judged.
    if (turned === 'back') this.health.restartAll(this.elapsedMs);
    for (const node of this.listers.nodes.list()) this.controller.enqueue(node.metadata.name ?? '');
  }

  private announce(name: string, node: Node | undefined): void {
    const known = this.registered.get(name);
    const uid = node?.metadata.uid ?? '';
    if (node === undefined ? known === undefined : known === uid) return;
    if (known !== undefined) this.tell(name, known, 'RemovingNode', `Removing Node ${name} from Controller`);
    if (node === undefined) {
      this.registered.delete(name);
      return;
    }
    this.registered.set(name, uid);
    this.tell(name, uid, 'RegisteredNode', `Registered Node ${name} in Controller`);
  }

  private tell(name: string, uid: string, reason: string, event: string): void {
    const told = { type: 'Normal', reason, message: `Node ${name} event: ${event}` } as const;
    this.recorder.event({ metadata: { name, uid } }, nodeKind, told);
  }

  /** Says that nobody knows how the node is; false when that was said before. The watch brings the rest. */
  private async declareLost(node: Node): Promise<boolean> {
    const { name = '', resourceVersion, uid = '' } = node.metadata;
    if (readiness(node) === 'Unknown') return false;
    const conditions = lostConditions(node, timeText(this.context.clock.nowMs()));
    try {
      await this.context.rest.resource<Node>(refs.nodes).patch('', name, {
        type: 'strategic',
        subresource: 'status',
        body: { metadata: { resourceVersion }, status: { conditions } },
      });
    } catch (error) {
      if (reasonOf(error) === 'NotFound') return true;
      // An apiserver that cannot be reached cannot be reached by nodes either: their silence says nothing.
      if (!(error instanceof StatusError)) this.health.restart(name, this.elapsedMs);
      throw error;
    }
    if (readiness(node) === 'True')
      this.recorder.event({ metadata: { name, uid } }, nodeKind, {
        type: 'Normal',
        reason: 'NodeNotReady',
        message: `Node ${name} status is now: NodeNotReady`,
      });
    return true;
  }

  /** Taints and labels in one write. */
  private async adjust(node: Node): Promise<void> {
    const { name = '', resourceVersion } = node.metadata;
    const taints = taintsOf(node, {
      mayEvict: !this.disruption.isTotal,
      isTurn: this.turns.has(name),
      nowText: timeText(this.context.clock.nowMs()),
    });
    const labels = labelsToSet(node);
    if (taints === undefined && labels === undefined) {
      this.turns.delete(name);
      return;
    }
    try {
      await this.context.rest.resource<Node>(refs.nodes).patch('', name, {
        type: 'merge',
        body: {
          // Lists are replaced as a whole, so it must be the one that was read.
          metadata: { resourceVersion, ...(labels === undefined ? {} : { labels }) },
          ...(taints === undefined ? {} : { spec: { taints: taints.length === 0 ? null : taints } }),
        },
      });
      if (this.turns.has(name) && !isBeingEmptied(node.spec?.taints) && isBeingEmptied(taints))
        this.metrics.evicted(zoneOf(node));
      this.turns.delete(name);
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
    }
  }

  /** Queues it for eviction when it has been unready long enough, and says when to look again. */
  private next(node: Node, ready: string | undefined): Result {
    const { name = '' } = node.metadata;
    const waits: number[] = [];
    if (ready !== 'Unknown') waits.push(this.health.remainingMs(name, this.elapsedMs));
    if (isEvictionDue(node) && !this.turns.has(name)) {
      const waitMs = this.options.nodeMonitorPeriodMs - this.health.unreadyForMs(name, this.elapsedMs);
      if (waitMs <= 0) this.queues.add(zoneOf(node), name);
      else waits.push(waitMs);
    } else this.queues.remove(name);
    const soonest = Math.min(...waits);
    return Number.isFinite(soonest) ? requeueAfter(Math.max(soonest, 1)) : done;
  }
}
