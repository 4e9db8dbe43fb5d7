import { timeText } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import { timeToLiveMs, ttlAfterFinishedController } from './ttl-after-finished-controller';

let harness: ClientHarness;
const names = (): (string | undefined)[] => harness.api.store.list(refs.jobs).map((j) => j.metadata.name);

describe('the controller of finished jobs', () => {
  afterEach(() => harness.stop());

  it('deletes a job and its pods when its time is over', async () => {
    const time = fakeClock();
    const job = (name: string, spec: object, type = 'Complete'): void => {
      harness.api.store.put(refs.jobs, {
        metadata: { name, namespace: 'default' },
        spec: { template: {}, ...spec },
        status: { conditions: [{ type, status: 'True', lastTransitionTime: timeText(time.nowMs()) }] },
      });
    };
    harness = await startControllersForTest([ttlAfterFinishedController], { time });
    job('a', { ttlSecondsAfterFinished: 0 });
    job('b', { ttlSecondsAfterFinished: 30 }, 'Failed');
    job('c', { ttlSecondsAfterFinished: 30 });
    job('kept', {});
    job('running', { ttlSecondsAfterFinished: 0 }, 'Suspended');
    const going = (): (string | undefined)[] =>
      harness.api.store
        .list(refs.jobs)
        .filter((j) => j.metadata.deletionTimestamp !== undefined)
        .map((j) => `${j.metadata.name ?? ''} ${String(j.metadata.finalizers)}`);
    await eventually(() => {
      expect(going()).toEqual(['a foregroundDeletion']);
    });
    await time.advance(29_000);
    expect(going()).toEqual(['a foregroundDeletion']);
    job('c', { ttlSecondsAfterFinished: 60 });
    await time.advance(1000);
    await eventually(() => {
      expect(going()).toEqual(['a foregroundDeletion', 'b foregroundDeletion']);
    });
    expect(names()).toEqual(['a', 'b', 'c', 'kept', 'running']);
  });

  it('asks the server before it deletes', async () => {
    const time = fakeClock();
    harness = await startControllersForTest([ttlAfterFinishedController], { time });
    const spec = { template: {}, ttlSecondsAfterFinished: 30 };
    const status = {
      conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: timeText(time.nowMs()) }],
    };
    const job = { metadata: { name: 'a', namespace: 'default' }, spec, status };
    harness.api.store.put(refs.jobs, job);
    await time.advance(1000);
    harness.api.holdWatches(true, 'jobs');
    harness.api.store.put(refs.jobs, { ...job, spec: { template: {} } });
    await time.advance(60_000);
    await eventually(() => {
      expect(harness.api.requests.some((r) => r.method === 'GET' && r.path.endsWith('/jobs/a'))).toBe(true);
    });
    expect(harness.api.requests.filter((r) => r.method === 'DELETE')).toEqual([]);
  });
});

describe('what is left of the time', () => {
  const job = (seconds: number | undefined, status: object, metadata = {}): Parameters<typeof timeToLiveMs>[0] => ({
    metadata,
    spec: { template: {}, ...(seconds === undefined ? {} : { ttlSecondsAfterFinished: seconds }) },
    status,
  });
  const complete = { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: timeText(10_000) }] };
  it.each([
    [job(60, complete), 50_000],
    [job(0, complete), -10_000],
    [job(undefined, complete), undefined],
    [job(60, {}), undefined],
    [job(60, { conditions: [{ ...complete.conditions[0], status: 'False' }] }), undefined],
    [job(60, complete, { deletionTimestamp: timeText(0) }), undefined],
  ])('of %j is %s ms', (of, left) => {
    expect(timeToLiveMs(of, 20_000)).toBe(left);
  });
});
