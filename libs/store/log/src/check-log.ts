import { existsSync } from 'node:fs';
import { noRevision, StorageError } from '@reckon/store/contract';
import type { CheckReport, Revision, Verb } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { isTorn, problemOfRow, tornRow } from './check-row';
import { pointedPart } from './checksum';
import { wrongLength } from './wrong-length';
import type { WrappingKey } from './encryption/encryption-options';
import { isSealed } from './encryption/sealed-object';
import { SealedEntries } from './encryption/sealed-entries';
import { toldKey } from './encryption/wrapping-key';
import { metaProblem } from './meta-checksum';
import type { EntryRow } from './packed-rows';
import { schemaDifference } from './schema-difference';
import { sqliteCode } from './sqlite-failure';
import { applicationId, formatVersion, once } from './statements';

type Problem = CheckReport['problems'][number];

/** What `checkLog` found. */
export interface LogCheck extends CheckReport {
  /**
   * Encrypted entries whose key was not given, by the name of the key as a person reads it: their checksums and their places were
   * proved, not what is in them. Absent if there are none.
   */
  readonly unread?: readonly { readonly key: string; readonly entries: number }[];
}

/**
 * Proves a log offline (it only reads, so it may also look at one in use): dense but for the ledger's ranges, chains of
 * `previous`, heads equal to the newest entries, each object stamped with its revision, time never going back, checksums,
 * triggers and tables, its id and floors, each encrypted entry with its data key, SQLite's own integrity. Reports at most a hundred problems, in order of
 * revision, then those of the file as a whole.
 */
export async function checkLog(
  file: string,
  options: { readonly keys?: readonly WrappingKey[] } = {},
): Promise<LogCheck> {
  if (!existsSync(file))
    throw new StorageError('LogUnusable', `${file} does not exist`, {
      hint: 'Name the log.db of a data directory.',
      data: { file },
    });
  return findProblems(file, { atMost: 100, ...options });
}

export function findProblems(
  file: string,
  options: { readonly atMost: number; readonly keys?: readonly WrappingKey[] },
): LogCheck {
  const found = new Findings(options.atMost);
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    // A file shorter than its header says is otherwise refused as a whole; the rest of it can still be read.
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    inspectIdentity(db, found);
    // One transaction: everything is compared within one state even if the log is in use.
    db.exec('BEGIN');
    if (!found.isFull) inspectEntries(db, found, new SealedEntries(db, file, options.keys ?? []));
    if (!found.isFull) inspectDataKeys(db, found);
  } catch (error) {
    if (!(error instanceof EnoughFound)) found.addFailure(found.nextRevision, error);
  }
  for (const inspect of [inspectMeta, inspectFile])
    try {
      if (db !== undefined && !found.isFull) inspect(db, found, file);
    } catch (error) {
      if (!(error instanceof EnoughFound)) found.addFailure(noRevision, error);
    }
  db?.close();
  return found.report();
}

class EnoughFound extends Error {}

class Findings {
  private readonly problems: Problem[] = [];
  private readonly unread = new Map<string, number>();
  entries = 0;
  /** Newest revision that could be read. */
  lastRead = 0;
  /** The first one after it that should be there; undefined: there is no ledger that says so. */
  nextRetained: ((after: number) => number) | undefined;

  constructor(private readonly atMost: number) {}

  get nextRevision(): number {
    return this.nextRetained?.(this.lastRead) ?? this.lastRead + 1;
  }

  get isFull(): boolean {
    return this.problems.length >= this.atMost;
  }

  add(revision: number, problem: string): void {
    this.problems.push({ revision: revision as Revision, problem });
    if (this.isFull) throw new EnoughFound();
  }

  /** A page that cannot be read; anything that is not SQLite's is ours and goes on. */
  addFailure(revision: number, error: unknown): void {
    if (sqliteCode(error) === undefined || !(error instanceof Error)) throw error;
    if (!this.isFull)
      this.problems.push({ revision: revision as Revision, problem: `cannot be read: ${error.message}` });
  }

  /** An encrypted entry whose key is not there. */
  addUnread(key: string): void {
    this.unread.set(key, (this.unread.get(key) ?? 0) + 1);
  }

