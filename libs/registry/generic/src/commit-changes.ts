import type { Change, StoredObject } from '@reckon/store/contract';
import { type RequestContext, attributionOf } from './request-context';
import { storageToStatus } from './storage-to-status';
import type { StoreParts } from './store-parts';

const none: readonly Change[] = [];

/**
 * A refusal or a no-op was computed from the newest state, which may still be in flight: its answer waits until that state is
 * durable (docs/invariants.md, Nothing-uncommitted-seen). If it is rolled back instead, the client gets that failure.
 */
export async function settle(parts: StoreParts, name: string): Promise<void> {
  try {
    await parts.storage.settled();
  } catch (error) {
    throw storageToStatus(error, parts.resource, name);
  }
}

/** Waits as `settle`, then throws `error`. */
export async function refuse(parts: StoreParts, name: string, error: unknown): Promise<never> {
  await settle(parts, name);
  throw storageToStatus(error, parts.resource, name);
}

/**
 * Appends the change in one step with what admission puts before it and the strategy's `decide` after it. The decision runs without an
 * await in between, so that it stands on the newest state. Throws StorageError Conflict, Exists or NotFound when the race was lost: the caller decides.
 */
export async function commitChange(
  parts: StoreParts,
  ctx: RequestContext,
  change: Change,
  more: readonly Change[],
  companions: readonly Change[] = none,
): Promise<StoredObject> {
  const isAlone = more.length === 0 && companions.length === 0;
  const changes = isAlone ? [change] : [...companions, change, ...more];
  const stored = (await parts.storage.commit(changes, attributionOf(ctx)))[companions.length];
  if (stored === undefined) throw new Error('the storage committed nothing');
  return stored;
}
