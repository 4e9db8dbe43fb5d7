import { createKindRegistry, type KindRegistry, type ResourceRow } from '@reckon/api/kinds';
import {
  type Clock,
  MetricsRegistry,
  type Monotonic,
  type Timers,
  type WallClock,
  seededRandom,
  silentLogger,
  systemClock,
  systemTimers,
} from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { createStrategies, defaultServiceClusterIpRange, defaultServiceNodePorts } from '@reckon/registry/kinds';
import type { EventLog } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import type { OpenStorage } from '@reckon/store/storage';
import { storageOver } from '@reckon/store/storage/suites';
import { componentStatuses, runningProbe } from '../component-statuses';
import { createStores } from '../registry';

export interface MemoryCluster {
  readonly log: EventLog;
  readonly storage: OpenStorage;
  readonly kinds: KindRegistry;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly basics: {
    readonly clock: Clock & WallClock & Monotonic;
    readonly timers: Timers;
    readonly random: ReturnType<typeof seededRandom>;
    readonly logger: typeof silentLogger;
    readonly metrics: MetricsRegistry;
  };
  close(): Promise<void>;
}

/** The state and the stores of `reckon up`, over a log in memory. `time` stands in for the system's clock and timers. */
export async function memoryCluster(time?: Clock & WallClock & Monotonic & Timers): Promise<MemoryCluster> {
  const log = memoryLog();
  const random = seededRandom(11);
  const basics = {
    clock: time ?? systemClock,
    timers: time ?? systemTimers,
    random,
    logger: silentLogger,
    metrics: new MetricsRegistry(),
  };
  const { storage } = await storageOver(log, basics);
  const kinds = createKindRegistry();
  const strategies = createStrategies({
    serviceClusterIpRange: defaultServiceClusterIpRange,
    serviceNodePorts: defaultServiceNodePorts,
    random,
  });
  const probe = runningProbe(() => true);
  const computed = { '/componentstatuses': componentStatuses({ scheduler: probe, 'controller-manager': probe }) };
  return {
    log,
    storage,
    kinds,
    storeOf: createStores({ kinds, storage, strategies, random, computed }),
    basics,
    async close() {
      await storage.stop();
      await log.close();
    },
  };
}
