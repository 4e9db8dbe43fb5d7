import type { Clock, Logger, MetricsRegistry, Monotonic, Running, Timers } from '@reckon/kernel';
import type { EventLog, Revision, Storage } from '@reckon/store/contract';
import { View } from '@reckon/store/view';
import { WatchHub } from '@reckon/store/watch';
import type { WatcherState } from '@reckon/store/watch';
import { writeGenesis } from './genesis';
import { InFlight } from './in-flight';
import { LogStorage } from './log-storage';
import { Observers } from './observers';
import { Reads } from './reads';
import { RevisionWaiters } from './revision-waiters';
import { storageMetrics } from './storage-metrics';

export interface StorageOptions {
  readonly log: EventLog;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
  /** Bound of the recent changes kept in memory: later pages of lists, `Exact`, watches that fell behind. Default 64 MiB. */
  readonly recentBytes?: number;
  /** The state in memory can no longer be trusted: stop the process. (The log's own fatal errors go to `log.onFatal`.) */
  readonly onFatal: (error: Error) => void;
}

export interface OpenStorage extends Storage, Running {
  /** For `/debug/view` and `/debug/watchers`. */
  describe(): StorageDescription;
}

export interface StorageDescription {
  readonly revision: Revision;
  readonly inFlightBatches: number;
  readonly recent: { readonly floor: Revision; readonly changes: number; readonly bytes: number };
  readonly resources: readonly { readonly prefix: string; readonly objects: number; readonly recentChanges: number }[];
  readonly watchers: readonly {
    readonly resource: string;
    readonly namespace: string;
    readonly name: string;
    readonly state: WatcherState;
    readonly position: Revision;
  }[];
}

const defaultRecentBytes = 64 * 1024 * 1024;

/** Loads the live objects, writes the first entry of an empty log, and is ready. Does not close the log when stopped. */
export async function openStorage(options: StorageOptions): Promise<OpenStorage> {
  const { log, clock, timers } = options;
  if (log.head === 0) await writeGenesis(log, clock.nowMs());
  const view = new View({ revision: log.head, recentBytes: options.recentBytes ?? defaultRecentBytes });
  await view.load(log.heads());

  const inFlight = new InFlight();
  const metrics = storageMetrics(
    options.metrics,
    {
      revision: () => view.revision,
      inFlight: () => inFlight.size,
      tables: () => view.resources(),
      recentBytes: () => view.recent.bytes,
      watchers: () => hub.size,
    },
    clock,
  );
  const hub = new WatchHub({ view, log, timers, onSent: (resource, events) => metrics.sent(resource, events) });
  const waiters = new RevisionWaiters(timers, () => view.revision);
  const reads = new Reads(view, log, waiters);
  const observers = new Observers();
  const { onFatal } = options;
  const storage = new LogStorage({ log, clock, view, hub, waiters, reads, inFlight, observers, metrics, onFatal });

  return Object.assign(storage, {
    describe: (): StorageDescription => ({
      revision: view.revision,
      inFlightBatches: inFlight.size,
      recent: { floor: view.recent.floor, changes: view.recent.length, bytes: view.recent.bytes },
      resources: [...view.resources()].map((table) => ({
        prefix: table.prefix,
        objects: table.count,
        recentChanges: table.recent.length,
      })),
      watchers: hub.describe(),
    }),
  });
}
