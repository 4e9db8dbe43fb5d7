import { compareKeys, isWide } from './key-order';

interface Keyed {
  readonly text: string;
}

/** A place between two items: offsets into `chunks`. */
export interface Place {
  readonly chunk: number;
  readonly offset: number;
}

const maxChunk = 512;

/**
 * Items in byte order of `text`, in chunks of at most 512, so that an insert among 150,000 moves a few hundred references and a
 * scan runs over plain arrays. A B-tree of two levels; a third would pay from some millions of items on.
 */
export class SortedIndex<T extends Keyed> {
  private chunks: T[][] = [];
  private compare: (a: string, b: string) => number = native;
  private total = 0;

  get size(): number {
    return this.total;
  }

  /** Replaces everything; `items` in any order, no text twice. Takes the array over. */
  load(items: T[]): void {
    if (items.some((item) => isWide(item.text))) this.compare = compareKeys;
    items.sort((a, b) => this.compare(a.text, b.text));
    this.total = items.length;
    this.chunks = [];
    for (let i = 0; i < items.length; i += maxChunk / 2) this.chunks.push(items.slice(i, i + maxChunk / 2));
  }

  /** Puts an item in, in the place of one with the same text if there is one. */
  set(item: T): void {
    if (this.compare === native && isWide(item.text)) this.sortWide();
    const at = this.seek(item.text);
    const chunk = this.chunks[at.chunk];
    if (chunk?.[at.offset]?.text === item.text) {
      chunk[at.offset] = item;
      return;
    }
    this.total++;
    this.insert(at, item);
  }

  delete(text: string): void {
    const at = this.seek(text);
    const chunk = this.chunks[at.chunk];
    if (chunk?.[at.offset]?.text !== text) return;
    this.total--;
    if (chunk.length === 1) this.chunks.splice(at.chunk, 1);
    else chunk.splice(at.offset, 1);
  }

  /** Before the first item that is not less than `text`. */
  seek(text: string): Place {
    const compare = this.compare;
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle];
      if (compare(chunk?.[chunk.length - 1]?.text ?? '', text) < 0) low = middle + 1;
      else high = middle;
    }
    const chunk = this.chunks[low];
    if (chunk === undefined) return { chunk: low, offset: 0 };
    let first = 0;
    let last = chunk.length;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (compare(chunk[middle]?.text ?? '', text) < 0) first = middle + 1;
      else last = middle;
    }
    return { chunk: low, offset: first };
  }

  /** Items between two places, at most `limit` (0 = all). */
  slice(from: Place, to: Place, limit: number): T[] {
    const parts: T[][] = [];
    let wanted = limit === 0 ? Infinity : limit;
    for (let c = from.chunk; c <= to.chunk && wanted > 0; c++) {
      const chunk = this.chunks[c];
      if (chunk === undefined) break;
      const start = c === from.chunk ? from.offset : 0;
      const end = Math.min(c === to.chunk ? to.offset : chunk.length, start + wanted);
      if (end <= start) continue;
      parts.push(chunk.slice(start, end));
      wanted -= end - start;
    }
    // `concat` copies whole arrays; `flat` walks their items.
    return parts.length === 1 ? (parts[0] ?? []) : ([] as T[]).concat(...parts);
  }

  /** Runs over the items between two places until `visit` answers false. */
  each(from: Place, to: Place, visit: (item: T) => boolean): void {
    for (let c = from.chunk; c <= to.chunk; c++) {
      const chunk = this.chunks[c];
      if (chunk === undefined) return;
      const end = c === to.chunk ? to.offset : chunk.length;
      for (let i = c === from.chunk ? from.offset : 0; i < end; i++) {
        const item = chunk[i];
        if (item !== undefined && !visit(item)) return;
      }
    }
  }

  /** How many items stand between two places. */
  between(from: Place, to: Place): number {
    if (from.chunk === to.chunk) return Math.max(0, to.offset - from.offset);
    let sum = (this.chunks[from.chunk]?.length ?? 0) - from.offset;
    for (let c = from.chunk + 1; c < to.chunk; c++) sum += this.chunks[c]?.length ?? 0;
    return Math.max(0, sum + to.offset);
  }

  get start(): Place {
    return { chunk: 0, offset: 0 };
  }

  get end(): Place {
    return { chunk: this.chunks.length, offset: 0 };
  }

  /** Byte order as this index needs it. */
  order(a: string, b: string): number {
    return this.compare(a, b);
  }

  private insert(at: Place, item: T): void {
    // Past the last chunk there is room in the one before: texts that only grow fill chunks instead of starting new ones.
    const index = at.chunk === this.chunks.length && at.chunk > 0 ? at.chunk - 1 : at.chunk;
    const chunk = this.chunks[index];
    if (chunk === undefined) {
      this.chunks.push([item]);
      return;
    }
    if (index === at.chunk) chunk.splice(at.offset, 0, item);
    else chunk.push(item);
    if (chunk.length > maxChunk) this.chunks.splice(index + 1, 0, chunk.splice(chunk.length >> 1));
  }

  private sortWide(): void {
    this.compare = compareKeys;
    this.load(this.chunks.flat());
  }
}

const native = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
