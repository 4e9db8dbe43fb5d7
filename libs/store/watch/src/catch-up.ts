import type { Revision } from '@reckon/store/contract';
import type { View } from '@reckon/store/view';
import { transitionOf } from './transition';
import { watchEventOf } from './watch-event-of';
import type { Watcher } from './watcher';

/** Bytes per write while catching up: large enough that writes are few, small enough that a slow sink holds little. */
const sliceBytes = 256 * 1024;

/** `blocked`: the sink is full, or the watch ended. */
export type CatchUp = 'live' | 'blocked' | 'read-log';

/**
 * Sends what a watcher has not seen as far as memory goes: first its initial state, then the recent changes. The floor of the
 * recent changes only moves between two calls, so what is found here is without a hole.
 */
export function catchUpFromMemory(watcher: Watcher, view: View): CatchUp {
  while (watcher.initial !== undefined) if (!sendInitial(watcher)) return 'blocked';
  if (watcher.isClosed()) return 'blocked';
  if (watcher.position < view.recent.floor) return 'read-log';
  const { recent } = watcher.table;
  let next = recent.after(watcher.position);
  while (next < recent.length) {
    next = sendSlice(watcher, next);
    if (watcher.isClosed() || watcher.isFull) return 'blocked';
  }
  if (watcher.position < view.revision) watcher.position = view.revision;
  watcher.state = 'live';
  return 'live';
}

/** Sends one slice of the initial state; false if the sink is full or the watcher closed. */
function sendInitial(watcher: Watcher): boolean {
  const { initial, encoding } = watcher;
  if (initial === undefined) return true;
  const frames: Buffer[] = [];
  let bytes = 0;
  while (bytes < sliceBytes) {
    const object = initial.objects[initial.next];
    if (object === undefined) break;
    initial.next++;
    const frame = encoding.encode({ type: 'ADDED', revision: object.revision, object });
    frames.push(frame);
    bytes += frame.length;
  }
  if (initial.next >= initial.objects.length) {
    watcher.initial = undefined;
    if (initial.bookmark !== undefined)
      frames.push(encoding.encodeBookmark({ type: 'BOOKMARK', revision: initial.bookmark, initialEventsEnd: true }));
  }
  return frames.length === 0 || watcher.write(Buffer.concat(frames));
}

/** Sends one slice of the recent changes from a position in the resource's queue; answers where to go on. */
function sendSlice(watcher: Watcher, from: number): number {
  const { table, request, encoding } = watcher;
  const frames: Buffer[] = [];
  let bytes = 0;
  let next = from;
  let seen: Revision = watcher.position;
  while (bytes < sliceBytes) {
    const change = table.recent.at(next);
    if (change === undefined) break;
    next++;
    seen = change.after.revision;
    if (!watcher.isInScope(change.after)) continue;
    const transition = transitionOf(change, request.match);
    if (transition === 'none') continue;
    const frame = encoding.encode(watchEventOf(change, transition));
    frames.push(frame);
    bytes += frame.length;
  }
  watcher.position = seen;
  if (frames.length > 0)
    watcher.write(frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames));
  return next;
}
