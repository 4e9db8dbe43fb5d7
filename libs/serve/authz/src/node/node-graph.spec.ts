import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { NodeGraph, type Relations, vertexKey } from './node-graph';

const secret = (n: number): string => vertexKey('secrets', 'ns', `s${n}`);
const claim = (n: number): string => vertexKey('persistentvolumeclaims', 'ns', `c${n}`);
const volume = (n: number): string => vertexKey('persistentvolumes', '', `v${n}`);

describe('the graph', () => {
  it('counts every object that says the same', () => {
    const graph = new NodeGraph();
    const relations: Relations = { node: 'a', used: [secret(1), claim(1)], links: [] };
    graph.set('pods/ns/p', relations);
    graph.set('pods/ns/q', relations);
    graph.set('pods/ns/p', { ...relations, used: [secret(1)] });
    graph.delete('pods/ns/q');
    expect([graph.reaches(secret(1), 'a'), graph.reaches(claim(1), 'a')]).toEqual([true, false]);
    graph.delete('pods/ns/p');
    graph.delete('pods/ns/p');
    expect(graph.reaches(secret(1), 'a')).toBe(false);
    expect(graph.size).toBe(0);
  });

  it('answers as a walk over all objects would, and leaves nothing behind (seed 11)', () => {
    const random = seededRandom(11);
    const graph = new NodeGraph();
    const objects = new Map<string, Relations>();
    const pick = (of: (n: number) => string): string[] => [0, 1, 2, 3].filter(() => random.int(2) === 0).map(of);
    for (let step = 0; step < 3_000; step++) {
      const isVolume = random.int(3) === 0;
      const key = isVolume ? volume(random.int(4)) : `pods/ns/p${random.int(6)}`;
      if (random.int(3) === 0) {
        graph.delete(key);
        objects.delete(key);
      } else {
        const relations: Relations = isVolume
          ? {
              node: '',
              used: [],
              links: [[key, claim(random.int(4))], ...pick(secret).map((s) => [s, key] as const)],
            }
          : { node: `n${random.int(3)}`, used: [...pick(secret), ...pick(claim)], links: [] };
        graph.set(key, relations);
        objects.set(key, relations);
      }
      const of = [secret, claim, volume][random.int(3)]?.(random.int(4)) ?? '';
      const node = `n${random.int(3)}`;
      expect(graph.reaches(of, node)).toBe(walk(objects, of, node));
    }
    for (const key of objects.keys()) graph.delete(key);
    expect(graph.size).toBe(0);
  });
});

function walk(objects: ReadonlyMap<string, Relations>, key: string, node: string): boolean {
  for (const relations of objects.values()) {
    if (relations.node === node && relations.used.includes(key)) return true;
    for (const [from, to] of relations.links) if (from === key && walk(objects, to, node)) return true;
  }
  return false;
}
