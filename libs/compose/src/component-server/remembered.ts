import type { Monotonic } from '@reckon/kernel';

/** Answers of an apiserver, each kept for its time. Bounded: the oldest goes when a further one comes. */
export class Remembered<T> {
  private readonly known = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(
    private readonly clock: Monotonic,
    private readonly most = 4096,
  ) {}

  get(key: string): T | undefined {
    const found = this.known.get(key);
    if (found === undefined) return undefined;
    if (found.untilMs > this.clock.elapsedMs()) return found.value;
    this.known.delete(key);
    return undefined;
  }

  set(key: string, value: T, keepMs: number): void {
    if (keepMs <= 0) return;
    this.known.delete(key);
    this.known.set(key, { value, untilMs: this.clock.elapsedMs() + keepMs });
    if (this.known.size > this.most) for (const oldest of this.known.keys()) return void this.known.delete(oldest);
  }
}
