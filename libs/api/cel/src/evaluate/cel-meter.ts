/** Ends a run that costs too much; no `||` makes this one go away. */
export class CelCostExceeded extends Error {
  readonly code = 'CelCostExceeded';
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CelCostExceeded';
  }
}

/**
 * Counts what a run costs, about as cel-go counts it (interpreter `CostTracker`), and ends it at a limit. What could take
 * long is charged before it is done, so that no expression holds the process for longer than the limit allows.
 */
export class CelMeter {
  private spent = 0;

  constructor(private readonly limit: number) {}

  get cost(): number {
    return Math.floor(this.spent);
  }

  charge(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CelCostExceeded();
  }
}
