import { StorageError } from '@reckon/store/contract';
import { findProblems } from './check-log';

const restore =
  'Nothing was changed. Restore the data directory from a copy, or start with another one; `reckon check` lists everything that is wrong.';

export function unusable(file: string, why: string, hint = restore): StorageError {
  return new StorageError('LogUnusable', `${file} cannot be used: ${why}`, { hint, data: { file } });
}

/** Looks through the whole file for the first bad revision: slow, but then nothing else is left to do. */
export function damaged(file: string, seenAt: number | undefined, why: string): StorageError {
  const first = findProblems(file, { atMost: 1 }).problems[0] ?? { revision: seenAt ?? 0, problem: why };
  const place = first.revision === 0 ? '' : `, first bad revision ${first.revision}`;
  return new StorageError('LogUnusable', `${file} is damaged${place}: ${first.problem}`, {
    hint: restore,
    data: { file, revision: first.revision },
  });
}
