import { fakeClock } from '@reckon/kernel';
import type { FakeClock } from '@reckon/kernel';
import type { EventLog } from '@reckon/store/contract';
import { controlledLog } from '@reckon/store/contract/suites';
import type { FixtureOptions, OpenFixture, StorageFixture } from '@reckon/store/contract/suites';
import { storageOver } from './storage-over.suite';

/** A fixture over a log that `open` makes; `remove` runs after the log is closed. */
export function fixtureOver(open: () => Promise<{ log: EventLog; remove(): Promise<void> }>): OpenFixture {
  return async (options: FixtureOptions = {}) => {
    const opened = await open();
    return start(opened.log, () => opened.remove(), fakeClock(), options);
  };
}

async function start(
  inner: EventLog,
  remove: () => Promise<void>,
  clock: FakeClock,
  options: FixtureOptions,
): Promise<StorageFixture> {
  const log = controlledLog(inner);
  const { storage } = await storageOver(log, { clock, timers: clock, ...options });
  return {
    storage,
    log,
    clock,
    async reopen() {
      await storage.stop();
      return start(inner, remove, clock, options);
    },
    async close() {
      await storage.stop();
      await inner.close();
      await remove();
    },
  };
}
