import { revision } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { Floors } from './floors';

describe('Floors', () => {
  const floors = new Floors([
    { prefix: '/core/events/', floor: revision(10) },
    { prefix: '/core/', floor: revision(4) },
    { prefix: '/coordination.k8s.io/leases/', floor: revision(7) },
  ]);

  it('takes the highest of all that concern any key of a prefix', () => {
    expect(floors.of('')).toBe(10);
    expect(floors.of('/core/')).toBe(10);
    expect(floors.of('/core/pods/')).toBe(4);
    expect(floors.of('/core/events/default/')).toBe(10);
    expect(floors.of('/coordination.k8s.io/leases/')).toBe(7);
    expect(floors.of('/apps/deployments/')).toBe(0);
  });

  it('never lowers one', () => {
    floors.raise([{ prefix: '/core/events/', floor: revision(3) }]);
    expect(floors.of('/core/events/')).toBe(10);
  });

  it('demands that a read begins at or above', () => {
    floors.demand('/core/pods/', 4);
    expect(() => {
      floors.demand('/core/pods/', 3);
    }).toThrow(expect.objectContaining({ code: 'Compacted', data: { requested: 3, floor: 4, prefix: '/core/pods/' } }));
  });
});
