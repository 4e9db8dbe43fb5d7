import { type KubeObject, microTimeText, reasonOf } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { type Running, RunningSet } from '@reckon/kernel';
import type { KubeletOptions } from '../kubelet-options';
import { startHeartbeat } from './heartbeat';
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
 * Registers one node and keeps it alive: a Lease every ten seconds, its status every five minutes. A Node that somebody deleted is
 * registered anew with the next status.
 */
export class NodeKeeper implements Running {
  private readonly abort = new AbortController();
  private readonly beats = new RunningSet();
  private uid = '';
  private lease: Lease | undefined;

  constructor(
    private readonly options: KubeletOptions,
    readonly profile: NodeProfile,
  ) {}

  /** Resolves when the node is registered and Ready, or the keeper is stopped. */
  async start(): Promise<void> {
    while (!this.isStopped && !(await this.attempt('register', () => this.register())))
      await this.options.timers.sleep(retryMs, this.abort.signal);
    if (!this.isStopped) await this.attempt('lease', () => this.renewLease());
    if (this.isStopped) return;
    this.beats.add(startHeartbeat(this.options, leaseEveryMs, () => this.beat('lease', () => this.renewLease())));
    this.beats.add(startHeartbeat(this.options, statusEveryMs, () => this.beat('status', () => this.postStatus())));
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.beats.stop();
  }

  private get isStopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async beat(what: string, run: () => Promise<void>): Promise<void> {
    if (!this.isStopped) await this.attempt(what, run);
  }

  /** What fails here is not worth more than a line: it is tried again soon. */
  private async attempt(what: string, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      this.options.logger.debug('node not kept', { node: this.profile.name, what, error: String(error) });
      return false;
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
    await this.becomeSchedulable(await this.patchStatus(existing));
  }

  private patchStatus(node: Node): Promise<Node> {
    return this.options.rest.resource<Node>(refs.nodes).patch('', this.profile.name, {
      type: 'strategic',
      subresource: 'status',
      body: { status: nodeStatus(this.profile, this.options.clock.nowMs(), node.status?.conditions ?? []) },
    });
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
      // The list is replaced as a whole, so it must be the one that was read.
      body: {
        metadata: { resourceVersion: node.metadata.resourceVersion },
        spec: { taints: taints.filter((t) => t.key !== notReadyTaint) },
      },
    });
  }

  private async postStatus(): Promise<void> {
    try {
      await this.patchStatus(await this.options.rest.resource<Node>(refs.nodes).get('', this.profile.name));
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
      const written =
        this.lease === undefined
          ? await this.firstLease(spec)
          : await leases.update({ ...this.lease, spec: { ...this.lease.spec, ...spec } });
      // Sent back a hundred times a second by a thousand nodes: a PUT without it keeps the server's.
      delete written.metadata.managedFields;
      this.lease = written;
    } catch (error) {
      this.lease = undefined;
      throw error;
    }
  }

  /** Made by a new node, taken over by one that was there before: then too it belongs to the Node as it is now. */
  private async firstLease(spec: coordinationv1.LeaseSpec): Promise<Lease> {
    const leases = this.options.rest.resource<Lease>(refs.leases);
    const { name } = this.profile;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: this.uid }];
    try {
      return await leases.create({ metadata: { namespace: leaseNamespace, name, ownerReferences }, spec });
    } catch (error) {
      if (reasonOf(error) !== 'AlreadyExists') throw error;
    }
    const existing = await leases.get(leaseNamespace, name);
    const metadata = { ...existing.metadata, ownerReferences };
    return leases.update({ ...existing, metadata, spec: { ...existing.spec, ...spec } });
  }
}
