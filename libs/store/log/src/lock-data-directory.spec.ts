import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory } from './lock-data-directory';

describe('lockDataDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'reckon-lock-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const taken = expect.objectContaining({
    code: 'LogUnusable',
    message: expect.stringContaining('in use by another Reckon'),
    hint: expect.stringContaining('--data-dir'),
  });

  it('lets one holder in, and the next after its release', () => {
    const first = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(taken);
    first.release();
    first.release();
    lockDataDirectory(directory).release();
  });

  it('is freed by the death of its process, however it dies', async () => {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    const script = `
      const db = require(${JSON.stringify(driver)})(${JSON.stringify(path.join(directory, 'lock.db'))});
      db.exec('BEGIN EXCLUSIVE'); process.stdout.write('held'); setInterval(() => db, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(() => lockDataDirectory(directory)).toThrow(taken);
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockDataDirectory(directory).release();
  });

  it('names a directory that is not there', () => {
    expect(() => lockDataDirectory(path.join(directory, 'none'))).toThrow(
      expect.objectContaining({
        code: 'LogUnusable',
        hint: 'Check that the directory exists, is writable, and that the disk has room.',
      }),
    );
  });
});
