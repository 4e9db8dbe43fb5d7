import { describe, expect, it } from 'vitest';
import { safeSuffix, seededRandom, systemRandom } from './random';

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('Random', () => {
  it('repeats itself from the same seed', () => {
    const draw = (seed: number): unknown[] => {
      const random = seededRandom(seed);
      return [random.uuid(), random.int(1000), random.float()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it.each([
    ['system', systemRandom],
    ['seeded', seededRandom(1)],
  ])('of the %s gives uuids, and numbers within bounds', (_, random) => {
    const seen = new Set<number>();
    for (let i = 0; i < 500; i++) {
      expect(random.uuid()).toMatch(uuid4);
      const n = random.int(5);
      seen.add(n);
      const f = random.float();
      expect(f >= 0 && f < 1).toBe(true);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('makes suffixes that spell no word', () => {
    expect(safeSuffix(seededRandom(3), 1000)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1000}$/);
    expect(safeSuffix(systemRandom)).toHaveLength(5);
  });
});
