import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, fakeClock, silentLogger, systemTimers } from '@reckon/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { supervise } from './supervised';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-supervised-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A program that writes down that it began, and then does what is told. */
function program(then: string): string[] {
  const script = join(folder, 'child.mjs');
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
     appendFileSync(${JSON.stringify(join(folder, 'begun'))}, process.pid + ' ' + process.env.RECKON_SUPERVISED + '\\n');
     ${then}`,
  );
  return [script];
}

const begun = (): string[] => {
  try {
    // A line counts once it is whole.
    return readFileSync(join(folder, 'begun'), 'utf8').split('\n').slice(0, -1);
  } catch {
    // Nothing has begun.
    return [];
  }
};

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a supervised process', () => {
  it('is started again when it ends, after a time that doubles', async () => {
    const waits: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (_, fields) => waits.push([fields?.['why'], fields?.['waitMs']]) };
    const timers = { ...systemTimers, sleep: () => Promise.resolve() };
    const running = supervise({
      name: 'child',
      command: program('process.exit(3);'),
      clock: fakeClock(),
      timers,
      logger,
    });
    await until(() => waits.length >= 3);
    await running.stop();
    expect(waits.slice(0, 3)).toEqual([
      ['exit code 3', 500],
      ['exit code 3', 1_000],
      ['exit code 3', 2_000],
    ]);
    expect(begun().every((line) => line.endsWith(' 1'))).toBe(true);
  });

  it('is asked to end, once', async () => {
    const command = program("process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);");
    const running = supervise({
      name: 'child',
      command,
      clock: fakeClock(),
      timers: systemTimers,
      logger: silentLogger,
    });
    await until(() => begun().length === 1);
    await running.stop();
    await running.stop();
    expect(begun()).toHaveLength(1);
    expect(() => process.kill(Number(begun()[0]?.split(' ')[0]), 0)).toThrow('ESRCH');
  });
});
