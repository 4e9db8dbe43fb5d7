import { describe, expect, it } from 'vitest';
import { slowStart } from './slow-start';

describe('a slow start', () => {
  it('doubles what runs at once', async () => {
    const batches: number[] = [];
    let running = 0;
    const failed = await slowStart(20, async () => {
      running++;
      await new Promise((resolve) => setImmediate(resolve));
      if (running > 0) batches.push(running);
      running = 0;
    });
    expect([failed, batches]).toEqual([undefined, [1, 2, 4, 8, 5]]);
  });

  it('stops after the batch in which something failed', async () => {
    let calls = 0;
    const failed = await slowStart(100, async () => {
      if (++calls === 5) throw new Error('no');
    });
    expect([calls, failed?.failure]).toEqual([7, new Error('no')]);
  });

  it('begins no further batch once it is aborted', async () => {
    const abort = new AbortController();
    const begun: number[] = [];
    const running = slowStart(
      1000,
      async (index) => {
        begun.push(index);
        if (index === 6) abort.abort(new Error('stopped'));
      },
      abort.signal,
    );
    await expect(running).rejects.toThrow('stopped');
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
