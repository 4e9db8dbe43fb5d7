import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/**
 * Why a file whose length is not that of its pages cannot be what was written, or undefined. SQLite reads zeros for what is missing of
 * the last page, and looks at nothing after it. With a write-ahead log beside it nothing is said: a crash while that was copied back
 * leaves such a file, and it is copied again.
 */
export function wrongLength(db: Database, file: string): string | undefined {
  const sizeOf = (of: string): number => statSync(of, { throwIfNoEntry: false })?.size ?? 0;
  const size = sizeOf(file);
  // Asked after the size: who makes the file longer has written that here first.
  if (sizeOf(`${file}-wal`) > 0) return undefined;
  const pageSize = db.pragma('page_size', { simple: true }) as number;
  if (size % pageSize !== 0) return 'its last page is cut short';
  const pages = db.pragma('page_count', { simple: true }) as number;
  return size > pages * pageSize
    ? `it is ${size - pages * pageSize} bytes longer than the ${pages} pages that are its own: something was added, or its write-ahead log is missing`
    : undefined;
}
