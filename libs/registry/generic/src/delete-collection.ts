import { StatusError } from '@reckon/api/machinery';
import type { StoredObject } from '@reckon/store/contract';
import { deleteObject } from './delete';
import { list } from './list';
import type { RequestContext } from './request-context';
import type { ListQuery, ListResult, WriteOptions } from './resource-store';
import type { StoreParts } from './store-parts';
import type { DeleteOptions } from './strategy';

/** Deletes handed over together share commits; more at once would only hold more objects in memory. */
const inFlight = 64;

/**
 * DELETE on a collection (registry `Store.DeleteCollection`): not one step; objects that others delete meanwhile are fine, the first
 * other failure is thrown and what was deleted stays deleted. Answers the objects as they were listed.
 */
export async function deleteCollection(
  parts: StoreParts,
  ctx: RequestContext,
  query: ListQuery,
  deleteOptions: DeleteOptions,
  options: WriteOptions,
): Promise<ListResult> {
  const result = await list(parts, query);
  const items = result.page.items;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      await deleteOne(parts, ctx, item, deleteOptions, options);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(inFlight, items.length) }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
  return result;
}

async function deleteOne(
  parts: StoreParts,
  ctx: RequestContext,
  item: StoredObject,
  deleteOptions: DeleteOptions,
  options: WriteOptions,
): Promise<void> {
  try {
    await deleteObject(parts, ctx, item.key.namespace, item.key.name, deleteOptions, options);
  } catch (error) {
    if (!(error instanceof StatusError && error.code === 'NotFound')) throw error;
  }
}
