import { describe, expect, it } from 'vitest';
import { runAll } from './run-all';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('running all', () => {
  it('goes on whatever fails, with many at once but not all, and tells the first failure', async () => {
    const ran = new Set<number>();
    let [under, most] = [0, 0];
    const failed = await runAll(200, async (index) => {
      ran.add(index);
      most = Math.max(most, ++under);
      await turn();
      under--;
      if (index === 3 || index === 150) throw new Error(String(index));
    });
    expect([failed?.failure, ran.size, most]).toEqual([new Error('3'), 200, 64]);
  });

  it('begins nothing more once it is aborted, waits for what it began, and throws the reason', async () => {
    const abort = new AbortController();
    let [begun, ended] = [0, 0];
    const running = runAll(
      1000,
      async () => {
        if (++begun === 70) abort.abort(new Error('stopped'));
        await turn();
        ended++;
      },
      abort.signal,
    );
    await expect(running).rejects.toThrow('stopped');
    expect(begun).toBeLessThan(140);
    expect(ended).toBe(begun);
  });
});
