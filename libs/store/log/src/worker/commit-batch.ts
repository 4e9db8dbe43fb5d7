import { failpoint } from '@reckon/kernel';
import type { StorageError } from '@reckon/store/contract';
import type { Database } from 'better-sqlite3';
import { numbersPerEntry, verbs } from '../batch';
import type { BatchMessage } from '../batch';
import { checksum, whoChecksum } from '../checksum';
import { logWriteFailed, isKnownNotWritten } from '../sqlite-failure';
import { notNewest } from '../log-error';
import type { EntrySealer } from '../encryption/entry-sealer';
import type { CommitPhase } from '../sqlite-failure';
import type { WriterStatements } from '../statements';

export interface Committed {
  readonly committed: number;
  readonly failure?: StorageError;
}

/** Who makes changes: the row, and what it adds to the checksum of an entry. */
interface Maker {
  readonly id: number;
  readonly sum: number;
}

/** Something before it failed; the main thread knows by now which. */
const fallen: Committed = { committed: 0 };

/** An append whose `previous` is not the key's newest: what came is tried again without it and what follows. */
class Misfit extends Error {
  constructor(
    readonly append: number,
    readonly refusal: StorageError,
  ) {
    super(refusal.message);
  }
}

/**
 * Commits batches: one transaction, one fsync for all that came together. Throws only when the outcome is unknown or the file damaged;
 * then the process must stop.
 */
export class BatchCommitter {
  private madeBy: (Maker | undefined)[] = [];
  private who: string[] = [];
  /** A batch of this generation failed: so do those that left before the main thread knew. */
  private failed = -1;

  constructor(
    private readonly db: Database,
    private readonly sql: WriterStatements,
    /** Newest revision in the file. */
    private head: number,
    /** Encrypts what is to be encrypted; undefined: nothing is. */
    private readonly sealer?: EntrySealer,
  ) {}

  /** An answer for each batch, in their order. Only the first of them may have `forgetWho`. */
  commit(batches: readonly BatchMessage[]): readonly Committed[] {
    if (batches[0]?.forgetWho === true) {
      this.madeBy = [];
      this.who = [];
    }
    for (const { newWho } of batches) this.who.push(...newWho);
    const alive = batches.filter(({ generation }) => generation !== this.failed);
    let appends = 0;
    for (const { appendSizes } of alive) appends += appendSizes.length;
    let { committed, failure } = this.commitSound(alive, appends);
    return batches.map(({ generation, appendSizes }) => {
      if (generation === this.failed) return fallen;
      const own = Math.min(appendSizes.length, committed);
      committed -= own;
      if (own === appendSizes.length) return { committed: own };
      this.failed = generation;
      const told = failure;
      failure = undefined;
      return told === undefined ? fallen : { committed: own, failure: told };
    });
  }

  private commitSound(batches: readonly BatchMessage[], appends: number): Committed {
    try {
      return this.attempt(batches, appends);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      // The appends before the misfit are sound and must not suffer for it; revisions after it were promised in vain.
      const { committed, failure } = this.attempt(batches, error.append);
      return { committed, failure: failure ?? error.refusal };
    }
  }

  private attempt(batches: readonly BatchMessage[], appends: number): Committed {
    if (appends === 0) return { committed: 0 };
    let phase: CommitPhase = 'before-commit';
    let newest: number;
    try {
      this.sql.begin.run();
      newest = this.insertAll(batches, appends);
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

  /** The first `appends` of them; answers the newest revision. */
  private insertAll(batches: readonly BatchMessage[], appends: number): number {
    let newest = this.head;
    let before = 0;
    for (const batch of batches) {
      if (before >= appends) break;
      newest = this.insert(batch, Math.min(batch.appendSizes.length, appends - before), newest, before);
      before += batch.appendSizes.length;
    }
    return newest;
  }

  private insert(batch: BatchMessage, appends: number, newest: number, before: number): number {
    const { numbers, keys, requests } = batch;
    const objects = Buffer.from(batch.objects);
    let revision = batch.firstRevision;
    if (revision !== newest + 1) throw new Error(`batch begins at ${revision}, the log ends at ${newest}`);
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
        if (keyId === undefined) throw new Misfit(before + append, notNewest(revision, key, previous));
        const maker = this.maker(numbers[n + 3] ?? 0);
        const sum = checksum({ revision, key, previous, verb, at, request }, object) + maker.sum;
        this.sql.insertEntry.run(revision, keyId, previous, verb, at, maker.id, request, sum, object);
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

  private maker(number: number): Maker {
    const known = this.madeBy[number];
    if (known !== undefined) return known;
    const name = this.who.slice(number * 3, number * 3 + 3);
    const id = (this.sql.whoId.get(name) as number | undefined) ?? Number(this.sql.insertWho.run(name).lastInsertRowid);
    const [actor = '', agent = '', manager = ''] = name;
    const maker = { id, sum: whoChecksum(actor, agent, manager) };
    this.madeBy[number] = maker;
    return maker;
  }

  private rollback(): void {
    // What was interned in this transaction goes with it.
    this.madeBy = [];
    // SQLite may have rolled back by itself (a full disk while it spilled its cache).
    if (this.db.inTransaction) this.sql.rollback.run();
  }
}
