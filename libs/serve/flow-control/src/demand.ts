/** Old demand fades with a half-life of some five minutes at an adjustment each ten seconds. */
const smoothing = 0.977;

/** How many seats a priority level wanted over time: what borrowing is decided by (util/flowcontrol `seatDemandStats`). */
export class Demand {
  /** Of the last period. */
  average = 0;
  deviation = 0;
  highWatermark = 0;
  /** Of all periods, fading. */
  smoothed = 0;
  private now = 0;
  private highest = 0;
  private since: number;
  private time = 0;
  private sum = 0;
  private squares = 0;

  constructor(nowMs: number) {
    this.since = nowMs;
  }

  /** From now on so many seats are wanted. */
  set(seats: number, nowMs: number): void {
    this.pass(nowMs);
    this.now = seats;
    if (seats > this.highest) this.highest = seats;
  }

  /** Ends a period. */
  close(nowMs: number): void {
    this.pass(nowMs);
    this.average = this.time > 0 ? this.sum / this.time : this.now;
    this.deviation = this.time > 0 ? Math.sqrt(Math.max(0, this.squares / this.time - this.average ** 2)) : 0;
    this.highWatermark = this.highest;
    const envelope = this.average + this.deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
    this.time = this.sum = this.squares = 0;
    this.highest = this.now;
  }

  private pass(nowMs: number): void {
    const passed = nowMs - this.since;
    this.since = nowMs;
    if (passed <= 0) return;
    this.time += passed;
    this.sum += this.now * passed;
    this.squares += this.now * this.now * passed;
  }
}
