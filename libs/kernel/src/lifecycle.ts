/** What `start` gives back; `stop` resolves when it is quiet, and may be called more than once. */
export interface Running {
  stop(): Promise<void>;
}

/** Stops in the reverse of the order of starting; every part is stopped even if one fails, the first failure is thrown. */
export class RunningSet implements Running {
  private readonly parts: Running[] = [];

  add<T extends Running>(part: T): T {
    this.parts.push(part);
    return part;
  }

  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.parts.pop(); part !== undefined; part = this.parts.pop()) {
      try {
        await part.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
