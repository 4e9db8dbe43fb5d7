import { memberSpan } from '@reckon/api/machinery';
import { revisionText } from '@reckon/store/contract';
import type { Revision } from '@reckon/store/contract';

const path = ['metadata', 'resourceVersion'] as const;

/**
 * The same object with another `metadata.resourceVersion`, by splicing bytes: a watcher whose selector an object left gets the
 * last matching state with the revision of the change (DESIGN.md of store/watch). The bytes must hold a resourceVersion, as
 * every stored object does.
 */
export function stampRevision(bytes: Buffer, revision: Revision): Buffer {
  const span = memberSpan(bytes, path);
  if (span === undefined) throw new Error('a stored object has no metadata.resourceVersion');
  return Buffer.concat([
    bytes.subarray(0, span.start),
    Buffer.from(`"${revisionText(revision)}"`),
    bytes.subarray(span.end),
  ]);
}
