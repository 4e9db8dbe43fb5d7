import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { PodAddresses } from './pod-addresses';

describe('the addresses of a node', () => {
  it('are never two pods’ at once, and the longest free is given first (random histories)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const addresses = new PodAddresses('10.244.7.0/24');
      const held = new Map<string, string>();
      /** The model: free addresses, the longest free first. */
      const free = Array.from({ length: 253 }, (_, i) => `10.244.7.${String(i + 2)}`);
      for (let step = 0; step < 1_500; step++) {
        const uid = `pod-${String(random.int(400))}`;
        const what = random.int(3);
        if (what === 0) {
          const expected = held.get(uid) ?? free[0];
          const got = addresses.take(uid);
          expect(got, `seed ${String(seed)} step ${String(step)}`).toBe(expected);
          if (got !== undefined && !held.has(uid)) {
            free.shift();
            held.set(uid, got);
          }
        } else if (what === 1) {
          const address = held.get(uid);
          addresses.release(uid);
          if (address !== undefined) free.push(address);
          held.delete(uid);
        } else {
          const told = `10.244.7.${String(random.int(256))}`;
          addresses.keep(uid, told);
          const i = free.indexOf(told);
          if (i !== -1) {
            free.splice(i, 1);
            const before = held.get(uid);
            if (before !== undefined) free.push(before);
            held.set(uid, told);
          }
        }
        expect(new Set(held.values()).size, `seed ${String(seed)} step ${String(step)}`).toBe(held.size);
      }
    }
  });

  it('are 253, and then there are none', () => {
    const addresses = new PodAddresses('10.245.0.0/24');
    const given = Array.from({ length: 254 }, (_, i) => addresses.take(String(i)));
    expect(given[0]).toBe('10.245.0.2');
    expect(given[252]).toBe('10.245.0.254');
    expect(given[253]).toBeUndefined();
    addresses.release('17');
    expect(addresses.take('late')).toBe('10.245.0.19');
  });
});
