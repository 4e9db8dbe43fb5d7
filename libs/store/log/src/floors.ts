import { noRevision, StorageError } from '@reckon/store/contract';
import type { CompactionPlan, Revision } from '@reckon/store/contract';

/** Retention floors by key prefix. They only rise. */
export class Floors {
  private readonly byPrefix = new Map<string, Revision>();

  constructor(rows: readonly CompactionPlan[] = []) {
    this.raise(rows);
  }

  raise(plan: readonly CompactionPlan[]): void {
    for (const { prefix, floor } of plan)
      if (floor > (this.byPrefix.get(prefix) ?? 0)) this.byPrefix.set(prefix, floor);
  }

  rows(): CompactionPlan[] {
    return [...this.byPrefix].map(([prefix, floor]) => ({ prefix, floor }));
  }

  /** The highest floor of all that concern any key with this prefix, be they of a wider or of a narrower prefix. */
  of(prefix: string): Revision {
    let highest = noRevision;
    for (const [other, floor] of this.byPrefix)
      if (floor > highest && (other.startsWith(prefix) || prefix.startsWith(other))) highest = floor;
    return highest;
  }

  /** Throws `Compacted` unless all that happened to keys with this prefix after `after` is still there. */
  demand(prefix: string, after: number): void {
    const floor = this.of(prefix);
    if (after < floor)
      throw new StorageError('Compacted', 'the requested revision has been compacted', {
        data: { requested: after, floor, prefix },
      });
  }
}
