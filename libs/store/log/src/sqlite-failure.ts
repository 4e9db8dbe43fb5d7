import { StorageError } from '@reckon/store/contract';

/** Where a batch was when SQLite failed. */
export type CommitPhase = 'before-commit' | 'commit';

/** SQLite's extended result code (`SQLITE_FULL`, `SQLITE_IOERR_FSYNC`), or undefined if it is not SQLite's error. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/**
 * True if a rolled back batch is certainly not in the log. Before COMMIT no frame of it is valid, whatever failed; but a disk
 * that returns I/O errors or a corrupt page must not be written on. During COMMIT only failures to *write* are known: the
 * commit frame is written last, and without it the others do not count. A failed fsync says nothing, and neither does a
 * failure of the shared index, which comes after the frames.
 */
export function isKnownNotWritten(error: unknown, phase: CommitPhase): boolean {
  const code = sqliteCode(error);
  if (code === undefined) return phase === 'before-commit';
  if (/^SQLITE_(FULL|BUSY|IOERR_WRITE$)/.test(code)) return true;
  return phase === 'before-commit' && !isDamage(error) && !code.startsWith('SQLITE_IOERR');
}

/** The file itself is at fault, not this use of it. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

export function logWriteFailed(error: unknown): StorageError {
  const code = sqliteCode(error);
  const isFull = code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE';
  return new StorageError('LogWriteFailed', isFull ? 'the disk is full' : 'the log could not be written', {
    hint: isFull ? 'Free disk space; writes work again as soon as there is room.' : 'Try again.',
    data: { cause: code ?? (error instanceof Error ? error.message : String(error)) },
  });
}
