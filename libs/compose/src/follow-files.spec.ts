import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeClock, type Running, fakeClock, silentLogger } from '@reckon/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followFiles } from './follow-files';

let folder: string;
let timers: FakeClock;
let following: Running | undefined;
let used: (readonly string[])[];
let complaints: string[];
const file = (name: string): string => join(folder, name);

function follow(refused: (texts: readonly string[]) => boolean, initial?: readonly string[]): void {
  following = followFiles({
    what: 'pair',
    files: [file('a'), file('b')],
    timers,
    logger: {
      ...silentLogger,
      error: (message, fields) => complaints.push(`${message}: ${String(fields?.['error'])}`),
    },
    ...(initial === undefined ? {} : { initial }),
    use(texts) {
      if (refused(texts)) throw new Error(`no use for ${texts.join()}`);
      used.push(texts);
    },
  });
}

/** Reading files takes real time, which the fake clock does not wait for: a look that finds nothing new changes nothing. */
async function look(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    await timers.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-follow-'));
  timers = fakeClock();
  used = [];
  complaints = [];
  writeFileSync(file('a'), '1');
  writeFileSync(file('b'), '1');
});
afterEach(async () => {
  await following?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('followFiles', () => {
  it('hands on what the files hold whenever that changes, and only then', async () => {
    follow(() => false);
    await look();
    await look();
    expect(used).toEqual([['1', '1']]);
    writeFileSync(file('b'), '2');
    await look();
    writeFileSync(file('b'), '2');
    await look();
    expect(used).toEqual([
      ['1', '1'],
      ['1', '2'],
    ]);
  });

  it('begins with what is in effect already', async () => {
    follow(() => false, ['1', '1']);
    await look();
    expect(used).toEqual([]);
    writeFileSync(file('a'), '2');
    await look();
    expect(used).toEqual([['2', '1']]);
  });

  it('complains once of what is of no use, keeps what was before, and takes what comes next', async () => {
    follow(([a, b]) => a !== b);
    await look();
    writeFileSync(file('a'), '2');
    await look();
    await look();
    expect(complaints).toEqual(['changed files cannot be used, what was before stays: no use for 2,1']);
    writeFileSync(file('b'), '2');
    await look();
    expect(used).toEqual([
      ['1', '1'],
      ['2', '2'],
    ]);
  });

  it('complains once of a file that is gone, and goes on when it is back', async () => {
    follow(() => false, ['1', '1']);
    renameSync(file('a'), file('away'));
    await look();
    await look();
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain('ENOENT');
    writeFileSync(file('a'), '3');
    await look();
    expect(used).toEqual([['3', '1']]);
  });

  it('sees a link that leads elsewhere now, as in a mounted Secret', async () => {
    writeFileSync(file('new'), 'n');
    rmSync(file('a'));
    symlinkSync(file('b'), file('a'));
    follow(() => false, ['1', '1']);
    await look();
    symlinkSync(file('new'), file('swap'));
    renameSync(file('swap'), file('a'));
    await look();
    expect(used).toEqual([['n', '1']]);
  });

  it('ends when it is stopped', async () => {
    follow(() => false, ['1', '1']);
    await following?.stop();
    writeFileSync(file('a'), '2');
    await look();
    expect(used).toEqual([]);
  });
});
