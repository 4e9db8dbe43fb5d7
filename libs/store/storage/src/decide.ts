import { keyText, StorageError } from '@reckon/store/contract';
import type { Change, Revision, StoredObject } from '@reckon/store/contract';

/**
 * Compare-and-swap: throws Exists, NotFound or Conflict if the newest state of the key, in flight or not, is not the one that the
 * change was decided upon.
 */
export function demandPrevious(change: Change, newest: StoredObject | undefined): void {
  if (change.verb === 'create') {
    if (newest === undefined) return;
    throw new StorageError('Exists', `key exists: ${keyText(change.key)}`, { data: about(change, newest.revision) });
  }
  if (newest === undefined)
    throw new StorageError('NotFound', `key not found: ${keyText(change.key)}`, { data: about(change, 0) });
  if (newest.revision === change.previous) return;
  throw new StorageError(
    'Conflict',
    `${keyText(change.key)} is at revision ${String(newest.revision)}, not ${String(change.previous)}`,
    { data: about(change, newest.revision) },
  );
}

/** Two changes of one key cannot stand in one batch: the second cannot know the revision of the first. */
export function demandDistinct(changes: readonly Change[], texts: readonly string[]): void {
  if (texts.length < 2 || new Set(texts).size === texts.length) return;
  const double = changes.find((_, i) => texts.indexOf(texts[i] ?? '') !== i);
  if (double === undefined) return;
  throw new StorageError('Conflict', `${keyText(double.key)} is changed twice in one batch`, {
    data: about(double, 0),
  });
}

function about(change: Change, newest: Revision | 0): Record<string, unknown> {
  return { key: keyText(change.key), expected: change.previous, newest };
}
