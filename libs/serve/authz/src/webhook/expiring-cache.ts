import type { Monotonic } from '@reckon/kernel';

/** Values that are kept for their time; when it is full, what was not used for longest goes. */
export class ExpiringCache<T> {
  private readonly entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(
    private readonly clock: Monotonic,
    private readonly capacity: number,
  ) {}

  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (entry.untilMs <= this.clock.elapsedMs()) return undefined;
    // Insertion order is order of use.
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: T, keepMs: number): void {
    this.entries.delete(key);
    if (keepMs <= 0) return;
    this.entries.set(key, { value, untilMs: this.clock.elapsedMs() + keepMs });
    if (this.entries.size <= this.capacity) return;
    for (const oldest of this.entries.keys()) return void this.entries.delete(oldest);
  }
}
