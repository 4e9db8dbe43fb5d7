import type { Clock } from '@reckon/kernel';

const firstMs = 1_000;
const longestMs = 15 * 60_000;

/**
 * How long a failed pod is left alone, twice as long each time, so that a daemon that its kubelet refuses is not made over and over
 * (client-go/util/flowcontrol.Backoff as pkg/controller/daemon uses it).
 *
 * Bound: one entry per set, generation and node with failures in the last half hour, when `forgetOld` is called now and then.
 */
export class FailedPodBackoff {
  private readonly entries = new Map<string, { ms: number; atMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** How long still to wait, 0: not at all. */
  waitMs(key: string): number {
    const entry = this.entries.get(key);
    if (entry === undefined || this.isOld(entry)) return 0;
    return Math.max(0, entry.atMs + entry.ms - this.clock.nowMs());
  }

  /** A failed pod is about to be deleted. */
  failed(key: string): void {
    const entry = this.entries.get(key);
    const ms = entry === undefined || this.isOld(entry) ? firstMs : Math.min(2 * entry.ms, longestMs);
    this.entries.set(key, { ms, atMs: this.clock.nowMs() });
  }

  forgetOld(): void {
    for (const [key, entry] of this.entries) if (this.isOld(entry)) this.entries.delete(key);
  }

  private isOld({ atMs }: { readonly atMs: number }): boolean {
    return this.clock.nowMs() - atMs > 2 * longestMs;
  }
}
