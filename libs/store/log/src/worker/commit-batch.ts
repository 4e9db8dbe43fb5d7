import { failpoint } from '@reckon/kernel';
import type { StorageError } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import { numbersPerEntry, verbs } from '../batch';
import type { BatchMessage } from '../batch';
import { checksum } from '../checksum';
import { logWriteFailed, isKnownNotWritten } from '../sqlite-failure';
import { notNewest } from '../log-error';
import type { EntrySealer } from '../encryption/entry-sealer';
import type { CommitPhase } from '../sqlite-failure';
import type { WriterStatements } from '../statements';

export interface Committed {
  readonly committed: number;
  readonly failure?: StorageError;
}

/** An append whose `previous` is not the key's newest: the batch is tried again without it and what follows. */
class Misfit extends Error {
  constructor(
    readonly append: number,
    readonly refusal: StorageError,
  ) {
    super(refusal.message);
  }
}

/**
 * Commits batches: one transaction, one fsync. Throws only when the outcome is unknown or the file damaged; then the process
 * must stop.
 */
export class BatchCommitter {
  private whoIds: (number | undefined)[] = [];
  private who: string[] = [];

  constructor(
    private readonly db: Database,
    private readonly sql: WriterStatements,
    /** Newest revision in the file. */
    private head: number,
    /** Encrypts what is to be encrypted; undefined: nothing is. */
    private readonly sealer?: EntrySealer,
  ) {}

  commit(batch: BatchMessage): Committed {
    if (batch.forgetWho) {
      this.whoIds = [];
      this.who = [];
    }
    this.who.push(...batch.newWho);
    try {
      return this.attempt(batch, batch.appendSizes.length);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      // The appends before the misfit are sound and must not suffer for it; revisions after it were promised in vain.
      const { committed, failure } = this.attempt(batch, error.append);
      return { committed, failure: failure ?? error.refusal };
    }
  }

  private attempt(batch: BatchMessage, appends: number): Committed {
    if (appends === 0) return { committed: 0 };
    let phase: CommitPhase = 'before-commit';
    let newest: number;
    try {
      this.sql.begin.run();
      newest = this.insert(batch, appends);
      failpoint('log.beforeCommit');
      phase = 'commit';
      this.sql.commit.run();
    } catch (error) {
      this.rollback();
      if (error instanceof Misfit) throw error;
      if (!isKnownNotWritten(error, phase)) throw error;
      return { committed: 0, failure: logWriteFailed(error) };
    }
    this.head = newest;
    failpoint('log.afterCommit');
    return { committed: appends };
  }

  private insert(batch: BatchMessage, appends: number): number {
    const { numbers, keys, requests } = batch;
    const objects = Buffer.from(batch.objects);
    let revision = batch.firstRevision;
    if (revision !== this.head + 1) throw new Error(`batch begins at ${revision}, the log ends at ${this.head}`);
    let offset = 0;
    let i = 0;
    for (let append = 0; append < appends; append++) {
      for (let left = batch.appendSizes[append] ?? 0; left > 0; left--) {
        const n = i * numbersPerEntry;
        const previous = numbers[n] ?? 0;
        const verb = verbs[numbers[n + 1] ?? 0] ?? 'create';
        const at = numbers[n + 2] ?? 0;
        const end = offset + (numbers[n + 4] ?? 0);
        const key = keys[i] ?? '';
        const given = objects.subarray(offset, end);
        const object = this.sealer === undefined ? given : this.sealer.seal(revision, key, given);
        const request = requests[i] ?? '';
        const keyId = this.moveHead(key, verb, previous, revision);
        if (keyId === undefined) throw new Misfit(append, notNewest(revision, key, previous));
        const sum = checksum({ revision, key, previous, verb, at, request }, object);
        this.sql.insertEntry.run(
          revision,
          keyId,
          previous,
          verb,
          at,
          this.whoId(numbers[n + 3] ?? 0),
          request,
          sum,
          object,
        );
        offset = end;
        revision++;
        i++;
      }
    }
    return revision - 1;
  }

  /** Compare-and-swap on the key's newest revision. The key's id, or undefined if `previous` is not the newest. */
  private moveHead(key: string, verb: string, previous: number, revision: number): number | bigint | undefined {
    if (verb === 'create') {
      if (previous !== 0) return undefined;
      const inserted = this.sql.insertKey.run(key);
      const keyId = inserted.changes === 1 ? inserted.lastInsertRowid : (this.sql.keyId.get(key) as number);
      return this.sql.insertHead.run(keyId, revision).changes === 1 ? keyId : undefined;
    }
    const keyId = this.sql.keyId.get(key) as number | undefined;
    if (keyId === undefined || previous === 0) return undefined;
    const moved =
      verb === 'delete' ? this.sql.deleteHead.run(keyId, previous) : this.sql.moveHead.run(revision, keyId, previous);
    return moved.changes === 1 ? keyId : undefined;
  }

  private whoId(number: number): number {
    const known = this.whoIds[number];
    if (known !== undefined) return known;
    const name = this.who.slice(number * 3, number * 3 + 3);
    const id = (this.sql.whoId.get(name) as number | undefined) ?? Number(this.sql.insertWho.run(name).lastInsertRowid);
    this.whoIds[number] = id;
    return id;
  }

  private rollback(): void {
    // What was interned in this transaction goes with it.
    this.whoIds = [];
    // SQLite may have rolled back by itself (a full disk while it spilled its cache).
    if (this.db.inTransaction) this.sql.rollback.run();
  }
}
