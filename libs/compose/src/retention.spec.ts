import { type FakeClock, type Running, silentLogger } from '@reckon/kernel';
import { type EventLog, type ObjectKey, noRevision, resourcePrefix } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import type { OpenStorage } from '@reckon/store/storage';
import { storageOver } from '@reckon/store/storage/suites';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pauseMs, startRetention } from './retention';
import { retentionRules } from './retention-rules';

const author = { actor: 'tester', agent: 'spec', manager: 'spec', request: '' };
const lease: ObjectKey = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'n', name: 'l' };
const event: ObjectKey = { group: '', resource: 'events', namespace: 'n', name: 'e' };
const configMap: ObjectKey = { group: '', resource: 'configmaps', namespace: 'n', name: 'c' };
const secret: ObjectKey = { group: '', resource: 'secrets', namespace: 'n', name: 's' };
const minuteMs = 60_000;

let clock: FakeClock;
let log: EventLog;
let storage: OpenStorage;
beforeEach(async () => {
  log = memoryLog();
  ({ storage, clock } = await storageOver(log));
});
afterEach(async () => {
  await storage.stop();
  await log.close();
});

async function touch(key: ObjectKey): Promise<void> {
  const previous = storage.newest(key)?.revision ?? noRevision;
  const metadata = { namespace: key.namespace, name: key.name, resourceVersion: '' };
  const object = { apiVersion: 'v1', kind: 'X', metadata, at: clock.nowMs() };
  await storage.commit([{ key, verb: previous === noRevision ? 'create' : 'update', previous, object }], author);
}

const start = (rules = '', parts: Partial<Parameters<typeof startRetention>[0]> = {}): Running =>
  startRetention({
    rules: retentionRules(rules),
    resources: () => [lease, event, configMap, secret],
    log,
    storage,
    clock,
    timers: clock,
    logger: silentLogger,
    ...parts,
  });

const floorOf = ({ group, resource }: ObjectKey): number => log.floorOf(resourcePrefix({ group, resource }));

describe('the retention of history', () => {
  it('keeps five minutes of Leases, two hours of Events and all of everything else', async () => {
    const retention = start();
    const atMinute: number[] = [];
    for (let minute = 0; minute < 130; minute++) {
      for (const key of [lease, event, configMap]) await touch(key);
      atMinute.push(storage.revision);
      await clock.advance(minuteMs);
    }
    expect(floorOf(lease)).toBe(atMinute.at(-5));
    expect(floorOf(event)).toBe(atMinute.at(-120));
    expect(floorOf(configMap)).toBe(0);
    expect(storage.newest(lease)?.revision).toBeGreaterThan(atMinute.at(-2) ?? 0);
    await retention.stop();
  });

  it('keeps the newest state of what nobody touches any more', async () => {
    const retention = start();
    await touch(lease);
    const only = storage.newest(lease)?.revision;
    for (let minute = 0; minute < 20; minute++) {
      await touch(configMap);
      await clock.advance(minuteMs);
    }
    expect(floorOf(lease)).toBeGreaterThan(only ?? 0);
    expect(storage.newest(lease)?.revision).toBe(only);
    await retention.stop();
  });

  it('is told of when it fails, and tried again', async () => {
    const warnings: string[] = [];
    const failing = {
      ...log,
      floorOf: (prefix: string) => log.floorOf(prefix),
      compact: () => Promise.reject(new Error('busy')),
    };
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const retention = start('', { log: failing, logger });
    await touch(lease);
    await clock.advance(20 * minuteMs);
    expect(warnings.length).toBeGreaterThan(5);
    expect(new Set(warnings)).toEqual(new Set(['history not compacted']));
    await retention.stop();
  });

  it('does nothing once it is stopped', async () => {
    await start().stop();
    await touch(lease);
    await clock.advance(20 * minuteMs);
    expect(floorOf(lease)).toBe(0);
  });

  it('keeps what is named as long as it says, and everything else as long as *', async () => {
    const retention = start('configmaps=10m,*=4m,events=forever');
    const atMinute: number[] = [];
    for (let minute = 0; minute < 20; minute++) {
      for (const key of [lease, event, configMap, secret]) await touch(key);
      atMinute.push(storage.revision);
      await clock.advance(minuteMs);
    }
    // The Secret that came after the ConfigMap is gone.
    expect(floorOf(configMap)).toBe((atMinute.at(-10) ?? 0) - 1);
    expect(floorOf(secret)).toBe(atMinute.at(-4));
    expect(floorOf(lease)).toBe(atMinute.at(-4));
    expect(floorOf(event)).toBe(0);
    await retention.stop();
  });

  it('looks often enough that nothing much older is kept', async () => {
    expect(pauseMs(retentionRules(''))).toBe(minuteMs);
    expect(pauseMs(retentionRules('pods=1s'))).toBe(1_000);
    expect(pauseMs(retentionRules('pods=100s,*=20s'))).toBe(5_000);
    const retention = start('configmaps=8s');
    for (let second = 0; second < 20; second++) {
      await touch(configMap);
      await clock.advance(1_000);
      expect(storage.revision - floorOf(configMap), String(second)).toBeLessThanOrEqual(8 + 2);
    }
    await retention.stop();
  });

  it('does not begin again before it is done', async () => {
    let begun = 0;
    let finish: (removed: number) => void = () => undefined;
    const compact = (): Promise<number> => {
      begun++;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const slow = { ...log, floorOf: (prefix: string) => log.floorOf(prefix), compact };
    const retention = start('', { log: slow });
    await clock.advance(10 * minuteMs);
    expect(begun).toBe(1);
    finish(0);
    await clock.advance(minuteMs);
    expect(begun).toBe(2);
    const stopped = retention.stop();
    finish(0);
    await stopped;
  });
});
