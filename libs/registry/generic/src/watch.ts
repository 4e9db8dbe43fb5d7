import { goQuote } from '@reckon/api/machinery';
import type { Revision, WatchRequest, WatchSink } from '@reckon/store/contract';
import type { WatchQuery } from './resource-store';
import { requestedRevision, resourceVersionProblem } from './resource-version-text';
import { compileSelection } from './selection';
import { plainFailure } from './storage-to-status';
import type { StoreParts } from './store-parts';
import { type ServedEncoding, decoratedEncoding, endingAt, jsonEncoding } from './watch-encodings';
import { withErrorFrames } from './watch-error-frames';
import { openInThePast } from './watch-in-the-past';

/**
 * WATCH. Refusals that upstream gives before the stream opens are thrown (or reject); a start below the floor opens, gets one ERROR
 * event with the 410 Status and ends (DESIGN.md section 6).
 */
export function watch(
  parts: StoreParts,
  query: WatchQuery,
  sink: WatchSink,
  signal: AbortSignal,
  encoding?: ServedEncoding,
): void | Promise<void> {
  const selection = compileSelection(parts, parts.selectable, query);
  const text = query.resourceVersion;
  const problem = text === '' ? undefined : resourceVersionProblem(text);
  if (problem !== undefined) throw plainFailure(`resourceVersion: Invalid value: ${goQuote(text)}: ${problem}`);
  const revision = requestedRevision(text);
  const frames = encoding ?? jsonEncoding(parts);
  const shownFrames = parts.strategy.decorate === undefined ? frames : decoratedEncoding(parts, frames);
  const request: WatchRequest = {
    resource: parts.storageResource,
    namespace: selection.namespace,
    ...(selection.name === undefined ? {} : { name: selection.name }),
    ...(selection.match === undefined ? {} : { match: selection.match }),
    start: startOf(parts, query, revision),
    bookmarks: query.allowWatchBookmarks,
    ...(query.endsInMs === undefined ? {} : { endsInMs: query.endsInMs }),
    signal,
    encoding: query.at === undefined ? shownFrames : endingAt(shownFrames, query.at),
  };
  const open = (): void => {
    parts.storage.watch(request, withErrorFrames(parts, revision, frames, sink));
  };
  if (query.at !== undefined) return openInThePast(parts, query, query.at, revision, request, sink, open);
  if (query.sendInitialEvents !== true) {
    open();
    return;
  }
  return waitFor(parts, revision, open, withErrorFrames(parts, revision, frames, sink));
}

/**
 * | sendInitialEvents | resourceVersion '' or 0 | N |
 * |---|---|---|
 * | not given | the state, then events | events after N |
 * | false | events from now on | events after N |
 * | true | the state, the bookmark that ends it, then events | the same, not older than N |
 *
 * Who takes no bookmarks gets the state without the one that ends it.
 */
function startOf(parts: StoreParts, query: WatchQuery, revision: Revision): WatchRequest['start'] {
  // What came before is sent by `openInThePast`.
  if (query.at !== undefined)
    return { kind: 'from', revision: revision === 0 || query.sendInitialEvents === true ? query.at : revision };
  if (query.sendInitialEvents === true)
    return query.allowWatchBookmarks ? { kind: 'initial-events', atLeast: revision } : { kind: 'now-with-state' };
  if (revision !== 0) return { kind: 'from', revision };
  return query.sendInitialEvents === false
    ? { kind: 'from', revision: parts.storage.revision }
    : { kind: 'now-with-state' };
}

/**
 * Initial events from the future are waited for, unlike events from the future; when they do not come, the watch says so and ends
 * (apiserver/pkg/storage/cacher `Cacher.Watch`, `newErrWatcher`).
 */
async function waitFor(parts: StoreParts, revision: Revision, open: () => void, failed: WatchSink): Promise<void> {
  if (revision > parts.storage.revision) {
    try {
      // Any key will do: the storage waits until it is as new as that.
      await parts.storage.get({ ...parts.storageResource, namespace: '', name: 'x' }, { atLeast: revision });
    } catch (error) {
      failed.end(error instanceof Error ? error : new Error(String(error)));
      return;
    }
  }
  open();
}
