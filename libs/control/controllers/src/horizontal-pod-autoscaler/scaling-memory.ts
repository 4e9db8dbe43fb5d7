import type { autoscalingv2 } from '@reckon/api/types';

export type Rules = Required<
  Pick<autoscalingv2.HPAScalingRules, 'selectPolicy' | 'policies' | 'stabilizationWindowSeconds'>
>;

interface Sample {
  readonly atMs: number;
  /** Replicas that were recommended, or by how many it was scaled. */
  readonly count: number;
}

/** What was wanted and done of late, for one autoscaler. In memory only: a restart begins anew, as upstream's does. */
export class ScalingMemory {
  private recommendations: Sample[] = [];
  private readonly scaled = { up: [] as Sample[], down: [] as Sample[] };

  /** What there was when it was first seen counts as recommended then. */
  begin(currentReplicas: number, nowMs: number): void {
    if (this.recommendations.length === 0) this.recommendations.push({ atMs: nowMs, count: currentReplicas });
  }

  /** Of those recommended since (inclusive, or later than), and the one that is added now: the least and the most. */
  recommend(count: number, nowMs: number, keepMs: number): void {
    this.recommendations = this.recommendations.filter(({ atMs }) => atMs >= nowMs - keepMs);
    this.recommendations.push({ atMs: nowMs, count });
  }

  recommendedSince(fromMs: number): number[] {
    return this.recommendations.filter(({ atMs }) => atMs >= fromMs).map(({ count }) => count);
  }

  recommendedAfter(afterMs: number): number[] {
    return this.recommendations.filter(({ atMs }) => atMs > afterMs).map(({ count }) => count);
  }

  scaledBy(change: number, nowMs: number, keepMs: number): void {
    const way = change > 0 ? 'up' : 'down';
    this.scaled[way] = this.scaled[way].filter(({ atMs }) => atMs >= nowMs - keepMs);
    this.scaled[way].push({ atMs: nowMs, count: Math.abs(change) });
  }

  /** How many there were at the start of the period that ends now. */
  replicasBefore(currentReplicas: number, periodMs: number, nowMs: number): number {
    const sum = (samples: readonly Sample[]): number =>
      samples.filter(({ atMs }) => atMs > nowMs - periodMs).reduce((total, { count }) => total + count, 0);
    return currentReplicas - sum(this.scaled.up) + sum(this.scaled.down);
  }
}
