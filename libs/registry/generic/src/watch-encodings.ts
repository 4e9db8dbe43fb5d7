import type { Status } from '@reckon/api/machinery';
import {
  type Bookmark,
  type Revision,
  type WatchEncoding,
  type WatchEvent,
  revisionText,
} from '@reckon/store/contract';
import { decorated } from './decorate';
import type { StoreParts } from './store-parts';

const noBytes = Buffer.alloc(0);

/** How a client's watch is written: the storage knows of events and bookmarks, the registry also of the error that ends it. */
export interface ServedEncoding extends WatchEncoding {
  /** The ERROR event with this Status. */
  encodeError(status: Status): Buffer;
}

/** The ERROR event of every form in JSON. */
export const errorLine = (status: Status): Buffer =>
  Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`);

/** The default frames: newline-delimited JSON. */
export function jsonEncoding(parts: StoreParts): ServedEncoding {
  const kind = JSON.stringify(parts.storedKind);
  const apiVersion = JSON.stringify(parts.storedApiVersion);
  return {
    id: `json ${parts.storedApiVersion} ${parts.storedKind}`,
    encode: (event) =>
      Buffer.concat([Buffer.from(`{"type":"${event.type}","object":`), event.object.bytes, Buffer.from('}\n')]),
    encodeBookmark: ({ revision, initialEventsEnd }) => {
      const annotations = initialEventsEnd ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : '';
      const metadata = `{"resourceVersion":"${revisionText(revision)}"${annotations}}`;
      return Buffer.from(
        `{"type":"BOOKMARK","object":{"kind":${kind},"apiVersion":${apiVersion},"metadata":${metadata}}}\n`,
      );
    },
    encodeError: errorLine,
  };
}

export const decoratedEncoding = (parts: StoreParts, inner: WatchEncoding): WatchEncoding => ({
  id: `${inner.id} decorated`,
  encode: (event: WatchEvent) => inner.encode({ ...event, object: decorated(parts, event.object) }),
  encodeBookmark: (bookmark: Bookmark) => inner.encodeBookmark(bookmark),
});

/** Nothing after `at` is shown. */
export const endingAt = (inner: WatchEncoding, at: Revision): WatchEncoding => ({
  id: `${inner.id} at ${revisionText(at)}`,
  encode: (event) => (event.revision > at ? noBytes : inner.encode(event)),
  encodeBookmark: (bookmark) => inner.encodeBookmark(bookmark.revision > at ? { ...bookmark, revision: at } : bookmark),
});
