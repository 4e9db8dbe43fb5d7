const mostSeconds = 32;

/**
 * How many seconds the refused of a priority level are told to stay away: doubled while many are refused, one less when few are
 * (util/flowcontrol `droppedRequestsStats`). Looked at when the first of a second is refused, by what was refused in the last so many.
 */
export class RetryAfter {
  seconds = 1;
  private second = 0;
  private refused = 0;
  private raisedAt = 0;
  /** Newest last. */
  private history: { readonly second: number; readonly refused: number }[] = [];

  /** One more was refused. */
  count(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.second) {
      this.refused++;
      return;
    }
    this.history.push({ second: this.second, refused: this.refused });
    this.history = this.history.filter((entry) => second - entry.second <= mostSeconds);
    this.second = second;
    this.refused = 1;
    this.adjust(second);
  }

  private adjust(now: number): void {
    const lately = this.history
      .filter(({ second }) => now - second <= this.seconds && second < now)
      .reduce((sum, { refused }) => sum + refused, 0);
    if (now - this.raisedAt >= this.seconds && lately >= 3 * this.seconds) {
      this.seconds = Math.min(mostSeconds, this.seconds * 2);
      this.raisedAt = now;
    } else if (lately < this.seconds && this.seconds > 1) this.seconds--;
  }
}
