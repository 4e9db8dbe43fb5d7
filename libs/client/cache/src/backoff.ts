import type { Random } from '@reckon/kernel';

/** Exponential waiting with jitter, as client-go's reflector: 800 ms doubled up to 30 s, each up to twice as long by chance. */
export class Backoff {
  private nextMs: number;

  constructor(
    private readonly random: Random,
    private readonly options: { readonly firstMs: number; readonly maxMs: number } = { firstMs: 800, maxMs: 30_000 },
  ) {
    this.nextMs = options.firstMs;
  }

  /** How long to wait now. */
  next(): number {
    const wait = this.nextMs * (1 + this.random.float());
    this.nextMs = Math.min(this.nextMs * 2, this.options.maxMs);
    return wait;
  }

  /** The last attempt went well. */
  reset(): void {
    this.nextMs = this.options.firstMs;
  }
}
