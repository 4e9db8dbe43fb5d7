import { describe, expect, it } from 'vitest';
import { isDamage, isKnownNotWritten, logWriteFailed } from './sqlite-failure';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('what a failure of SQLite says about a rolled back batch', () => {
  const table: readonly { readonly code: string; readonly before: boolean; readonly during: boolean }[] = [
    { code: 'SQLITE_FULL', before: true, during: true },
    { code: 'SQLITE_BUSY', before: true, during: true },
    { code: 'SQLITE_BUSY_SNAPSHOT', before: true, during: true },
    { code: 'SQLITE_IOERR_WRITE', before: true, during: true },
    { code: 'SQLITE_TOOBIG', before: true, during: false },
    { code: 'SQLITE_CONSTRAINT_PRIMARYKEY', before: true, during: false },
    { code: 'SQLITE_IOERR_FSYNC', before: false, during: false },
    { code: 'SQLITE_IOERR_DIR_FSYNC', before: false, during: false },
    { code: 'SQLITE_IOERR_SHMSIZE', before: false, during: false },
    { code: 'SQLITE_IOERR_READ', before: false, during: false },
    { code: 'SQLITE_CORRUPT', before: false, during: false },
    { code: 'SQLITE_NOTADB', before: false, during: false },
    { code: 'ERR_SOMETHING', before: true, during: false },
  ];
  for (const { code, before, during } of table)
    it(`${code}: ${before ? 'known' : 'unknown'} before the commit, ${during ? 'known' : 'unknown'} in it`, () => {
      expect(isKnownNotWritten(failure(code), 'before-commit')).toBe(before);
      expect(isKnownNotWritten(failure(code), 'commit')).toBe(during);
    });

  it('tells damage from misfortune', () => {
    expect(
      ['SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'SQLITE_IOERR_READ', 'x'].map((code) => isDamage(failure(code))),
    ).toEqual([true, true, false, false]);
  });

  it('tells a person to make room', () => {
    expect(logWriteFailed(failure('SQLITE_FULL'))).toMatchObject({
      code: 'LogWriteFailed',
      message: 'the disk is full',
      hint: 'Free disk space; writes work again as soon as there is room.',
    });
    expect(logWriteFailed(failure('SQLITE_BUSY')).message).toBe('the log could not be written');
  });
});
