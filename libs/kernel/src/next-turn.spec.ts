import { describe, expect, it } from 'vitest';
import { nextTurn } from './next-turn';

describe('nextTurn', () => {
  it('runs after the promise callbacks of this turn', async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      nextTurn(() => {
        order.push('next turn');
        resolve();
      });
    });
    await Promise.resolve().then(() => order.push('promise'));
    await done;
    expect(order).toEqual(['promise', 'next turn']);
  });
});
