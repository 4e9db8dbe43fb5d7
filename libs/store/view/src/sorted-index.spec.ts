import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { SortedIndex } from './sorted-index';

const item = (text: string): { text: string } => ({ text });
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function texts(index: SortedIndex<{ text: string }>): string[] {
  return index.slice(index.start, index.end, 0).map((i) => i.text);
}

describe('SortedIndex', () => {
  it.each([1, 2, 3, 4])('equals a sorted set over random inserts and deletes, seed %i', (seed) => {
    const random = seededRandom(seed);
    const index = new SortedIndex<{ text: string }>();
    const model = new Set<string>();
    const alphabet = seed % 2 === 0 ? ['a', 'b', '/', '-', '.', '0'] : ['a', 'é', '\uFF01', '\u{1F600}', '/'];
    const word = (): string =>
      Array.from({ length: 1 + random.int(6) }, () => alphabet[random.int(alphabet.length)]).join('');
    if (seed > 2) {
      const loaded = [...new Set(Array.from({ length: 2000 }, word))];
      for (const text of loaded) model.add(text);
      index.load(loaded.map(item));
    }
    for (let i = 0; i < 6000; i++) {
      const text = word();
      if (random.int(3) === 0) {
        index.delete(text);
        model.delete(text);
      } else {
        index.set(item(text));
        model.add(text);
      }
    }
    const sorted = [...model].sort(byBytes);
    expect(texts(index)).toEqual(sorted);
    expect(index.size).toBe(sorted.length);
    for (let i = 0; i < 50; i++) {
      const [from, to] = [word(), word()].sort(byBytes);
      const expected = sorted.filter((t) => byBytes(t, from ?? '') >= 0 && byBytes(t, to ?? '') < 0);
      const [a, b] = [index.seek(from ?? ''), index.seek(to ?? '')];
      expect(index.slice(a, b, 0).map((x) => x.text)).toEqual(expected);
      expect(index.slice(a, b, 3).map((x) => x.text)).toEqual(expected.slice(0, 3));
      expect(index.between(a, b)).toBe(expected.length);
      const visited: string[] = [];
      index.each(a, b, (x) => visited.push(x.text) < 5);
      expect(visited).toEqual(expected.slice(0, 5));
    }
  });

  it('replaces an item of the same text', () => {
    const index = new SortedIndex<{ text: string; n: number }>();
    index.set({ text: 'a', n: 1 });
    index.set({ text: 'a', n: 2 });
    expect(index.slice(index.start, index.end, 0)).toEqual([{ text: 'a', n: 2 }]);
    expect(index.size).toBe(1);
    index.delete('b');
    index.delete('a');
    expect(index.slice(index.start, index.end, 0)).toEqual([]);
  });
});
