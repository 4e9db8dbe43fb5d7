import type { Revision } from '@reckon/store/contract';
import { ChangeQueue } from './change-queue';
import type { Folded } from './folded';

/** What a change costs beside the bytes that it alone keeps alive. */
const overheadBytes = 256;

/**
 * The newest changes of all resources, bounded by the bytes they keep from being freed: the state that each one replaced, and
 * the last state that a delete carries (what is current is in the view anyway). Overflow: the oldest goes and `floor` rises.
 * Every resource also has its own queue, in step with this one, so that reading one resource does not wade through the others.
 */
export class RecentChanges {
  private readonly all = new ChangeQueue();
  private held = 0;

  /** All changes after this revision are here. */
  floor: Revision;

  constructor(
    floor: Revision,
    private readonly maxBytes: number,
  ) {
    this.floor = floor;
  }

  get bytes(): number {
    return this.held;
  }

  get length(): number {
    return this.all.length;
  }

  add(change: Folded): void {
    this.all.push(change);
    change.table.recent.push(change);
    this.held += costOf(change);
    while (this.held > this.maxBytes) {
      const oldest = this.all.shift();
      if (oldest === undefined) return;
      oldest.table.recent.shift();
      this.held -= costOf(oldest);
      this.floor = oldest.after.revision;
    }
  }
}

function costOf(change: Folded): number {
  const replaced = change.before?.bytes.length ?? 0;
  return overheadBytes + replaced + (change.verb === 'delete' ? change.after.bytes.length : 0);
}
