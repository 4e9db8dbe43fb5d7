import { nextTurn, systemTimers } from '@reckon/kernel';
import type { FakeClock } from '@reckon/kernel';
import type { ControlledLog } from './controlled-log';
import type { Attribution } from './event-log';
import type { ObjectKey, StorageResource } from './object-key';
import type { Storage, StoredJson, StoredObject } from './storage';

/** What the suites need of a storage under test. */
export interface StorageFixture {
  readonly storage: Storage;
  readonly log: ControlledLog;
  readonly clock: FakeClock;
  /** Stops the storage and opens it again over the same log. */
  reopen(): Promise<StorageFixture>;
  /** Stops everything and removes what was on disk. */
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** Bound of the recent changes in memory; 0 sends every look back to the log. */
  readonly recentBytes?: number;
}

export type OpenFixture = (options?: FixtureOptions) => Promise<StorageFixture>;

export const someone: Attribution = { actor: 'alice', agent: 'suite', manager: 'suite', request: 'r1' };

export const configMaps: StorageResource = { group: '', resource: 'configmaps' };
export const nodes: StorageResource = { group: '', resource: 'nodes' };

export function configMap(name: string, namespace = 'default'): ObjectKey {
  return { ...configMaps, namespace, name };
}

/** A ConfigMap for a key, resourceVersion where upstream has it. */
export function configMapObject(
  key: ObjectKey,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
): StoredJson {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: key.name,
      ...(key.namespace === '' ? {} : { namespace: key.namespace }),
      resourceVersion: '',
      ...(labels === undefined ? {} : { labels }),
    },
    data,
  };
}

/** Runs a test body on a fresh fixture and closes it. */
export async function withStorage(
  open: OpenFixture,
  body: (fixture: StorageFixture) => Promise<void>,
  options: FixtureOptions = {},
): Promise<void> {
  const fixture = await open(options);
  try {
    await body(fixture);
  } finally {
    await fixture.close();
  }
}

/** Create, update and delete one object on its newest state. */
/** Resolves when the change is stored and has gone out to those who watch. */
export async function put(
  storage: Storage,
  key: ObjectKey,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
): Promise<StoredObject> {
  const newest = storage.newest(key);
  const change = {
    key,
    verb: newest === undefined ? ('create' as const) : ('update' as const),
    previous: newest?.revision ?? (0 as StoredObject['revision']),
    object: configMapObject(key, data, labels),
  };
  return await stored(storage.commit([change], someone));
}

/** Like `put`. */
export async function remove(storage: Storage, key: ObjectKey): Promise<StoredObject> {
  const newest = storage.newest(key);
  if (newest === undefined) throw new Error(`nothing to delete: ${key.name}`);
  const change = { key, verb: 'delete' as const, previous: newest.revision, object: newest.parse() };
  return await stored(storage.commit([change], someone));
}

async function stored(commit: Promise<readonly StoredObject[]>): Promise<StoredObject> {
  const [object] = await commit;
  if (object === undefined) throw new Error('commit answered nothing');
  await turns(1);
  return object;
}

/** Lets promise callbacks and the log's own turns run. */
export async function turns(count = 8): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => nextTurn(resolve));
}

/** Waits until the claim holds; fails after two seconds. */
export async function eventually(claim: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !claim(); i++) await systemTimers.sleep(1);
  if (!claim()) throw new Error(`did not come true: ${claim.toString()}`);
}
