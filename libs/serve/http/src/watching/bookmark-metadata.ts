import type { KubeObject } from '@reckon/api/machinery';
import { type Bookmark, revisionText } from '@reckon/store/contract';

/** What a bookmark tells: how far the watch is, and whether the state that was asked for is complete. */
export const bookmarkMetadata = (bookmark: Bookmark): KubeObject['metadata'] => ({
  resourceVersion: revisionText(bookmark.revision),
  ...(bookmark.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
});
