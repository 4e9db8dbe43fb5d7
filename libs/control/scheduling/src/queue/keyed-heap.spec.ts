import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { KeyedHeap } from './keyed-heap';

describe('KeyedHeap', () => {
  it('gives items in order whatever is pushed, replaced and deleted', () => {
    const seed = Number(process.env['RECKON_SEED'] ?? 1);
    const random = seededRandom(seed);
    const heap = new KeyedHeap<{ key: string; rank: number }>(
      (i) => i.key,
      (a, b) => a.rank < b.rank,
    );
    const model = new Map<string, number>();
    for (let step = 0; step < 2_000; step++) {
      const key = String(random.int(60));
      if (random.int(3) === 0) {
        expect(heap.delete(key)?.rank, `seed ${String(seed)}`).toBe(model.get(key));
        model.delete(key);
      } else {
        const rank = random.int(1_000);
        heap.push({ key, rank });
        model.set(key, rank);
      }
      expect(heap.size).toBe(model.size);
      expect(heap.peek()?.rank ?? Infinity, `seed ${String(seed)}`).toBe(Math.min(...model.values()));
    }
    const drained: number[] = [];
    for (let item = heap.pop(); item !== undefined; item = heap.pop()) drained.push(item.rank);
    expect(drained, `seed ${String(seed)}`).toEqual([...model.values()].sort((a, b) => a - b));
  });
});
