import type { HistogramSeries } from '@reckon/kernel';

const nanosPerMs = 1e6;

/**
 * For how long something was used to which part: a histogram with an observation for each nanosecond, without making them
 * (component-base/metrics/prometheusextension `TimingHistogram`).
 */
export class Utilization {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;
  private ratio = 0;
  private bucket = 0;

  constructor(
    readonly bounds: readonly number[],
    private sinceMs: number,
  ) {
    this.counts = new Array<number>(bounds.length).fill(0);
  }

  /** From now on so much is used. */
  set(ratio: number, nowMs: number): void {
    this.pass(nowMs);
    if (ratio === this.ratio) return;
    this.ratio = ratio;
    this.bucket = this.bounds.findIndex((bound) => ratio <= bound);
  }

  /** With the time up to now. */
  series(nowMs: number): HistogramSeries {
    this.pass(nowMs);
    return { counts: this.counts, sum: this.sum, count: this.count };
  }

  private pass(nowMs: number): void {
    const nanos = Math.round((nowMs - this.sinceMs) * nanosPerMs);
    if (nanos <= 0) return;
    this.sinceMs = nowMs;
    this.count += nanos;
    this.sum += this.ratio * nanos;
    // Beyond the last bound it stands in the count alone.
    if (this.bucket >= 0) this.counts[this.bucket] = (this.counts[this.bucket] ?? 0) + nanos;
  }
}
