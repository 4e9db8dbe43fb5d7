import { fakeClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { ZoneQueues } from './zone-queues';

function start() {
  const clock = fakeClock();
  const turns: string[] = [];
  const queues = new ZoneQueues({ clock, timers: clock }, 0.1, (node) => {
    turns.push(`${node}@${clock.elapsedMs() / 1_000}`);
  });
  return { clock, turns, queues };
}

describe('queues of zones', () => {
  it('give one turn at once and the others at the rate, in order, each zone for itself', async () => {
    const { clock, turns, queues } = start();
    for (const node of ['a', 'b', 'b', 'c']) queues.add('z', node);
    queues.add('y', 'd');
    expect(turns).toEqual(['a@0', 'd@0']);
    await clock.advance(60_000);
    expect(turns).toEqual(['a@0', 'd@0', 'b@10', 'c@20']);
    queues.add('z', 'a');
    expect(turns.at(-1)).toBe('a@60');
  });

  it('forget who is removed or moves', async () => {
    const { clock, turns, queues } = start();
    for (const node of ['a', 'b', 'c', 'd']) queues.add('z', node);
    queues.remove('b');
    queues.remove('none');
    queues.add('y', 'c');
    await clock.advance(60_000);
    expect(turns).toEqual(['a@0', 'c@0', 'd@10']);
  });

  it('stand still at no rate; who had to wait waits for a whole turn at the next', async () => {
    const { clock, turns, queues } = start();
    queues.setRate('z', 0);
    queues.add('z', 'a');
    queues.add('z', 'b');
    await clock.advance(100_000);
    expect(turns).toEqual([]);
    queues.setRate('z', 0.05);
    await clock.advance(100_000);
    expect(turns).toEqual(['a@120', 'b@140']);
    queues.setRate('z', 0.1);
    queues.add('z', 'c');
    expect(turns.at(-1)).toBe('c@200');
    queues.add('z', 'd');
    queues.stop();
    await clock.advance(100_000);
    expect(turns).toHaveLength(3);
  });
});
