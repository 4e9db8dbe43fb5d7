import { type KubeObject, microTimeText, reasonOf } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import { type RestClient, refs } from '@reckon/client/rest';
import type { Clock, Logger, Running, Timers } from '@reckon/kernel';

export interface LeaderElectionOptions {
  readonly rest: RestClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates: host name and a uuid. */
  readonly identity: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** client-go's defaults: 15 s, 10 s, 2 s. */
  readonly leaseMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
  /** Called once, when the lease is ours. What it starts is stopped before the lease may be another's. */
  readonly lead: () => Promise<Running>;
  /** The lease was lost: the process should exit, as upstream's components do. */
  readonly onLost: () => void;
}

type Lease = coordinationv1.Lease & KubeObject;

/**
 * Holds a Lease while it leads (client-go/tools/leaderelection). Another's lease is taken only after it was *seen* unchanged for its
 * whole duration by our own clock, so that clocks of different machines need not agree.
 */
export class LeaderElector implements Running {
  private readonly abort = new AbortController();
  private seen = { record: '', atMs: 0 };
  private loop: Promise<void> | undefined;
  private leading: Running | undefined;

  constructor(private readonly options: LeaderElectionOptions) {}

  get isLeader(): boolean {
    return this.leading !== undefined;
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Stops what leads, then gives the lease up so that another need not wait for it to expire. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { timers, retryMs = 2_000, renewDeadlineMs = 10_000, clock } = this.options;
    let isOurs = false;
    while (!isOurs && !isAborted(this.abort.signal)) {
      isOurs = await this.tryAcquire();
      if (!isOurs) await timers.sleep(retryMs, this.abort.signal);
    }
    if (isAborted(this.abort.signal)) {
      if (isOurs) await this.release();
      return;
    }
    this.leading = await this.options.lead();
    let renewedMs = clock.nowMs();
    while (!isAborted(this.abort.signal)) {
      await timers.sleep(retryMs, this.abort.signal);
      if (isAborted(this.abort.signal)) break;
      if (await this.renewBy(renewedMs + renewDeadlineMs)) renewedMs = clock.nowMs();
      else if (clock.nowMs() - renewedMs >= renewDeadlineMs) {
        this.options.logger.error('leader election lost', { lease: this.options.name });
        await this.leading.stop();
        this.leading = undefined;
        this.options.onLost();
        return;
      }
    }
    await this.leading.stop();
    this.leading = undefined;
    await this.release();
  }

  /** An attempt that hangs has failed at the deadline: by then another may soon take the lease. */
  private async renewBy(deadlineMs: number): Promise<boolean> {
    const { clock, timers } = this.options;
    const done = new AbortController();
    const tooLate = timers.sleep(Math.max(0, deadlineMs - clock.nowMs()), done.signal).then(() => false);
    const isRenewed = await Promise.race([this.tryAcquire(), tooLate]);
    done.abort();
    return isRenewed;
  }

  /** One attempt to get or renew. Errors of the transport are a failed attempt. */
  private async tryAcquire(): Promise<boolean> {
    const { rest, namespace, name, identity, clock, leaseMs = 15_000, logger } = this.options;
    const leases = rest.resource<Lease>(refs.leases);
    const now = clock.nowMs();
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.round(leaseMs / 1000),
      renewTime: microTimeText(now),
    };
    try {
      const lease = await leases.get(namespace, name).catch((error: unknown) => {
        if (reasonOf(error) === 'NotFound') return undefined;
        throw error;
      });
      if (lease === undefined) {
        await leases.create({
          metadata: { namespace, name },
          spec: { ...spec, acquireTime: spec.renewTime, leaseTransitions: 0 },
        });
        return true;
      }
      const record = JSON.stringify(lease.spec);
      if (record !== this.seen.record) this.seen = { record, atMs: now };
      const holder = lease.spec?.holderIdentity ?? '';
      const isOurs = holder === identity;
      if (!isOurs && holder !== '' && now < this.seen.atMs + (lease.spec?.leaseDurationSeconds ?? 0) * 1000)
        return false;
      await leases.update({
        ...lease,
        spec: {
          ...lease.spec,
          ...spec,
          ...(isOurs ? {} : { acquireTime: spec.renewTime, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 }),
        },
      });
      return true;
    } catch (error) {
      logger.debug('leader election attempt failed', { lease: name, error: String(error) });
      return false;
    }
  }

  private async release(): Promise<void> {
    const { rest, namespace, name, identity, clock } = this.options;
    const leases = rest.resource<Lease>(refs.leases);
    try {
      const lease = await leases.get(namespace, name);
      if (lease.spec?.holderIdentity !== identity) return;
      await leases.update({
        ...lease,
        spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTimeText(clock.nowMs()) },
      });
    } catch (error) {
      this.options.logger.debug('lease not released', { lease: name, error: String(error) });
    }
  }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
