import type { Bookmark, WatchEncoding, WatchEvent } from '@reckon/store/contract';
import { revisionText } from '@reckon/store/contract';

const openings = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
} as const;
const closing = Buffer.from('}\n');

/** The annotation on the bookmark that ends `sendInitialEvents` (k8s.io/apimachinery `metav1.InitialEventsAnnotationKey`). */
export const initialEventsEnd = 'k8s.io/initial-events-end';

/** JSON lines with the stored bytes as they are: right where the served version is the stored one. */
export function jsonEncoding(kind: { readonly apiVersion: string; readonly kind: string }): WatchEncoding {
  const opening = `{"type":"BOOKMARK","object":{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(kind.apiVersion)},`;
  return {
    id: `json/${kind.apiVersion}/${kind.kind}`,
    encode: (event: WatchEvent) => {
      const start = openings[event.type];
      const { bytes } = event.object;
      const frame = Buffer.allocUnsafe(start.length + bytes.length + closing.length);
      start.copy(frame, 0);
      bytes.copy(frame, start.length);
      closing.copy(frame, start.length + bytes.length);
      return frame;
    },
    encodeBookmark: (bookmark: Bookmark) => {
      const end = bookmark.initialEventsEnd ? `,"annotations":{"${initialEventsEnd}":"true"}` : '';
      return Buffer.from(`${opening}"metadata":{"resourceVersion":"${revisionText(bookmark.revision)}"${end}}}}\n`);
    },
  };
}

/** For a watcher that named no encoding: nothing is known of its kind. */
export const plainEncoding: WatchEncoding = jsonEncoding({ apiVersion: '', kind: '' });
