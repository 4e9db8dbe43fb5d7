import { systemClock } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { run } from './kubectl';
import { settableClock } from './settable-clock';

const program = `
  import { Worker } from 'node:worker_threads';
  const began = performance.now();
  setInterval(() => { console.log('minute', performance.now() - began < 30_000); process.exit(); }, 60_000);
  console.log('main', Date.now());
  new Worker("console.log('worker', Date.now())", { eval: true });
`;

describe('a settable clock', () => {
  it('is the time of the program and its threads, whose minutes are short', async () => {
    const clock = settableClock();
    try {
      clock.set(-3_600_000);
      const began = systemClock.nowMs();
      const ran = await run(process.execPath, ['--input-type=module', '--eval', program], { env: clock.env });
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const said = Object.fromEntries(ran.stdout.split('\n').map((line) => line.split(' ') as [string, string]));
      for (const thread of ['main', 'worker'])
        expect(Math.abs(Number(said[thread]) - (began - 3_600_000))).toBeLessThan(30_000);
      expect(said['minute']).toBe('true');
    } finally {
      clock.dispose();
    }
  });
});
