import type { Database, Statement } from 'better-sqlite3';

/** Marks the file as ours (`PRAGMA application_id`): "RECK". */
export const applicationId = 0x5245434b;

/** `PRAGMA user_version`. A newer one is refused; a change of tables, or of what is in them, raises it. */
export const formatVersion = 4;
/** A log that never held anything encrypted: without `encryptionSchema`. */
export const plainFormatVersion = 3;
/**
 * From here on checksums cover what a row points to, and `meta` has one of itself and the floors. The formats 1 (plain) and 2 are read as
 * they are; who writes raises them, and leaves their rows as they are.
 */
export const firstFormatWithPointed = 3;
/** Formats come in pairs, without and with `encryptionSchema`. */
export const isEncryptedFormat = (version: number): boolean => version % 2 === 0;

/**
 * The tables. `entries` is the log and the only truth; `object` comes last so that the other columns of a large row are read
 * without its overflow pages. `check_sum` covers the row, its key and who made it (see `checksum.ts`), that of `meta` the
 * id and the floors, since SQLite checks none of its pages.
 * A `ledger` range ends where a kept entry stands, so the ledger never has more rows than `entries`.
 */
export const schema: Readonly<Record<string, string>> = {
  entries: `CREATE TABLE entries (
  revision INTEGER PRIMARY KEY,
  key_id INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  verb TEXT NOT NULL CHECK (verb IN ('create', 'update', 'delete')),
  at INTEGER NOT NULL,
  who_id INTEGER NOT NULL,
  request TEXT NOT NULL,
  check_sum INTEGER NOT NULL,
  object BLOB NOT NULL
) STRICT`,
  entries_by_key: `CREATE INDEX entries_by_key ON entries (key_id, revision)`,
  keys: `CREATE TABLE keys (key_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT`,
  heads: `CREATE TABLE heads (key_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT`,
  who: `CREATE TABLE who (
  who_id INTEGER PRIMARY KEY,
  actor TEXT NOT NULL,
  agent TEXT NOT NULL,
  manager TEXT NOT NULL,
  UNIQUE (actor, agent, manager)
) STRICT`,
  ledger: `CREATE TABLE ledger (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT`,
  floors: `CREATE TABLE floors (prefix TEXT PRIMARY KEY, floor INTEGER NOT NULL) STRICT`,
  meta: `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
  entries_are_final: `CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END`,
  entries_stay: `CREATE TRIGGER entries_stay BEFORE DELETE ON entries
WHEN coalesce((SELECT last FROM ledger WHERE first <= OLD.revision ORDER BY first DESC LIMIT 1), 0) < OLD.revision
BEGIN SELECT RAISE(ABORT, 'an entry goes only when the ledger says so'); END`,
};

/**
 * Added when encryption at rest is first switched on. An encrypted entry stays as it was written, for ever; its own key lies here, wrapped
 * by a configured key that has its name in `wrapping_keys`. A rotation rewrites these rows, compaction removes them with their entries.
 */
export const encryptionSchema: Readonly<Record<string, string>> = {
  wrapping_keys: `CREATE TABLE wrapping_keys (wrapping_key_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT`,
  data_keys: `CREATE TABLE data_keys (
  revision INTEGER PRIMARY KEY,
  wrapping_key_id INTEGER NOT NULL,
  check_sum INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT`,
  data_keys_by_wrapping_key: `CREATE INDEX data_keys_by_wrapping_key ON data_keys (wrapping_key_id)`,
};

/** Before the first table: the page size is fixed at birth. */
export const birthPragmas: readonly string[] = [
  // Three objects of the usual 2.6 KB fit a page of 8 KiB, one fits 4 KiB; larger pages make each small change dearer in the WAL.
  'page_size = 8192',
];

const everyConnection: readonly string[] = [
  // Nothing in a database file from elsewhere may run functions behind our back.
  'trusted_schema = OFF',
  // Sorts stay in memory: a temporary file would be one more thing that a full disk breaks.
  'temp_store = MEMORY',
  // A damaged cell is reported as corruption instead of being read as something else.
  'cell_size_check = ON',
];

export const writerPragmas: readonly string[] = [
  ...everyConnection,
  // Readers never wait for the writer nor it for them; a commit is one sequential write and one fsync.
  'journal_mode = WAL',
  // Every commit is fsynced. better-sqlite3 is compiled with NORMAL for WAL, which acknowledges before.
  'synchronous = FULL',
  // REPLACE would go around the triggers without this.
  'recursive_triggers = ON',
  // A commit that makes the WAL this long (pages, 8 MiB) copies it back and pays for it: under 10 ms on an SSD, where four times
  // as much stalls 30 ms and writes no faster. The writer does it earlier when it is idle.
  'wal_autocheckpoint = 1000',
  // A WAL that a long read let grow is cut back to this.
  'journal_size_limit = 67108864',
  // Index pages of recent keys; the rest is the kernel's.
  'cache_size = -16000',
  ...(process.platform === 'darwin'
    ? [
        // fsync on macOS leaves data in the drive's cache; these ask for F_FULLFSYNC, on commit and on checkpoint.
        'fullfsync = ON',
        'checkpoint_fullfsync = ON',
      ]
    : []),
];

/** Of a writer that encrypts. */
export const encryptingPragmas: readonly string[] = [
  // What is deleted is overwritten: plain entries of before, and data keys as they were wrapped before a rotation.
  'secure_delete = ON',
];

export const readerPragmas: readonly string[] = [
  ...everyConnection,
  // A reader that writes is a bug.
  'query_only = ON',
  'cache_size = -4000',
];

/** All that the writer asks for, prepared once. */
export function writerStatements(db: Database): Readonly<Record<WriterStatement, Statement>> {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    keyId: db.prepare('SELECT key_id FROM keys WHERE key = ?').pluck(),
    insertKey: db.prepare('INSERT INTO keys (key) VALUES (?) ON CONFLICT DO NOTHING'),
    insertEntry: db.prepare(
      `INSERT INTO entries (revision, key_id, previous, verb, at, who_id, request, check_sum, object)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertHead: db.prepare('INSERT INTO heads (key_id, revision) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    moveHead: db.prepare('UPDATE heads SET revision = ? WHERE key_id = ? AND revision = ?'),
    deleteHead: db.prepare('DELETE FROM heads WHERE key_id = ? AND revision = ?'),
    whoId: db.prepare('SELECT who_id FROM who WHERE actor = ? AND agent = ? AND manager = ?').pluck(),
    insertWho: db.prepare('INSERT INTO who (actor, agent, manager) VALUES (?, ?, ?)'),
    headsAfter: db
      .prepare(
        `SELECT h.key_id, k.key, e.revision, e.previous, e.verb, e.at, e.request, e.check_sum, e.object, h.revision
         FROM heads h LEFT JOIN keys k USING (key_id) LEFT JOIN entries e ON e.revision = h.revision AND e.key_id = h.key_id
         WHERE h.key_id > ? ORDER BY h.key_id`,
      )
      .raw(),
    raiseFloor: db.prepare(
      'INSERT INTO floors (prefix, floor) VALUES (?, ?) ON CONFLICT DO UPDATE SET floor = max(floor, excluded.floor)',
    ),
    keysFrom: db.prepare('SELECT key_id, key FROM keys WHERE key >= ? AND key < ? ORDER BY key LIMIT ?').raw(),
    versionsUpTo: db
      .prepare('SELECT revision FROM entries WHERE key_id = ? AND revision <= ? ORDER BY revision LIMIT ?')
      .pluck(),
    verbOf: db.prepare('SELECT verb FROM entries WHERE revision = ?').pluck(),
    deleteEntry: db.prepare('DELETE FROM entries WHERE revision = ?'),
    deleteUnusedKey: db.prepare(
      'DELETE FROM keys WHERE key_id = ? AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.key_id = keys.key_id)',
    ),
    ledgerEndingAt: db
      .prepare(
        'SELECT first FROM (SELECT first, last FROM ledger WHERE first <= ? ORDER BY first DESC LIMIT 1) WHERE last = ?',
      )
      .pluck(),
    ledgerStartingAt: db.prepare('SELECT last FROM ledger WHERE first = ?').pluck(),
    putLedger: db.prepare(
      'INSERT INTO ledger (first, last) VALUES (?, ?) ON CONFLICT DO UPDATE SET last = excluded.last',
    ),
    deleteLedger: db.prepare('DELETE FROM ledger WHERE first = ?'),
  };
}

type WriterStatement =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'keyId'
  | 'insertKey'
  | 'insertEntry'
  | 'insertHead'
  | 'moveHead'
  | 'deleteHead'
  | 'whoId'
  | 'insertWho'
  | 'headsAfter'
  | 'raiseFloor'
  | 'keysFrom'
  | 'versionsUpTo'
  | 'verbOf'
  | 'deleteEntry'
  | 'deleteUnusedKey'
  | 'ledgerEndingAt'
  | 'ledgerStartingAt'
  | 'putLedger'
  | 'deleteLedger';

export type WriterStatements = ReturnType<typeof writerStatements>;

const entryColumns = `e.revision, k.key, e.previous, e.verb, e.at, w.actor, w.agent, w.manager, e.request, e.check_sum, e.object`;
const entrySources = `LEFT JOIN keys k USING (key_id) LEFT JOIN who w USING (who_id)`;

/** All that the reader thread asks for. */
export function readerStatements(db: Database): Readonly<Record<ReaderStatement, Statement>> {
  return {
    /** Every entry after the one and up to the other revision. */
    entriesBetween: db
      .prepare(
        `SELECT ${entryColumns} FROM entries e ${entrySources} WHERE e.revision > ? AND e.revision <= ? ORDER BY e.revision`,
      )
      .raw(),
    /** Entries so bounded whose key is in [from, to), found by walking the revisions: for prefixes with many keys. */
    entriesBetweenOfPrefix: db
      .prepare(
        `SELECT ${entryColumns} FROM entries e CROSS JOIN keys k USING (key_id) LEFT JOIN who w USING (who_id)
         WHERE e.revision > ? AND e.revision <= ? AND k.key >= ? AND k.key < ? ORDER BY e.revision`,
      )
      .raw(),
    /** The same, found by walking the keys: for prefixes with few. */
    entriesOfFewKeys: db
      .prepare(
        `SELECT ${entryColumns} FROM (
           SELECT x.revision FROM keys f CROSS JOIN entries x INDEXED BY entries_by_key
           ON x.key_id = f.key_id AND x.revision > ? AND x.revision <= ?
           WHERE f.key >= ? AND f.key < ?) found
         CROSS JOIN entries e ON e.revision = found.revision ${entrySources} ORDER BY e.revision`,
      )
      .raw(),
    countKeys: db.prepare('SELECT count(*) FROM (SELECT 1 FROM keys WHERE key >= ? AND key < ? LIMIT ?)').pluck(),
    /** State at a revision of the keys in [from, to). */
    stateAt: db
      .prepare(
        `SELECT e.revision, k.key, e.previous, e.verb, e.at, '', '', '', e.request, e.check_sum, e.object
         FROM keys k CROSS JOIN entries e ON e.revision =
           (SELECT max(v.revision) FROM entries v INDEXED BY entries_by_key WHERE v.key_id = k.key_id AND v.revision <= ?)
         WHERE k.key >= ? AND k.key < ? AND e.verb <> 'delete' ORDER BY k.key`,
      )
      .raw(),
    newestUpTo: db.prepare('SELECT revision, at FROM entries WHERE revision <= ? ORDER BY revision DESC LIMIT 1').raw(),
  };
}

/** What a writer of encrypted entries asks. */
export function dataKeyStatements(db: Database): Readonly<Record<DataKeyStatement, Statement>> {
  return {
    insertWrappingKey: db.prepare('INSERT INTO wrapping_keys (name) VALUES (?) ON CONFLICT DO NOTHING'),
    wrappingKeys: db.prepare('SELECT wrapping_key_id, name FROM wrapping_keys').raw(),
    deleteUnusedWrappingKey: db.prepare(
      'DELETE FROM wrapping_keys WHERE name = ? AND wrapping_key_id NOT IN (SELECT wrapping_key_id FROM data_keys)',
    ),
    insertDataKey: db.prepare(
      'INSERT INTO data_keys (revision, wrapping_key_id, check_sum, wrapped) VALUES (?, ?, ?, ?)',
    ),
    rewrapDataKey: db.prepare(
      'UPDATE data_keys SET wrapping_key_id = ?, check_sum = ?, wrapped = ? WHERE revision = ?',
    ),
    deleteDataKey: db.prepare('DELETE FROM data_keys WHERE revision = ?'),
    hasDataKey: db.prepare('SELECT 1 FROM data_keys WHERE revision = ?'),
    /** Of the entries after a revision, those whose data key one wrapping key has. */
    wrappedBy: db
      .prepare(
        `SELECT d.revision, k.key, d.wrapped FROM data_keys d INDEXED BY data_keys_by_wrapping_key
         JOIN entries e ON e.revision = d.revision JOIN keys k ON k.key_id = e.key_id
         WHERE d.wrapping_key_id = ? AND d.revision > ? ORDER BY d.revision LIMIT ?`,
      )
      .raw(),
  };
}

type DataKeyStatement =
  | 'insertWrappingKey'
  | 'wrappingKeys'
  | 'deleteUnusedWrappingKey'
  | 'insertDataKey'
  | 'rewrapDataKey'
  | 'deleteDataKey'
  | 'hasDataKey'
  | 'wrappedBy';

export type DataKeyStatements = ReturnType<typeof dataKeyStatements>;

type ReaderStatement =
  'entriesBetween' | 'entriesBetweenOfPrefix' | 'entriesOfFewKeys' | 'countKeys' | 'stateAt' | 'newestUpTo';

export type ReaderStatements = ReturnType<typeof readerStatements>;

/** What `openDatabase` and `checkLog` ask once. */
export const once = {
  schema: `SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'`,
  newest: 'SELECT revision, at FROM entries ORDER BY revision DESC LIMIT 1',
  newestLedger: 'SELECT max(last) FROM ledger',
  newestHead: 'SELECT max(revision) FROM heads',
  id: `SELECT value FROM meta WHERE name = 'id'`,
  floors: 'SELECT prefix, floor FROM floors ORDER BY prefix',
  metaSum: `SELECT value FROM meta WHERE name = 'check_sum'`,
  putMetaSum: `INSERT INTO meta (name, value) VALUES ('check_sum', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
  insertId: `INSERT INTO meta (name, value) VALUES ('id', ?)`,
  allEntries: `SELECT ${entryColumns}, e.key_id FROM entries e ${entrySources} WHERE e.revision > ? ORDER BY e.revision`,
  allHeads: 'SELECT key_id, revision FROM heads ORDER BY key_id',
  ledger: 'SELECT first, last FROM ledger ORDER BY first',
  /** Where the ledger's range ends that begins at a revision or before it. */
  rangeAt: 'SELECT last FROM ledger WHERE first <= ? ORDER BY first DESC LIMIT 1',
  isEncrypted: `SELECT count(*) FROM sqlite_schema WHERE name = 'data_keys'`,
  wrappingKeyUse: `SELECT w.name, count(*) FROM data_keys d JOIN wrapping_keys w USING (wrapping_key_id) GROUP BY w.name ORDER BY w.name`,
  dataKey: `SELECT w.name, d.check_sum, d.wrapped FROM data_keys d LEFT JOIN wrapping_keys w USING (wrapping_key_id) WHERE d.revision = ?`,
  strayDataKeys: `SELECT d.revision FROM data_keys d LEFT JOIN entries e USING (revision) WHERE e.revision IS NULL ORDER BY d.revision LIMIT ?`,
} as const;
