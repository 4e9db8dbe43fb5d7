import type { View } from '@reckon/store/view';
import type { Watcher } from './watcher';

const tickMs = 1000;
const everyTicks = 60;
const beforeEndMs = 2000;

/**
 * Tells watchers how far they are about once a minute, and two seconds before a planned end, as upstream does
 * (apiserver/pkg/storage/cacher `cacheWatcher.nextBookmarkTime`). Only live watchers: nothing is on its way to them, so the
 * revision of the view is theirs.
 */
export class BookmarkSchedule {
  readonly tickMs = tickMs;
  private now = 0;
  private readonly watchers = new Set<Watcher>();

  constructor(private readonly view: View) {}

  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    const { endsInMs } = watcher.request;
    if (endsInMs !== undefined && endsInMs > beforeEndMs)
      watcher.lastBookmarkTick = this.now + Math.floor((endsInMs - beforeEndMs) / tickMs);
    watcher.bookmarkTick = this.next(watcher);
  }

  delete(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  tick(): void {
    this.now++;
    for (const watcher of [...this.watchers]) {
      if (watcher.bookmarkTick > this.now || !this.send(watcher)) continue;
      watcher.bookmarkTick = this.next(watcher);
    }
  }

  /** False if the watcher cannot have one now; a lagging one gets it when it is live again. */
  send(watcher: Watcher): boolean {
    const { revision } = this.view;
    if (!watcher.request.bookmarks || watcher.state !== 'live' || watcher.position > revision) return false;
    const isOpen = watcher.write(
      watcher.encoding.encodeBookmark({ type: 'BOOKMARK', revision, initialEventsEnd: false }),
    );
    if (!isOpen && watcher.state === 'live') {
      watcher.position = revision;
      watcher.state = 'lagging';
    }
    return true;
  }

  /** In a minute, or when the last one is due if that comes first. */
  private next(watcher: Watcher): number {
    const inAMinute = this.now + everyTicks;
    const { lastBookmarkTick } = watcher;
    return lastBookmarkTick > this.now ? Math.min(inAMinute, lastBookmarkTick) : inAMinute;
  }
}
