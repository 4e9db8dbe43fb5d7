import { type FakeClock, fakeClock, silentLogger } from '@reckon/kernel';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RotatingFile, type RotatingFileOptions } from './rotating-file';

let folder: string;
let clock: FakeClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-file-'));
  clock = fakeClock();
});
afterEach(() => rm(folder, { recursive: true }));

const path = (): string => join(folder, 'audit.log');
const open = (options: Partial<RotatingFileOptions> = {}): Promise<RotatingFile> =>
  RotatingFile.open({
    path: path(),
    maxBytes: 100,
    maxAgeDays: 0,
    maxBackups: 0,
    compress: false,
    clock,
    logger: silentLogger,
    ...options,
  });
const line = (n: number): string => `${String(n).padStart(49, '.')}\n`;

/** One batch each, so that a test says where files end. */
async function write(file: RotatingFile, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await file.write(line(n));
    clock.jump(1);
  }
}

describe('a rotating file', () => {
  it('has every line in order, whether gathered or not, for this user only', async () => {
    const file = await open({ maxBytes: 1e6 });
    await file.write('a\n');
    await Promise.all([file.write('b\n'), file.write('c\n')]);
    void file.write('d\n');
    await file.stop();
    expect(await readFile(path(), 'utf8')).toBe('a\nb\nc\nd\n');
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('makes its folder', async () => {
    const deep = join(folder, 'a', 'b', 'audit.log');
    const file = await open({ path: deep });
    await file.write('x\n');
    await file.stop();
    expect(await readFile(deep, 'utf8')).toBe('x\n');
  });

  it('goes on where another left off', async () => {
    await writeFile(path(), line(0));
    const file = await open();
    await write(file, 1, 2);
    await file.stop();
    expect(await readFile(path(), 'utf8')).toBe(line(2));
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('is put aside under its time before it grows too large; no line is lost or cut', async () => {
    const file = await open();
    await write(file, 0, 4);
    await file.stop();
    expect((await readdir(folder)).sort()).toEqual([
      'audit-2026-01-01T00-00-00.002.log',
      'audit-2026-01-01T00-00-00.004.log',
      'audit.log',
    ]);
    expect(await readFile(join(folder, 'audit-2026-01-01T00-00-00.002.log'), 'utf8')).toBe(line(0) + line(1));
    expect(await readFile(path(), 'utf8')).toBe(line(4));
  });

  it('never overwrites one that was put aside in the same moment', async () => {
    const file = await open({ maxBytes: 10 });
    for (let n = 0; n < 4; n++) await file.write(line(n));
    await file.stop();
    expect(await readdir(folder)).toHaveLength(4);
  });

  it('keeps as many old ones as it may, and leaves other files alone', async () => {
    await writeFile(join(folder, 'audit-notes.log'), 'mine');
    await writeFile(join(folder, 'other-2026-01-01T00-00-00.002.log'), 'mine');
    const file = await open({ maxBackups: 2 });
    await write(file, 0, 9);
    await file.stop();
    expect((await readdir(folder)).sort()).toEqual([
      'audit-2026-01-01T00-00-00.006.log',
      'audit-2026-01-01T00-00-00.008.log',
      'audit-notes.log',
      'audit.log',
      'other-2026-01-01T00-00-00.002.log',
    ]);
  });

  it('forgets those that are too old', async () => {
    await writeFile(join(folder, 'audit-2025-12-01T00-00-00.000.log'), 'old');
    await writeFile(join(folder, 'audit-2025-12-31T12-00-00.000.log.gz'), 'young');
    const file = await open({ maxAgeDays: 1 });
    await file.stop();
    expect((await readdir(folder)).sort()).toEqual(['audit-2025-12-31T12-00-00.000.log.gz', 'audit.log']);
  });

  it('compresses them, for this user only', async () => {
    const file = await open({ compress: true });
    await write(file, 0, 2);
    await file.stop();
    const zipped = join(folder, 'audit-2026-01-01T00-00-00.002.log.gz');
    expect((await readdir(folder)).sort()).toEqual(['audit-2026-01-01T00-00-00.002.log.gz', 'audit.log']);
    expect(gunzipSync(await readFile(zipped)).toString()).toBe(line(0) + line(1));
    expect((await stat(zipped)).mode & 0o777).toBe(0o600);
  });

  it('says so when the disk is full', async () => {
    const file = await open({ path: '/dev/full' });
    await expect(file.write('lost\n')).rejects.toThrow('ENOSPC');
    await file.stop();
  });

  it('rejects a line that could not be written, and goes on', async () => {
    const file = await open({ maxBytes: 10 });
    await file.write('first\n');
    await rm(folder, { recursive: true });
    await expect(file.write(line(1))).rejects.toThrow('ENOENT');
    await (await open()).stop();
    await file.write(line(2));
    await file.stop();
  });
});
