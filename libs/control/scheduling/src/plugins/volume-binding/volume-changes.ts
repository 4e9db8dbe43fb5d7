import type { Running, Timers } from '@reckon/kernel';

/** Lets bindings that wait for the binder of volumes look again when something has changed, and now and then in any case. */
export class VolumeChanges implements Running {
  private readonly naps = new Set<AbortController>();
  isStopped = false;

  constructor(private readonly timers: Timers) {}

  /** A volume, a claim or a pod is another than before. */
  notify(): void {
    for (const nap of this.naps) nap.abort();
  }

  /** Resolves at the next change, and after `ms` at the latest. */
  async next(ms: number): Promise<void> {
    if (this.isStopped) return;
    const nap = new AbortController();
    this.naps.add(nap);
    await this.timers.sleep(ms, nap.signal);
    this.naps.delete(nap);
  }

  /** Whoever waits gives up. */
  stop(): Promise<void> {
    this.isStopped = true;
    this.notify();
    return Promise.resolve();
  }
}
