import { statusErrors } from '@reckon/api/machinery';
import type { ListPage, ListRequest, Revision, WatchRequest, WatchSink } from '@reckon/store/contract';
import type { WatchQuery } from './resource-store';
import { storageToStatus } from './storage-to-status';
import type { StoreParts } from './store-parts';

/**
 * Under `/at/R/` the world ends at R: a watch that begins with the state shows the one at R, one from N replays N to R. Then nothing
 * comes any more. A client that keeps a cache asks for bookmarks, and would come again and again: for it the watch is silent until it
 * goes. For one that reads events (`kubectl get -w`) a watch that begins at the end is over.
 */
export async function openInThePast(
  parts: StoreParts,
  query: WatchQuery,
  at: Revision,
  revision: Revision,
  request: WatchRequest,
  sink: WatchSink,
  open: () => void,
): Promise<void> {
  if (revision > at) {
    throw statusErrors.timeout(`Too large resource version: ${String(revision)}, current: ${String(at)}`, 1, [
      { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
    ]);
  }
  const { encoding } = request;
  const withState = query.sendInitialEvents === true || (revision === 0 && query.sendInitialEvents === undefined);
  if (withState && encoding !== undefined) {
    const { resource, namespace, name, match } = request;
    const state = await inThePast(parts, {
      resource,
      namespace,
      ...(name === undefined ? {} : { name }),
      ...(match === undefined ? {} : { match }),
      limit: 0,
      consistency: { kind: 'exact', revision: at },
    });
    for (const object of state.items) sink.write(encoding.encode({ type: 'ADDED', revision: object.revision, object }));
    if (query.sendInitialEvents === true && query.allowWatchBookmarks)
      sink.write(encoding.encodeBookmark({ type: 'BOOKMARK', revision: at, initialEventsEnd: true }));
  }
  const isAtEnd = revision === 0 || revision === at || query.sendInitialEvents === true;
  if (isAtEnd && !query.allowWatchBookmarks) sink.end();
  else open();
}

async function inThePast(parts: StoreParts, request: ListRequest): Promise<ListPage> {
  try {
    return await parts.storage.list(request);
  } catch (error) {
    throw storageToStatus(error, parts.resource, '');
  }
}
