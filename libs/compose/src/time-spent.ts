import type { Monotonic } from '@reckon/kernel';

/** Where the time of a start went, for the person who waits. */
export class TimeSpent {
  private readonly parts: string[] = [];
  private lastMs: number;
  private readonly beganMs: number;

  /** `beganMs` on the clock's scale: 0 is the start of the process. */
  constructor(
    private readonly clock: Monotonic,
    beganMs = 0,
  ) {
    this.beganMs = beganMs;
    this.lastMs = beganMs;
  }

  mark(part: string): void {
    const now = this.clock.elapsedMs();
    this.parts.push(`${part} ${(now - this.lastMs).toFixed(0)} ms`);
    this.lastMs = now;
  }

  toString(): string {
    return `${this.parts.join(', ')}; ${((this.lastMs - this.beganMs) / 1000).toFixed(2)} s in all`;
  }
}