  report(): LogCheck {
    const place = ({ revision }: Problem): number => (revision === noRevision ? Infinity : revision);
    // Equal first: two of the file as a whole have no difference that is a number.
    const problems = this.problems.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
    const unread = [...this.unread].map(([key, entries]) => ({ key: toldKey(key), entries }));
    return {
      entries: this.entries,
      head: this.lastRead as Revision,
      problems,
      ...(unread.length === 0 ? {} : { unread }),
    };
  }
}

/** Problems of the file as a whole are of revision 0. */
function inspectIdentity(db: Database.Database, found: Findings): void {
  const application = db.pragma('application_id', { simple: true });
  if (application !== applicationId) {
    found.add(noRevision, 'it is not a log of Reckon');
    throw new EnoughFound();
  }
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version < 1) found.add(noRevision, `there is no format ${version}`);
  if (version > formatVersion) {
    found.add(noRevision, `it was written by a newer Reckon (format ${version})`);
    throw new EnoughFound();
  }
  const difference = schemaDifference(db.prepare(once.schema).all() as { name: string; sql: string | null }[], version);
  if (difference !== undefined) found.add(noRevision, difference);
}

type Row = readonly [...EntryRow, keyId: number];

interface Version {
  readonly revision: number;
  readonly verb: Verb;
}

function inspectEntries(db: Database.Database, found: Findings, sealed: SealedEntries): void {
  const ledger = new Ledger(db);
  found.nextRetained = (after) => ledger.firstMissing(after + 1, Infinity) ?? after + 1;
  const newest = new Map<number, Version>();
  let at = 0;
  /** An entry has been met whose checksum covers who made it: those before it may be of an older format, none after it. */
  let coversWho = false;
  /** Rows have been met since the last whole one that are none: where a page ends too early, SQLite reads zeros. */
  let hasTorn = false;
  for (const row of db.prepare(once.allEntries).raw().iterate(0) as IterableIterator<Row>) {
    const [revision, , , verb, time, , , , , sum, , keyId] = row;
    if (isTorn(row) || typeof keyId !== 'number' || revision <= found.lastRead) {
      hasTorn = true;
      continue;
    }
    const missing = ledger.firstMissing(found.lastRead + 1, revision);
    const problem =
      (ledger.has(revision) ? 'it is there although the ledger says it was removed' : undefined) ??
      problemOfChain(row, newest.get(keyId), ledger) ??
      (time < at ? `its time ${time} is before ${at} of an entry before it` : undefined) ??
      problemOfRow(row) ??
      (coversWho && pointedPart(sum) === 0
        ? 'its checksum does not cover who made it, as one before it does'
        : undefined) ??
      problemOfObject(row, sealed, found);
    newest.set(keyId, { revision, verb });
    at = Math.max(at, time);
    coversWho ||= pointedPart(sum) > 0;
    found.entries++;
    found.lastRead = revision;
    if (missing !== undefined) found.add(missing, hasTorn ? tornRow : 'it is missing and not in the ledger');
    hasTorn = false;
    if (problem !== undefined) found.add(revision, problem);
  }
  if (hasTorn) found.add(found.nextRevision, tornRow);
  else if (ledger.last >= found.lastRead && ledger.last > 0)
    found.add(found.lastRead + 1, 'the newest entries are missing');
  inspectHeads(db, newest, found);
}

function problemOfChain([, , previous, verb]: Row, before: Version | undefined, ledger: Ledger): string | undefined {
  const isLive = before !== undefined && before.verb !== 'delete';
  if (verb === 'create') {
    if (previous !== 0) return `it creates a key, but names the entry ${previous} before it`;
    return isLive ? `it creates a key that is live since ${before.revision}` : undefined;
  }
  if (isLive)
    return previous === before.revision
      ? undefined
      : `it follows ${previous}, but ${before.revision} is its key's newest`;
  if (before !== undefined) return `it changes a key that was deleted at ${before.revision}`;
  return ledger.has(previous) ? undefined : `it follows ${previous}, which is neither there nor in the ledger`;
}

