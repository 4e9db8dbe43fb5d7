import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { firstFormatWithPointed, once } from './statements';

/** Makes the checksum of the log's id and floors fit them: in the transaction that changes them. */
export function putMetaChecksum(db: Database): void {
  db.prepare(once.putMetaSum).run(String(sumOf(db)));
}

/** Why the log's id and floors are not what was written; undefined: they are. Within a transaction, if others write. */
export function metaProblem(db: Database): string | undefined {
  const found = db.prepare(once.metaSum).pluck().get() as string | undefined;
  const isDue = (db.pragma('user_version', { simple: true }) as number) >= firstFormatWithPointed;
  if (found === undefined) return isDue ? 'the checksum of its id and its floors is missing' : undefined;
  if (!isDue) return 'its format is older than what is in it';
  return found === String(sumOf(db)) ? undefined : 'its id and its floors do not fit their checksum';
}

const sumOf = (db: Database): number =>
  crc32(JSON.stringify([db.prepare(once.id).pluck().get(), db.prepare(once.floors).raw().all()]));
