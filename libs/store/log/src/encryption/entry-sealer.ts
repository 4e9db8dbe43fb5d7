import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { dataKeyChecksum, pointedChecksum } from '../checksum';
import { dataKeyStatements } from '../statements';
import type { DataKeyStatements } from '../statements';
import { type EncryptionOptions, type WrappingKey, writeKeys } from './encryption-options';
import { dataKeyBytes, sealObject } from './sealed-object';
import { nameOfKey, wrapKey } from './wrapping-key';

/** A key in use: its number, and what its name adds to the checksum of a data key. */
export interface Wrapping {
  readonly id: number;
  readonly key: WrappingKey;
  readonly sum: number;
}

/**
 * The writer's side of encryption at rest. `seal` is called within the transaction that inserts the entry, so that an entry and its data
 * key are there together or not at all; a batch that is tried again gets other data keys.
 */
export class EntrySealer {
  readonly sql: DataKeyStatements;
  private keyOf: (entryKey: string) => WrappingKey | undefined = () => undefined;
  private wrappings = new Map<WrappingKey, Wrapping>();

  constructor(
    db: Database,
    /** What holds from now on. */
    public options: EncryptionOptions,
  ) {
    this.sql = dataKeyStatements(db);
    this.use(options);
  }

  /** From the next entry on. A transaction of its own. */
  use(options: EncryptionOptions): void {
    const wrappings = new Map<WrappingKey, Wrapping>();
    for (const { writeKey: key } of options.rules)
      if (key !== undefined) wrappings.set(key, { id: this.idOf(key), key, sum: pointedChecksum(nameOfKey(key)) });
    this.wrappings = wrappings;
    this.keyOf = writeKeys(options.rules);
    this.options = options;
  }

  /** What is stored for the object: itself where no rule has it encrypted. */
  seal(revision: number, key: string, object: Buffer): Buffer {
    const wrapping = this.target(key);
    if (wrapping === undefined) return object;
    const dataKey = randomBytes(dataKeyBytes);
    this.sql.insertDataKey.run(revision, wrapping.id, ...wrappedRow(revision, wrapping, dataKey));
    return sealObject(dataKey, { revision, key }, object);
  }

  /** Names of keys with which nothing is written any more, though the log knows them. */
  retired(): readonly { readonly id: number; readonly name: string }[] {
    const current = new Set([...this.wrappings.values()].map(({ id }) => id));
    return (this.sql.wrappingKeys.all() as [id: number, name: string][])
      .filter(([id]) => !current.has(id))
      .map(([id, name]) => ({ id, name }));
  }

  /** What an entry's data key should be wrapped by; undefined: nothing, or it may stay as it is. */
  target(entryKey: string): Wrapping | undefined {
    const key = this.keyOf(entryKey);
    return key === undefined ? undefined : this.wrappings.get(key);
  }

  private idOf(key: WrappingKey): number {
    const name = nameOfKey(key);
    this.sql.insertWrappingKey.run(name);
    const found = (this.sql.wrappingKeys.all() as [id: number, name: string][]).find(([, known]) => known === name);
    if (found === undefined) throw new Error(`the wrapping key ${name} has no number`);
    return found[0];
  }
}

/** What is stored of a data key beside the number of the key that wraps it. */
export function wrappedRow(revision: number, by: Wrapping, dataKey: Buffer): [sum: number, wrapped: Buffer] {
  const wrapped = wrapKey(by.key, dataKey);
  return [dataKeyChecksum(revision, wrapped) + by.sum, wrapped];
}
