import { type KubeObject, microTimeText, reasonOf, StatusError } from '@reckon/api/machinery';
import type { coordinationv1 } from '@reckon/api/types';
import { type ResourceClient, type RestClient, refs } from '@reckon/client/rest';
import type { Clock, Logger, Running, Timers } from '@reckon/kernel';

/** What only a leader does. */
export interface Leading extends Running {
  /** Resolves when nothing is changed any more, though what has been done may still be told; by default that is `stop`. */
  quiet?(): Promise<void>;
}

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
  /** Called once, when the lease is ours. What it starts is quiet before the lease may be another's. */
  readonly lead: () => Promise<Leading>;
  /** A renewal for which the lease had to be read, since it was not as it was left. */
  readonly onSlowRenewal?: () => void;
  /** The lease was lost: the process should exit, as upstream's components do. */
  readonly onLost: () => void;
}

type Lease = coordinationv1.Lease & KubeObject;
type LeaseSpec = NonNullable<Lease['spec']>;

/**
 * Holds a Lease while it leads (client-go/tools/leaderelection). Another's lease is taken only after it was *seen* unchanged for its
 * whole duration by our own clock, so that clocks of different machines need not agree.
 */
export class LeaderElector implements Running {
  private readonly abort = new AbortController();
  private seen = { record: '', atMs: 0 };
  /** As we last wrote it: as long as nobody else has, it can be written again without being read. */
  private held: Lease | undefined;
  private loop: Promise<void> | undefined;
  private leading: Leading | undefined;
  /** What was told of a lease that cannot be had. */
  private told = '';

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
    const { leading } = this;
    await leading.quiet?.();
    if (leading.quiet === undefined) await leading.stop();
    this.leading = undefined;
    await this.release();
    await leading.stop();
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
    const { clock, identity, leaseMs = 15_000, name, logger } = this.options;
    const now = clock.nowMs();
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.round(leaseMs / 1000),
      renewTime: microTimeText(now),
    };
    try {
      if (await this.renewUnread(spec)) return true;
      const isTaken = await this.readAndTake(spec, now);
      this.told = '';
      return isTaken;
    } catch (error) {
      logger.debug('leader election attempt failed', { lease: name, error: String(error) });
      if (isLasting(error)) this.tellRefused(String(error));
      return false;
    }
  }

  /** Once, where client-go does at each attempt (`LeaderElector.tryAcquireOrRenew`): who only waits looks as one that another leads. */
  private tellRefused(error: string): void {
    if (error === this.told) return;
    this.told = error;
    const { name: lease, namespace, logger } = this.options;
    logger.warn('the lease of the leader is refused', { lease, namespace, error });
  }

  /** Writes the lease as it was left; false if that is not how it is any more. */
  private async renewUnread(spec: LeaseSpec): Promise<boolean> {
    const { held } = this;
    if (held === undefined) return false;
    this.held = undefined;
    try {
      this.held = await this.leases.update({ ...held, spec: { ...held.spec, ...spec } });
      return true;
    } catch (error) {
      this.options.logger.debug('lease not renewed at once', { lease: this.options.name, error: String(error) });
      this.options.onSlowRenewal?.();
      return false;
    }
  }

  private async readAndTake(spec: LeaseSpec, now: number): Promise<boolean> {
    const { namespace, name, identity } = this.options;
    const lease = await this.leases.get(namespace, name).catch((error: unknown) => {
      if (reasonOf(error) === 'NotFound') return undefined;
      throw error;
    });
    const first = { acquireTime: spec.renewTime ?? '' };
    if (lease === undefined) {
      this.held = await this.leases.create({
        metadata: { namespace, name },
        spec: { ...spec, ...first, leaseTransitions: 0 },
      });
      return true;
    }
    const record = JSON.stringify(lease.spec);
    // Not when we asked: what was written meanwhile is younger.
    if (record !== this.seen.record) this.seen = { record, atMs: this.options.clock.nowMs() };
    const holder = lease.spec?.holderIdentity ?? '';
    const isOurs = holder === identity;
    if (!isOurs && holder !== '' && now < this.seen.atMs + (lease.spec?.leaseDurationSeconds ?? 0) * 1000) return false;
    this.held = await this.leases.update({
      ...lease,
      spec: {
        ...lease.spec,
        ...spec,
        ...(isOurs ? {} : { ...first, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 }),
      },
    });
    return true;
  }

  private async release(): Promise<void> {
    const { namespace, name, identity, clock, logger } = this.options;
    const given = (lease: Lease): Promise<Lease> =>
      this.leases.update({
        ...lease,
        spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTimeText(clock.nowMs()) },
      });
    const { held } = this;
    this.held = undefined;
    try {
      if (held !== undefined && (await given(held).then(isDone, isConflict))) return;
      const lease = await this.leases.get(namespace, name);
      if (lease.spec?.holderIdentity === identity) await given(lease);
    } catch (error) {
      logger.debug('lease not released', { lease: name, error: String(error) });
    }
  }

  private get leases(): ResourceClient<Lease> {
    return this.options.rest.resource<Lease>(refs.leases);
  }
}

/** Refused in a way that waiting does not change; another candidate was quicker, or the server is busy, in the others. */
const isLasting = (error: unknown): boolean =>
  error instanceof StatusError && [400, 403, 404, 405, 422].includes(error.status.code ?? 0);

const isDone = (): true => true;

/** False for a conflict, that is, for what another look at the lease may mend. */
function isConflict(error: unknown): false {
  if (reasonOf(error) === 'Conflict') return false;
  throw error;
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
