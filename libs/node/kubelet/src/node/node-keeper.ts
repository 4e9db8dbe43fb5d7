import { type KubeObject, microTimeText, reasonOf } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { type Running, RunningSet } from '@reckon/kernel';
import type { KubeletOptions } from '../kubelet-options';
import type { Heartbeats } from './heartbeats';
import type { NodeEvents } from './node-events';
import { type Node, nodeObject, nodeStatus, offersWrongly } from './node-object';
import type { NodeProfile } from './node-profile';

type Lease = coordinationv1.Lease & KubeObject;

const leaseNamespace = 'kube-node-lease';
const leaseSeconds = 40;
/** Upstream's defaults: a lease is renewed at a quarter of its time, the status every five minutes when nothing changed. */
export const heartbeatMs = { lease: (leaseSeconds * 1_000) / 4, status: 5 * 60_000 } as const;
const retryMs = 1_000;
/** A beat was left out: by now the node may have been given up for lost. */
const silenceMs = 1.5 * heartbeatMs.lease;

/**
 * Registers one node and keeps it alive: a Lease every ten seconds, its status every five minutes. A Node that somebody deleted is
 * registered anew with the next status.
 */
export class NodeKeeper implements Running {
  private readonly abort = new AbortController();
  private readonly beats = new RunningSet();
  private uid = '';
  private lease: Lease | undefined;
  private renewedMs: number | undefined;
  /** The last write of the lease lost to another one, or to its end. */
  private isRefused = false;
  private isContested = false;
  private lastRefusal = '';
  /** Registered, and beating. */
  private isKept = false;
  private correcting: Promise<void> | undefined;

  constructor(
    private readonly options: KubeletOptions,
    readonly profile: NodeProfile,
    private readonly parts: {
      readonly events: NodeEvents;
      readonly heartbeats: Readonly<Record<keyof typeof heartbeatMs, Heartbeats>>;
    },
  ) {}

  /** Resolves when the node is registered and Ready, or the keeper is stopped. */
  async start(): Promise<void> {
    const { events, heartbeats } = this.parts;
    events.starting();
    while (!this.isStopped && !(await this.attempt('register', () => this.register())))
      await this.options.timers.sleep(retryMs, this.abort.signal);
    if (!this.isStopped) await this.attempt('lease', () => this.renewLease());
    if (this.isStopped) return;
    this.isKept = true;
    this.beats.add(heartbeats.lease.add(() => this.beat('lease', () => this.renewLease())));
    this.beats.add(heartbeats.status.add(() => this.beat('status', () => this.postStatus())));
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.beats.stop();
    await this.correcting;
  }

  /** The node as it is now: what others wrote there may ask for a new status before the next is due. */
  seen(node: Node): void {
    if (!this.isKept || this.isStopped || !offersWrongly(node.status ?? {})) return;
    this.correcting ??= this.beat('status', () => this.postStatus()).finally(() => {
      this.correcting = undefined;
    });
  }

  private get isStopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async beat(what: string, run: () => Promise<void>): Promise<void> {
    if (!this.isStopped) await this.attempt(what, run);
  }

  /** What fails here is tried again soon; only a node that cannot even be registered is worth a warning, once for each cause. */
  private async attempt(what: string, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      const refusal = String(error);
      const isNews = what === 'register' && refusal !== this.lastRefusal;
      this.lastRefusal = refusal;
      this.options.logger[isNews ? 'warn' : 'debug']('node not kept', {
        node: this.profile.name,
        what,
        error: refusal,
      });
      return false;
    }
  }

  private async register(): Promise<void> {
    const nodes = this.options.rest.resource<Node>(refs.nodes);
    if (this.profile.registration.isMade !== false && (await this.create())) return;
    const existing = await nodes.get('', this.profile.name);
    this.uid = existing.metadata.uid ?? '';
    await this.patchStatus(existing);
    this.parts.events.registered(existing.status?.conditions ?? []);
  }

  /** Whether there was no Node of this name yet. */
  private async create(): Promise<boolean> {
    const wanted = nodeObject(this.profile, this.options.clock.nowMs());
    try {
      const created = await this.options.rest.resource<Node>(refs.nodes).create(wanted);
      this.uid = created.metadata.uid ?? '';
      this.parts.events.registered([]);
      return true;
    } catch (error) {
      if (reasonOf(error) !== 'AlreadyExists') throw error;
      return false;
    }
  }

  private patchStatus(node: Node): Promise<Node> {
    return this.options.rest.resource<Node>(refs.nodes).patch('', this.profile.name, {
      type: 'strategic',
      subresource: 'status',
      body: { status: nodeStatus(this.profile, this.options.clock.nowMs(), node.status ?? {}) },
    });
  }

  private async postStatus(): Promise<void> {
    try {
      const node = await this.options.rest.resource<Node>(refs.nodes).get('', this.profile.name);
      await this.patchStatus(node);
      this.parts.events.recovered(node.status?.conditions ?? []);
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
      this.isRefused = this.lease !== undefined && reasonOf(error) === 'Conflict';
      this.lease = undefined;
      throw error;
    }
    const nowMs = this.options.clock.elapsedMs();
    const wasSilent = this.renewedMs !== undefined && nowMs - this.renewedMs > silenceMs;
    this.renewedMs = nowMs;
    if (wasSilent) await this.postStatus();
  }

  /** Nobody else writes this lease, unless there are two kubelets of one name: both would go on, and each undo what the other says. */
  private contested(): void {
    if (this.isContested) return;
    this.isContested = true;
    this.options.logger.warn('somebody else renews the lease of this node: does another kubelet use its name?', {
      node: this.profile.name,
    });
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
    if (this.isRefused) this.contested();
    const existing = await leases.get(leaseNamespace, name);
    const metadata = { ...existing.metadata, ownerReferences };
    return leases.update({ ...existing, metadata, spec: { ...existing.spec, ...spec } });
  }
}
