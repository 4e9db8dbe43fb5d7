import { StorageError } from '@reckon/store/contract';
import type { Database, Statement } from 'better-sqlite3';
import { dataKeyChecksum, pointedChecksum, pointedPart, rowPart } from '../checksum';
import { once } from '../statements';
import type { WrappingKey } from './encryption-options';
import { type EntryPlace, isSealed, openObject } from './sealed-object';
import { nameOfKey, toldKey, unwrapKey } from './wrapping-key';

/** How many entries each wrapping key has. */
export interface WrappingKeyUse {
  /** As `nameOfKey` makes it. */
  readonly name: string;
  readonly entries: number;
}

/** Keys in use of a file, whether it ever held anything encrypted or not. */
export function wrappingKeyUse(db: Database): readonly WrappingKeyUse[] {
  if (db.prepare(once.isEncrypted).pluck().get() === 0) return [];
  const rows = db.prepare(once.wrappingKeyUse).raw().all() as [name: string, entries: number][];
  return rows.map(([name, entries]) => ({ name, entries }));
}

/** Why an encrypted object could not be read. */
export interface SealProblem {
  readonly problem: string;
  /** The entry is sound as far as can be told; the key is only not here. */
  readonly missingKey?: string;
}

/** Opens what is encrypted in a log, with the keys that it is given; works on any connection. */
export class SealedEntries {
  private readonly byName: ReadonlyMap<string, WrappingKey>;
  /** Prepared with the first sealed entry: a file without any has no such table. */
  private dataKey: Statement | undefined;

  constructor(
    private readonly db: Database,
    private readonly file: string,
    keys: readonly WrappingKey[],
  ) {
    this.byName = new Map(keys.map((key) => [nameOfKey(key), key]));
  }

  knows(name: string): boolean {
    return this.byName.has(name);
  }

  /** The object as it was before it was encrypted; a plain one as it is. Throws `LogUnusable`. */
  open(place: EntryPlace, object: Buffer): Buffer {
    if (!isSealed(object)) return object;
    const opened = this.tryOpen(place, object);
    if (Buffer.isBuffer(opened)) return opened;
    const { problem, missingKey } = opened;
    throw new StorageError('LogUnusable', `${this.file}: revision ${place.revision} (${place.key}): ${problem}`, {
      hint:
        missingKey === undefined
          ? 'Restore the data directory from a copy; `reckon check` lists everything that is wrong.'
          : 'Name a file that holds the key with --encryption-provider-config.',
      data: { file: this.file, revision: place.revision },
    });
  }

  tryOpen(place: EntryPlace, sealed: Buffer): Buffer | SealProblem {
    this.dataKey ??=
      this.db.prepare(once.isEncrypted).pluck().get() === 0 ? undefined : this.db.prepare(once.dataKey).raw();
    const row = this.dataKey?.get(place.revision) as [name: string | null, sum: number, wrapped: Buffer] | undefined;
    if (row === undefined) return { problem: 'it is encrypted and its data key is missing' };
    const [name, sum, wrapped] = row;
    if (name === null) return { problem: 'its data key is wrapped by a key without a name' };
    if (dataKeyChecksum(place.revision, wrapped) !== rowPart(sum))
      return { problem: 'the checksum of its data key does not fit its content' };
    if (pointedPart(sum) !== 0 && pointedPart(sum) !== pointedChecksum(name))
      return { problem: 'the checksum of its data key does not fit the name of the key that wraps it' };
    const key = this.byName.get(name);
    if (key === undefined) return { problem: `it is encrypted with ${toldKey(name)}`, missingKey: name };
    const dataKey = unwrapKey(key, wrapped);
    const object = dataKey === undefined ? undefined : openObject(dataKey, place, sealed);
    return object ?? { problem: `${toldKey(name)} does not open it` };
  }
}

/** Throws `LogUnusable` if entries are encrypted with keys that are not among these. */
export function demandKeys(db: Database, file: string, keys: readonly WrappingKey[] | undefined): void {
  const known = new Set((keys ?? []).map(nameOfKey));
  const missing = wrappingKeyUse(db).filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  const told = missing.map(({ name, entries }) => `${String(entries)} entries with ${toldKey(name)}`);
  throw new StorageError(
    'LogUnusable',
    `${file} holds encrypted entries whose keys are not there: ${told.join(', ')}`,
    {
      hint:
        keys === undefined
          ? 'Name the file of the keys with --encryption-provider-config.'
          : 'Put the keys back into the file of --encryption-provider-config, after the first: once their entries are rewrapped by the first one (`/debug/encryption` tells), they can go.',
      data: { file, missing },
    },
  );
}
