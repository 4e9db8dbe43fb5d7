import { describe, expect, it } from 'vitest';
import { UpdatePace } from './update-pace';

describe('the pace of updates', () => {
  it('lets a Service rest for a millisecond per endpoint, at most a second', () => {
    const pace = new UpdatePace();
    expect(pace.waitMs('default/web', 5_000)).toBe(0);
    pace.wrote('default/web', 300, 5_000);
    expect(pace.waitMs('default/web', 5_100)).toBe(200);
    expect(pace.waitMs('default/web', 5_300)).toBe(0);
    pace.wrote('default/web', 20_000, 6_000);
    expect(pace.waitMs('default/web', 6_000)).toBe(1_000);
    expect(pace.waitMs('default/other', 6_000)).toBe(0);
    pace.forget('default/web');
    expect(pace.waitMs('default/web', 6_000)).toBe(0);
  });
});
