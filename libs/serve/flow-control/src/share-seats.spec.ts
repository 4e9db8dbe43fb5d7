import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { type Claim, shareSeats } from './share-seats';
import { dealHand } from './shuffle-shard';

const claim = (target: number, lower: number, upper: number): Claim => ({ target, lower, upper });

describe('seats', () => {
  it.each<[total: number, claims: Claim[], seats: number[] | undefined]>([
    [10, [claim(1, 0, 100), claim(1, 0, 100)], [5, 5]],
    [10, [claim(3, 0, 100), claim(1, 0, 100)], [7.5, 2.5]],
    [10, [claim(4, 0, 10), claim(4, 0, 2)], [8, 2]],
    [10, [claim(9, 9, 100), claim(9, 0, 100)], [9, 1]],
    [10, [claim(0, 0, 100), claim(0, 0, 100)], [5, 5]],
    [10, [claim(6, 6, 6), claim(5, 4, 100)], [6, 4]],
    [10, [claim(6, 6, 6), claim(5, 5, 100)], undefined],
    [10, [claim(1, 0, 4), claim(1, 0, 5)], undefined],
  ])('%i among %j', (total, claims, seats) => {
    const shares = shareSeats(total, claims);
    if (seats === undefined) expect(shares).toBeUndefined();
    else for (const [i, share] of seats.entries()) expect(shares?.seats[i]).toBeCloseTo(share, 5);
  });

  it.each([1, 2, 3])('sum to the total within all bounds, for random claims of seed %i', (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 200; round++) {
      const claims = Array.from({ length: 1 + random.int(8) }, () => {
        const lower = random.int(20);
        return claim(lower + random.int(50), lower, lower + random.int(100));
      });
      const least = claims.reduce((sum, { lower }) => sum + lower, 0);
      const most = claims.reduce((sum, { upper }) => sum + upper, 0);
      const total = least + random.int(most - least + 1);
      const { seats = [], fairFraction = 0 } = shareSeats(total, claims) ?? {};
      expect(seats.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 3);
      for (const [i, { target, lower, upper }] of claims.entries()) {
        const share = seats[i] ?? -1;
        expect(share >= lower && share <= upper).toBe(true);
        // Who has less than the fair part is at the upper bound, who has more at the lower one.
        const fair = fairFraction * Math.max(target, 0.001);
        if (share < fair - 1e-3) expect(share).toBeCloseTo(upper, 3);
        if (share > fair + 1e-3) expect(share).toBeCloseTo(lower, 3);
      }
    }
  });
});

describe('a hand', () => {
  it('is of different queues, the same for the same flow, and spread over all', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const hand = dealHand('schema', `user-${String(i)}`, 64, 6);
      expect(hand).toHaveLength(6);
      expect(new Set(hand).size).toBe(6);
      expect(hand.every((queue) => queue >= 0 && queue < 64)).toBe(true);
      expect(dealHand('schema', `user-${String(i)}`, 64, 6)).toEqual(hand);
      for (const queue of hand) seen.add(queue);
    }
    expect(seen.size).toBe(64);
    expect(dealHand('a', 'b', 3, 8)).toHaveLength(3);
  });
});
