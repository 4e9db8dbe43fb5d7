import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { dataKeyChecksum } from '../checksum';
import { dataKeyStatements } from '../statements';
import type { DataKeyStatements } from '../statements';
import { type EncryptionOptions, type WrappingKey, writeKeys } from './encryption-options';
import { dataKeyBytes, sealObject } from './sealed-object';
import { nameOfKey, wrapKey } from './wrapping-key';

/**
 * The writer's side of encryption at rest. `seal` is called within the transaction that inserts the entry, so that an entry and its data
 * key are there together or not at all; a batch that is tried again gets other data keys.
 */
export class EntrySealer {
  readonly sql: DataKeyStatements;
  private keyOf: (entryKey: string) => WrappingKey | undefined = () => undefined;
  private ids = new Map<WrappingKey, number>();

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
    const ids = new Map<WrappingKey, number>();
    for (const { writeKey } of options.rules) if (writeKey !== undefined) ids.set(writeKey, this.idOf(writeKey));
    this.ids = ids;
    this.keyOf = writeKeys(options.rules);
    this.options = options;
  }

  /** What is stored for the object: itself where no rule has it encrypted. */
  seal(revision: number, key: string, object: Buffer): Buffer {
    const wrapping = this.keyOf(key);
    if (wrapping === undefined) return object;
    const dataKey = randomBytes(dataKeyBytes);
    this.sql.insertDataKey.run(revision, this.ids.get(wrapping), ...wrappedRow(revision, wrapKey(wrapping, dataKey)));
    return sealObject(dataKey, { revision, key }, object);
  }

  /** Names of keys with which nothing is written any more, though the log knows them. */
  retired(): readonly { readonly id: number; readonly name: string }[] {
    const current = new Set(this.ids.values());
    return (this.sql.wrappingKeys.all() as [id: number, name: string][])
      .filter(([id]) => !current.has(id))
      .map(([id, name]) => ({ id, name }));
  }

  /** The key that an entry's data key should be wrapped by, and its number; undefined: it may stay as it is. */
  target(entryKey: string): { readonly id: number; readonly key: WrappingKey } | undefined {
    const key = this.keyOf(entryKey);
    const id = key === undefined ? undefined : this.ids.get(key);
    return key === undefined || id === undefined ? undefined : { id, key };
  }

  private idOf(key: WrappingKey): number {
    const name = nameOfKey(key);
    this.sql.insertWrappingKey.run(name);
    const found = (this.sql.wrappingKeys.all() as [id: number, name: string][]).find(([, known]) => known === name);
    if (found === undefined) throw new Error(`the wrapping key ${name} has no number`);
    return found[0];
  }
}

export const wrappedRow = (revision: number, wrapped: Buffer): [sum: number, wrapped: Buffer] => [
  dataKeyChecksum(revision, wrapped),
  wrapped,
];
