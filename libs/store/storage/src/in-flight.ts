import type { Verb } from '@reckon/store/contract';
import type { ResourceTable, Stored } from '@reckon/store/view';

/** One change that was handed to the log and is not folded yet. */
export interface Pending {
  readonly verb: Verb;
  readonly table: ResourceTable;
  readonly after: Stored;
}

/** One `commit`: becomes durable, or does not, as a whole. */
export interface Batch {
  readonly pending: readonly Pending[];
  /** When it was handed over, on the metrics' scale. */
  readonly startedMs: number;
  readonly done: Promise<readonly Stored[]>;
  readonly resolve: (stored: readonly Stored[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The changes between decision and fold, laid over the view so that the next decision sees them. Discarded as a whole when the
 * log says that one of them was certainly not written: all later ones were decided upon it.
 */
export class InFlight {
  private batches: Batch[] = [];
  /** The newest pending change of each key, by resource. */
  private readonly overlay = new Map<ResourceTable, Map<string, Pending>>();

  get size(): number {
    return this.batches.length;
  }

  get last(): Batch | undefined {
    return this.batches[this.batches.length - 1];
  }

  has(batch: Batch): boolean {
    return this.batches.includes(batch);
  }

  add(batch: Batch): void {
    this.batches.push(batch);
    for (const change of batch.pending) {
      let changes = this.overlay.get(change.table);
      if (changes === undefined) {
        changes = new Map();
        this.overlay.set(change.table, changes);
      }
      changes.set(change.after.text, change);
    }
  }

  /** The oldest batches up to and with this one became durable and are folded. */
  takeThrough(batch: Batch): void {
    const end = this.batches.indexOf(batch);
    for (const folded of this.batches.splice(0, end + 1)) for (const change of folded.pending) this.uncover(change);
  }

  /** Everything is given up; answers the batches, oldest first. */
  discard(): Batch[] {
    const discarded = this.batches;
    this.batches = [];
    this.overlay.clear();
    return discarded;
  }

  /** The pending change of a key, if there is one. */
  of(table: ResourceTable, text: string): Pending | undefined {
    return this.overlay.get(table)?.get(text);
  }

  ofResource(table: ResourceTable): ReadonlyMap<string, Pending> | undefined {
    return this.overlay.get(table);
  }

  private uncover(change: Pending): void {
    const changes = this.overlay.get(change.table);
    if (changes?.get(change.after.text) !== change) return;
    changes.delete(change.after.text);
    if (changes.size === 0) this.overlay.delete(change.table);
  }
}
