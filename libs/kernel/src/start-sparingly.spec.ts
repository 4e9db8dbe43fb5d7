import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Megabytes that a new process holds for new things after it has made much that stays, and started a thread before that. */
function newSpaceAfter(first: string): number {
  const module = pathToFileURL(path.join(import.meta.dirname, 'start-sparingly.ts')).href;
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { Worker } from 'node:worker_threads';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { startSparingly } from '${module}';
    const timers = {
      every: (ms, run) => { const timer = setInterval(run, ms); timer.unref(); return () => clearInterval(timer); },
      after: (ms, run) => { const timer = setTimeout(run, ms); timer.unref(); return () => clearTimeout(timer); },
    };
    ${first}
    const worker = new Worker('setInterval(() => 0, 1000)', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    await sleep(100);
    const kept = Array.from({ length: 300_000 }, (_, i) => ({ i, list: [i] }));
    const { space_size } = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    process.stdout.write(String(space_size / 1024 / 1024), () => process.exit(kept.length === 0 ? 1 : 0));
  `;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('a start', () => {
  it('takes little room for new things, even when threads begin', () => {
    const usual = newSpaceAfter('');
    expect(usual).toBeGreaterThanOrEqual(16);
    expect(newSpaceAfter('startSparingly(timers);')).toBeLessThan(usual / 2);
  });
});
