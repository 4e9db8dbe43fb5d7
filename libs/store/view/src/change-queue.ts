import type { Revision } from '@reckon/store/contract';
import type { Folded } from './folded';

/** Changes in revision order, taken off at the front: an array with a moving start, cut when half of it is dead. */
export class ChangeQueue {
  private items: Folded[] = [];
  private first = 0;

  get length(): number {
    return this.items.length - this.first;
  }

  push(change: Folded): void {
    this.items.push(change);
  }

  shift(): Folded | undefined {
    const change = this.items[this.first];
    if (change === undefined) return undefined;
    this.first++;
    if (this.first > 64 && this.first > this.items.length >> 1) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return change;
  }

  at(position: number): Folded | undefined {
    return this.items[this.first + position];
  }

  /** Position of the first change after this revision; `length` if there is none. */
  after(revision: Revision): number {
    let low = this.first;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.items[middle]?.after.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low - this.first;
  }
}
