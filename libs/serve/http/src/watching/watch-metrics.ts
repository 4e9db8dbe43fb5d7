import type { ResourceRow } from '@reckon/api/kinds';
import type { Counter, Histogram, MetricsRegistry } from '@reckon/kernel';
import { eventSizes, type Framing } from './framing';

const bytes = Array.from({ length: 8 }, (_, i) => 1024 * 2 ** i);

/** Longer frames are what one watcher catches up with: they come once, and must not be held on to. */
const longestShared = 64 * 1024;

/** Told of every frame that goes to a watcher. */
export type FrameCount = (frame: Buffer) => void;

/** Events sent to watchers, bookmarks included; names as k8s.io/apiserver/pkg/endpoints/metrics. */
export class WatchMetrics {
  private readonly total: Counter;
  private readonly sizes: Histogram;
  private readonly counts = new Map<string, FrameCount>();

  constructor(metrics: MetricsRegistry) {
    const labels = ['group', 'version', 'resource'];
    this.total = metrics.counter('apiserver_watch_events_total', 'Events sent to watchers.', labels);
    this.sizes = metrics.histogram(
      'apiserver_watch_events_sizes',
      'Bytes of the events sent to watchers.',
      bytes,
      labels,
    );
  }

  of({ group, version, resource }: ResourceRow, framing: Framing): FrameCount {
    const key = `${framing} ${group}/${version}/${resource}`;
    let count = this.counts.get(key);
    if (count === undefined) {
      const labels = [group, version, resource];
      count = frameCount(framing, this.total.of(...labels), this.sizes.of(...labels));
      this.counts.set(key, count);
    }
    return count;
  }
}

/** A fan-out hands the same frame to watcher after watcher: it is measured once. */
function frameCount(framing: Framing, count: (events: number) => void, size: (bytes: number) => void): FrameCount {
  let last: Buffer | undefined;
  let sizes: readonly number[] = [];
  return (frame) => {
    if (frame !== last) {
      sizes = eventSizes(frame, framing);
      last = frame.length > longestShared ? undefined : frame;
    }
    count(sizes.length);
    for (const one of sizes) size(one);
  };
}
