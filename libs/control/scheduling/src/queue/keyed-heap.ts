/** A binary heap whose items are found by key, so that any of them can be moved or removed in O(log n). */
export class KeyedHeap<T> {
  private readonly items: T[] = [];
  private readonly positions = new Map<string, number>();

  constructor(
    private readonly keyOf: (item: T) => string,
    private readonly isBefore: (a: T, b: T) => boolean,
  ) {}

  get size(): number {
    return this.items.length;
  }

  get(key: string): T | undefined {
    const position = this.positions.get(key);
    return position === undefined ? undefined : this.items[position];
  }

  peek(): T | undefined {
    return this.items[0];
  }

  /** In no particular order. */
  values(): readonly T[] {
    return this.items;
  }

  /** Adds, or replaces the item of the same key. */
  push(item: T): void {
    const key = this.keyOf(item);
    const known = this.positions.get(key);
    const position = known ?? this.items.length;
    this.place(item, position);
    this.down(this.up(position));
  }

  pop(): T | undefined {
    const first = this.items[0];
    if (first !== undefined) this.delete(this.keyOf(first));
    return first;
  }

  delete(key: string): T | undefined {
    const position = this.positions.get(key);
    if (position === undefined) return undefined;
    const item = this.items[position];
    this.positions.delete(key);
    const last = this.items.pop();
    if (last !== undefined && position < this.items.length) {
      this.place(last, position);
      this.down(this.up(position));
    }
    return item;
  }

  private place(item: T, position: number): void {
    this.items[position] = item;
    this.positions.set(this.keyOf(item), position);
  }

  private up(from: number): number {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.swapIfBefore(position, parent)) break;
      position = parent;
    }
    return position;
  }

  private down(from: number): void {
    let position = from;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= this.items.length) return;
      const right = left + 1;
      const l = this.items[left];
      const r = this.items[right];
      const child = l !== undefined && r !== undefined && this.isBefore(r, l) ? right : left;
      if (!this.swapIfBefore(child, position)) return;
      position = child;
    }
  }

  private swapIfBefore(child: number, parent: number): boolean {
    const a = this.items[child];
    const b = this.items[parent];
    if (a === undefined || b === undefined || !this.isBefore(a, b)) return false;
    this.place(a, parent);
    this.place(b, child);
    return true;
  }
}
