/** A Service with a thousand endpoints or more is written at most once in a second. */
const longestPauseMs = 1_000;

/**
 * How soon the endpoints of a Service may be written again: a millisecond for each of them. A rollout of a thousand pods is a
 * thousand changes of an object of a thousand addresses; written one by one they cost more than the pods themselves. (Upstream has
 * `--endpoint-updates-batch-period`, the same for small and large, and is slowed down by its client's QPS limit.) A small Service
 * does not notice.
 */
export class UpdatePace {
  private readonly notBeforeMs = new Map<string, number>();

  wrote(serviceKey: string, endpoints: number, nowMs: number): void {
    this.notBeforeMs.set(serviceKey, nowMs + Math.min(endpoints, longestPauseMs));
  }

  /** 0 when it may be written now. */
  waitMs(serviceKey: string, nowMs: number): number {
    return Math.max(0, (this.notBeforeMs.get(serviceKey) ?? 0) - nowMs);
  }

  forget(serviceKey: string): void {
    this.notBeforeMs.delete(serviceKey);
  }
}
