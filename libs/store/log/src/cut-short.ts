import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/**
 * Why a file whose last page is not whole cannot be all there, or undefined. SQLite reads zeros for what is missing of it. With a
 * write-ahead log beside it nothing is said: a crash while that was copied back leaves such a file, and it is copied again.
 */
export function cutShort(db: Database, file: string): string | undefined {
  const sizeOf = (of: string): number => statSync(of, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeOf(`${file}-wal`) > 0) return undefined;
  return sizeOf(file) % (db.pragma('page_size', { simple: true }) as number) === 0
    ? undefined
    : 'its last page is cut short';
}
