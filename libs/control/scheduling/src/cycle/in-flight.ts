/** Work that goes on beside the scheduling cycle, so that a stop can wait for it. What is tracked never rejects. */
export class InFlight {
  private readonly work = new Set<Promise<void>>();

  track(work: Promise<void>): void {
    this.work.add(work);
    void work.then(() => this.work.delete(work));
  }

  /** Resolves when nothing is left, work that began meanwhile included. */
  async idle(): Promise<void> {
    while (this.work.size > 0) await Promise.all(this.work);
  }
}
