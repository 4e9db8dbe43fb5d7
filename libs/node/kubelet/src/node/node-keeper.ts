import { type KubeObject, microTimeText, reasonOf } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import type { CancelTimer, Running } from '@reckon/kernel';
import type { KubeletOptions } from '../kubelet-options';
import { type Node, nodeObject, nodeStatus } from './node-object';
import type { NodeProfile } from './node-profile';

type Lease = coordinationv1.Lease & KubeObject;

const leaseNamespace = 'kube-node-lease';
/** Upstream's defaults: 40 s lease renewed at a quarter of it, status every five minutes when nothing changed. */
const leaseSeconds = 40;
const leaseEveryMs = 10_000;
const statusEveryMs = 5 * 60_000;
const retryMs = 1_000;
const notReadyTaint = 'node.kubernetes.io/not-ready';

/**
 * Registers one node and keeps it alive: a Lease every ten seconds, its status every five minutes. The first beat of each comes at
 * a random part of its period, so that a thousand nodes in one process are spread over time.
 */
export class NodeKeeper implements Running {
  private readonly abort = new AbortController();
  private readonly timers = new Set<CancelTimer>();
  private uid = '';
  private lease: Lease | undefined;

  constructor(
    private readonly options: KubeletOptions,
    readonly profile: NodeProfile,
  ) {}

  /** Resolves when the node is registered and Ready, or the keeper is stopped. */
  async start(): Promise<void> {
    while (!this.abort.signal.aborted) {
      try {
        await this.register();
        break;
      } catch (error) {
        this.options.logger.debug('node not registered', { node: this.profile.name, error: String(error) });
        await this.options.timers.sleep(retryMs, this.abort.signal);
      }
    }
    if (this.abort.signal.aborted) return;
    this.repeat(leaseEveryMs, () => this.renewLease());
    this.repeat(statusEveryMs, () => this.postStatus());
    await this.attempt('lease', () => this.renewLease());
  }

  stop(): Promise<void> {
    this.abort.abort();
    for (const cancel of this.timers) cancel();
    return Promise.resolve();
  }

  private repeat(everyMs: number, beat: () => Promise<void>): void {
    const { timers, random } = this.options;
    const first = timers.after(random.int(everyMs), () => {
      this.timers.delete(first);
      void this.attempt('heartbeat', beat);
      this.timers.add(timers.every(everyMs, () => void this.attempt('heartbeat', beat)));
    });
    this.timers.add(first);
  }

  /** A beat that fails is not worth more than a line: the next one comes. */
  private async attempt(what: string, beat: () => Promise<void>): Promise<void> {
    if (this.abort.signal.aborted) return;
    try {
      await beat();
    } catch (error) {
      this.options.logger.debug('node heartbeat failed', { node: this.profile.name, what, error: String(error) });
    }
  }

  private async register(): Promise<void> {
    const nodes = this.options.rest.resource<Node>(refs.nodes);
    const wanted = nodeObject(this.profile, this.options.clock.nowMs());
    try {
      const created = await nodes.create(wanted);
      this.uid = created.metadata.uid ?? '';
      await this.becomeSchedulable(created);
      return;
    } catch (error) {
      if (reasonOf(error) !== 'AlreadyExists') throw error;
    }
    const existing = await nodes.get('', this.profile.name);
    this.uid = existing.metadata.uid ?? '';
    await nodes.patch('', this.profile.name, {
      type: 'strategic',
      subresource: 'status',
      body: { status: nodeStatus(this.profile, this.options.clock.nowMs(), existing.status?.conditions ?? []) },
    });
    await this.becomeSchedulable(existing);
  }

  /**
   * A new node is born with a taint (admission TaintNodesByCondition) that the node lifecycle controller takes away when the node is
   * Ready. Until that controller exists, the kubelet does its part here.
   */
  private async becomeSchedulable(node: Node): Promise<void> {
    const taints = node.spec?.taints ?? [];
    if (!taints.some((t) => t.key === notReadyTaint)) return;
    await this.options.rest.resource<Node>(refs.nodes).patch('', this.profile.name, {
      type: 'merge',
      body: { spec: { taints: taints.filter((t) => t.key !== notReadyTaint) } },
    });
  }

  private async postStatus(): Promise<void> {
    const nodes = this.options.rest.resource<Node>(refs.nodes);
    try {
      const node = await nodes.get('', this.profile.name);
      await nodes.patch('', this.profile.name, {
        type: 'strategic',
        subresource: 'status',
        body: { status: nodeStatus(this.profile, this.options.clock.nowMs(), node.status?.conditions ?? []) },
      });
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
      await this.register();
    }
  }

  /** The cached lease spares a read; when it is stale or gone the next beat begins anew. */
  private async renewLease(): Promise<void> {
    const leases = this.options.rest.resource<Lease>(refs.leases);
    const spec = {
      holderIdentity: this.profile.name,
      leaseDurationSeconds: leaseSeconds,
      renewTime: microTimeText(this.options.clock.nowMs()),
    };
    try {
      this.lease =
        this.lease === undefined
          ? await this.firstLease(spec)
          : await leases.update({ ...this.lease, spec: { ...this.lease.spec, ...spec } });
    } catch (error) {
      this.lease = undefined;
      throw error;
    }
  }

  private async firstLease(spec: coordinationv1.LeaseSpec): Promise<Lease> {
    const leases = this.options.rest.resource<Lease>(refs.leases);
    try {
      const existing = await leases.get(leaseNamespace, this.profile.name);
      return await leases.update({ ...existing, spec: { ...existing.spec, ...spec } });
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
    }
    return leases.create({
      metadata: {
        namespace: leaseNamespace,
        name: this.profile.name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: this.profile.name, uid: this.uid }],
      },
      spec,
    } as Lease);
  }
}