function problemOfObject(row: Row, sealed: SealedEntries, found: Findings): string | undefined {
  const [revision, key, , , , , , , , , stored] = row;
  const object = isSealed(stored) ? sealed.tryOpen({ revision, key: key ?? '' }, stored) : stored;
  if (!Buffer.isBuffer(object)) {
    if (object.missingKey === undefined) return object.problem;
    found.addUnread(object.missingKey);
    return undefined;
  }
  return stampOf(object) === String(revision)
    ? undefined
    : `its object is stamped ${stampOf(object) ?? 'with nothing'}`;
}

/** `metadata.resourceVersion` of an object, or undefined if it is no such JSON. */
function stampOf(object: Buffer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(object.toString());
    if (typeof parsed !== 'object' || parsed === null || !('metadata' in parsed)) return undefined;
    const { metadata } = parsed;
    if (typeof metadata !== 'object' || metadata === null || !('resourceVersion' in metadata)) return undefined;
    return typeof metadata.resourceVersion === 'string' ? metadata.resourceVersion : undefined;
  } catch {
    return undefined; // Not JSON: reported as an object without a stamp.
  }
}

function inspectHeads(db: Database.Database, newest: ReadonlyMap<number, Version>, found: Findings): void {
  const missing = new Map<number, number>();
  for (const [keyId, { revision, verb }] of newest) if (verb !== 'delete') missing.set(keyId, revision);
  for (const [keyId, revision] of db.prepare(once.allHeads).raw().iterate() as IterableIterator<[number, number]>) {
    const expected = missing.get(keyId);
    missing.delete(keyId);
    if (expected !== revision)
      found.add(revision, `the head of key ${keyId} points to it instead of ${expected ?? 'nothing'}`);
  }
  for (const revision of missing.values()) found.add(revision, 'it is the newest of a live key without a head');
}

/** A data key without its entry: compaction removes both at once. */
function inspectDataKeys(db: Database.Database, found: Findings): void {
  if (db.prepare(once.isEncrypted).pluck().get() === 0) return;
  for (const revision of db.prepare(once.strayDataKeys).pluck().all(100) as number[])
    found.add(revision, 'it has a data key, but there is no such entry');
}

function inspectMeta(db: Database.Database, found: Findings): void {
  const problem = metaProblem(db);
  if (problem !== undefined) found.add(noRevision, problem);
}

/** SQLite stops looking after so many. */
const mostFaults = 20;

/** In one line: a fault of SQLite's is of a page, which says nothing to a person. */
function inspectFile(db: Database.Database, found: Findings, file: string): void {
  const length = wrongLength(db, file);
  if (length !== undefined) found.add(noRevision, length);
  const texts = (db.pragma(`integrity_check(${mostFaults})`) as { integrity_check: string }[]).flatMap(
    ({ integrity_check: text }) => text.split('\n').filter((line) => line !== 'ok' && !line.startsWith('***')),
  );
  const [first] = texts;
  if (first === undefined) return;
  const count = texts.length >= mostFaults ? `${mostFaults} faults or more` : `${texts.length} fault(s)`;
  found.add(noRevision, `SQLite finds ${count} in the file, the first: ${first}`);
}

/** Ranges of removed revisions, in order and never touching each other. */
class Ledger {
  private readonly ranges: readonly (readonly [first: number, last: number])[];

  constructor(db: Database.Database) {
    this.ranges = db.prepare(once.ledger).raw().all() as [number, number][];
  }

  get last(): number {
    return this.ranges.at(-1)?.[1] ?? 0;
  }

  has(revision: number): boolean {
    return this.rangeAt(revision) !== undefined;
  }

  /** The first revision of [from, to) that is not in a range. */
  firstMissing(from: number, to: number): number | undefined {
    let at = from;
    for (let range = this.rangeAt(at); at < to && range !== undefined; range = this.rangeAt(at)) at = range[1] + 1;
    return at < to ? at : undefined;
  }

  private rangeAt(revision: number): readonly [number, number] | undefined {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle]?.[1] ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    const range = this.ranges[low];
    return range !== undefined && range[0] <= revision ? range : undefined;
  }
}
