import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataDirectory } from './data-directory';
import { demandLog } from './demand-log';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const refusal = (of: string): unknown => {
  try {
    demandLog(dataDirectory(of));
    return undefined;
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    return { code, message, hint };
  }
};

describe('the log of a data directory', () => {
  it('is well when it can be read', () => {
    writeFileSync(join(folder, 'log.db'), '');
    expect(refusal(folder)).toBeUndefined();
  });

  it('is missed where there is no such folder, no log in it, or a file instead', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const of of [folder, join(folder, 'none'), join(folder, 'file')])
      expect(refusal(of)).toEqual({
        code: 'LogUnusable',
        message: `${of} holds no event log`,
        hint: 'Name the folder of a cluster with --data-dir.',
      });
  });

  it('is not called missing when it only cannot be read', () => {
    symlinkSync('log.db', join(folder, 'log.db'));
    expect(refusal(folder)).toEqual({
      code: 'LogUnusable',
      message: expect.stringMatching(`^the event log of ${folder} cannot be read: ELOOP`) as string,
      hint: 'Be the user whose cluster it is, or name another folder with --data-dir.',
    });
  });
});
