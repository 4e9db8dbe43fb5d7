import { type FakeClock, MetricsRegistry, fakeClock, silentLogger } from '@reckon/kernel';
import type { EventLog } from '@reckon/store/contract';
import { type OpenStorage, type StorageOptions, openStorage } from '../open-storage';

/**
 * A storage for specs over any log: it says nothing, throws what is fatal, and its time stands still until the spec moves it. What
 * `options` has of these goes before.
 */
export async function storageOver(
  log: EventLog,
  options: Partial<StorageOptions> = {},
): Promise<{ readonly storage: OpenStorage; readonly clock: FakeClock }> {
  const clock = fakeClock();
  const storage = await openStorage({
    log,
    clock,
    timers: clock,
    metrics: new MetricsRegistry(),
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
  return { storage, clock };
}
