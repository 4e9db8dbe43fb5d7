import { checksum, pointedPart, rowPart, whoChecksum } from './checksum';
import type { EntryRow } from './packed-rows';

/** A row of an entry as it may be found in a damaged file, whatever else was selected with it. */
export type FoundRow = readonly [...EntryRow, ...unknown[]];

/** What no insert can have left: a column without a value of its type. Where a page ends too early, SQLite reads zeros. */
export function isTorn(row: FoundRow): boolean {
  const [revision, , previous, verb, at, , , , request, sum, object] = row;
  const numbers: readonly unknown[] = [revision, previous, at, sum];
  return (
    numbers.some((value) => typeof value !== 'number') ||
    typeof verb !== 'string' ||
    typeof request !== 'string' ||
    !Buffer.isBuffer(object)
  );
}

/** Why an entry is not as it was written, by its own row and what that points to; undefined: it is. */
export function problemOfRow(row: FoundRow): string | undefined {
  const [revision, key, previous, verb, at, actor, agent, manager, request, sum, object] = row;
  if (typeof key !== 'string') return 'its key is missing';
  if (typeof actor !== 'string' || typeof agent !== 'string' || typeof manager !== 'string')
    return 'who made it is missing';
  if (checksum({ revision, key, previous, verb, at, request }, object) !== rowPart(sum)) return misfit;
  // Of an entry that was written before there was such a part nobody can tell.
  return pointedPart(sum) === 0 || pointedPart(sum) === whoChecksum(actor, agent, manager)
    ? undefined
    : 'its checksum does not fit who made it';
}

/** What `isTorn` found. */
export const tornRow = 'cannot be read: its page is torn';

export const misfit = 'its checksum does not fit its content';
