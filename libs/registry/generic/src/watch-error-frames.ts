import { type Status, StatusError, statusErrors } from '@reckon/api/machinery';
import { type Revision, StorageError, type WatchSink } from '@reckon/store/contract';
import type { ServedEncoding } from './watch-encodings';
import { storageToStatus } from './storage-to-status';
import type { StoreParts } from './store-parts';

/** Turns the end with an error into an ERROR event, as clients expect it. */
export function withErrorFrames(
  parts: StoreParts,
  revision: Revision,
  encoding: ServedEncoding,
  sink: WatchSink,
): WatchSink {
  return {
    write: (frame) => (frame.length === 0 ? true : sink.write(frame)),
    onDrain: (listener) => {
      sink.onDrain(listener);
    },
    end(error) {
      if (error !== undefined) sink.write(encoding.encodeError(statusOf(parts, revision, error)));
      sink.end();
    },
  };
}

function statusOf(parts: StoreParts, revision: Revision, error: Error): Status {
  const { floor = parts.storage.revision } = (error instanceof StorageError ? error.data : {}) as { floor?: number };
  const known =
    error instanceof StorageError && error.code === 'Compacted'
      ? statusErrors.expired(`too old resource version: ${String(revision)} (${String(floor)})`)
      : storageToStatus(error, parts.resource, '');
  return (known instanceof StatusError ? known : statusErrors.internal('the watch failed', error)).status;
}
