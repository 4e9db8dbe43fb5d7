import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** One row per change: what the floor writes of it. */
export interface FloorRow {
  readonly revision: number;
  readonly key: string;
  readonly previous: number;
  readonly actor: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}

const { file } = workerData as { file: string };
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(
  'CREATE TABLE entries(revision INTEGER PRIMARY KEY, key TEXT, previous INTEGER, actor TEXT, at INTEGER, bytes BLOB) STRICT',
);
const insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)');
const commit = db.transaction((rows: readonly FloorRow[]) => {
  for (const r of rows) insert.run(r.revision, r.key, r.previous, r.actor, r.at, r.bytes);
});

parentPort?.on('message', (rows: readonly FloorRow[]) => {
  commit(rows);
  parentPort?.postMessage(rows.length);
});
parentPort?.postMessage('open');
