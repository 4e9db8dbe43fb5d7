import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../job/job';
import { startControllersForTest } from '../testing/controller-test.suite';
import type { CronJob } from './cron-job';
import { cronJobController } from './cron-job-controller';

let harness: ClientHarness;
let time: FakeClock;
afterEach(() => harness.stop());

const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  time = fakeClock();
  harness = await startControllersForTest([cronJobController], { time, ...options });
};
const store = (): ClientHarness['api']['store'] => harness.api.store;
const cronJob = (): CronJob => store().get(refs.cronJobs, 'default', 'backup');
const jobs = (): Job[] => store().list(refs.jobs, 'default');
const jobNames = (): string[] => jobs().map((j) => j.metadata.name ?? '');
const base = (spec: object): Omit<KubeObject, 'metadata'> => ({
  spec: {
    schedule: '*/5 * * * *',
    concurrencyPolicy: 'Allow',
    suspend: false,
    jobTemplate: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { template: {}, backoffLimit: 3 } },
    ...spec,
  },
});
const create = (spec: object = {}): KubeObject =>
  store().create(refs.cronJobs, 'default', { metadata: { name: 'backup' }, ...base(spec) });
const change = (spec: object): void => {
  store().update(refs.cronJobs, 'default', { ...cronJob(), spec: { ...cronJob().spec, ...spec } });
};
const finish = (name: string, type: 'Complete' | 'Failed', at: string): void => {
  const job = store().get(refs.jobs, 'default', name);
  store().put(refs.jobs, {
    ...job,
    status: {
      startTime: at,
      ...(type === 'Complete' ? { completionTime: at } : {}),
      conditions: [{ type, status: 'True', lastTransitionTime: at }],
    },
  });
};
const events = (): string[] =>
  store()
    .list(refs.events, 'default')
    .map((e) => `${String(e['type'])} ${String(e['reason'])} ${String(e['message'])}`);
/** Names are of the minute since 1970; the clock stands at the beginning of 2026. */
const nameAt = (minutes: number): string => `backup-${String(Date.UTC(2026, 0, 1) / 60_000 + minutes)}`;
const names = (...minutes: number[]): string[] => minutes.map(nameAt);
const minutes = (count: number): Promise<void> => time.advance(count * 60_000);
const settled = (expected: readonly string[]): Promise<void> =>
  eventually(() => {
    expect(jobNames()).toEqual(expected);
    const listed = (cronJob().status?.active ?? []).map((r) => r.name);
    const running = jobs()
      .filter((j) => j.status?.conditions === undefined)
      .map((j) => j.metadata.name);
    expect(listed).toEqual(running);
  });

describe('the CronJob controller', () => {
  it('starts a job when its time comes, and lists it', async () => {
    await start();
    create();
    await time.advance(299_000);
    expect(jobs()).toEqual([]);
    await time.advance(1_100);
    await settled(names(5));
    const [job] = jobs();
    expect(job).toMatchObject({
      metadata: {
        labels: { a: 'b' },
        annotations: { c: 'd', 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z' },
      },
      spec: { backoffLimit: 3 },
    });
    expect(controllerOf(job!)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: 'backup',
      uid: cronJob().metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    expect(cronJob().status).toEqual({
      active: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: nameAt(5),
          namespace: 'default',
          uid: job?.metadata.uid,
          resourceVersion: job?.metadata.resourceVersion,
        },
      ],
      lastScheduleTime: '2026-01-01T00:05:00Z',
    });
    await eventually(() => {
      expect(events()).toEqual([`Normal SuccessfulCreate Created job ${nameAt(5)}`]);
    });
    await minutes(5);
    await settled(names(5, 10));
  });

  it('follows its jobs to their ends', async () => {
    await start();
    create();
    await minutes(5.1);
    await settled(names(5));
    finish(nameAt(5), 'Complete', '2026-01-01T00:06:00Z');
    await eventually(() => {
      expect(cronJob().status).toEqual({
        lastScheduleTime: '2026-01-01T00:05:00Z',
        lastSuccessfulTime: '2026-01-01T00:06:00Z',
      });
      expect(events()).toContain(`Normal SawCompletedJob Saw completed job: ${nameAt(5)}, condition: Complete`);
    });
    await minutes(5);
    await settled(names(5, 10));
    store().delete(refs.jobs, 'default', nameAt(10));
    await eventually(() => {
      expect(cronJob().status?.active).toBeUndefined();
      expect(events()).toContain(`Normal MissingJob Active job went missing: ${nameAt(10)}`);
    });
  });

  it('keeps as many old jobs as it may', async () => {
    await start();
    create({ schedule: '* * * * *', successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 });
    for (let minute = 1; minute <= 6; minute++) {
      await time.advance(minute === 1 ? 60_100 : 60_000);
      await eventually(() => {
        expect(jobNames()).toContain(nameAt(minute));
      });
      finish(nameAt(minute), minute % 3 === 0 ? 'Failed' : 'Complete', `2026-01-01T00:0${String(minute)}:30Z`);
    }
    await settled(names(4, 5, 6));
    await eventually(() => {
      expect(events()).toContain(`Normal SuccessfulDelete Deleted job ${nameAt(3)}`);
    });
  });

  it.each([
    ['Allow', names(5, 10), undefined],
    [
      'Forbid',
      names(5),
      'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    ],
    ['Replace', names(10), `Normal SuccessfulDelete Deleted job ${nameAt(5)}`],
  ])('with policy %s has %j when the first still runs', async (concurrencyPolicy, expected, event) => {
    await start();
    create({ concurrencyPolicy });
    await minutes(5.1);
    await settled(names(5));
    await minutes(5);
    await settled(expected);
    if (event !== undefined)
      await eventually(() => {
        expect(events()).toContain(event);
      });
  });

  it('starts what Forbid held back when the way is free', async () => {
    await start();
    create({ concurrencyPolicy: 'Forbid' });
    await minutes(5.1);
    await settled(names(5));
    await minutes(6);
    finish(nameAt(5), 'Complete', '2026-01-01T00:11:00Z');
    await settled(names(5, 10));
  });

  it('starts nothing while it is suspended, and then only the last that was missed', async () => {
    await start();
    create({ suspend: true });
    await minutes(23);
    expect(jobs()).toEqual([]);
    change({ suspend: false });
    await settled(names(20));
  });

  it('starts nothing that is too late', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.put(refs.cronJobs, {
          metadata: { name: 'backup', namespace: 'default', creationTimestamp: '2025-12-31T23:31:00Z' },
          ...base({ schedule: '30 * * * *', startingDeadlineSeconds: 60 }),
          status: {},
        });
      },
    });
    await minutes(29);
    expect(jobs()).toEqual([]);
    await minutes(1.1);
    await settled(names(30));
  });

  it('warns when very many were missed', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.put(refs.cronJobs, {
          metadata: { name: 'backup', namespace: 'default', creationTimestamp: '2025-12-01T00:00:30Z' },
          ...base({ schedule: '* * * * *' }),
        });
      },
    });
    await settled(names(0));
    await eventually(() => {
      expect(events()).toContain(
        'Warning TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    });
  });

  it('goes by the clocks of its time zone', async () => {
    await start();
    create({ schedule: '30 1 * * *', timeZone: 'Europe/Berlin' });
    await minutes(29);
    expect(jobs()).toEqual([]);
    await minutes(1.1);
    await settled(names(30));
    expect(jobs()[0]?.metadata.annotations).toMatchObject({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:30:00+01:00',
    });
  });

  it.each([
    [
      { schedule: 'x' },
      'Warning UnparseableSchedule unparseable schedule: "x" : expected exactly 5 fields, found 1: [x]',
    ],
    [
      { schedule: '59 23 31 2 *' },
      'Warning InvalidSchedule invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ],
    [{ timeZone: 'Mars/Base' }, 'Warning UnknownTimeZone invalid timeZone: "Mars/Base": unknown time zone Mars/Base'],
    [
      { schedule: 'TZ=UTC 0 0 * * *' },
      'Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=UTC 0 0 * * *" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ],
  ])('of %j tells %s', async (spec, event) => {
    await start();
    create(spec);
    await eventually(() => {
      expect(events()).toContain(event);
    });
  });

  it('does not make up for what a new schedule would have started before', async () => {
    await start();
    create({ schedule: '0 12 * * *' });
    await minutes(30);
    change({ schedule: '15 * * * *' });
    await minutes(44);
    expect(jobs()).toEqual([]);
    await minutes(1.1);
    await settled(names(75));
  });

  it('makes one job for a moment, though the status could not be written', async () => {
    await start();
    create();
    let refused = 0;
    harness.api.refuse(({ method, path }) =>
      method === 'PUT' && path.endsWith('/status') && refused++ < 2
        ? statusErrors.conflict(refs.cronJobs, 'backup', 'no')
        : undefined,
    );
    await minutes(5.1);
    await minutes(0.1);
    await settled(names(5));
    expect(refused).toBeGreaterThan(1);
    expect(cronJob().status?.lastScheduleTime).toBe('2026-01-01T00:05:00Z');
  });

  it('says why it cannot make a job', async () => {
    await start();
    create();
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/jobs')
        ? statusErrors.forbidden(refs.jobs, nameAt(5), 'exceeded quota: q')
        : undefined,
    );
    await minutes(5.1);
    await eventually(() => {
      expect(events()).toContain(
        `Warning FailedCreate Error creating job: jobs.batch "${nameAt(5)}" is forbidden: exceeded quota: q`,
      );
    });
  });

  it('tells of a job of its own that it did not start', async () => {
    await start();
    const { metadata } = create();
    const owner = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: 'backup',
      uid: metadata.uid ?? '',
      controller: true,
    };
    store().create(refs.jobs, 'default', { metadata: { name: 'given', ownerReferences: [owner] }, spec: {} });
    await eventually(() => {
      expect(events()).toContain('Warning UnexpectedJob Saw a job that the controller did not create or forgot: given');
    });
  });

  it('leaves a job of that name alone that is not its own', async () => {
    await start();
    create();
    store().create(refs.jobs, 'default', { metadata: { name: nameAt(5) }, spec: {} });
    await minutes(5.1);
    await minutes(5);
    await eventually(() => {
      expect(cronJob().status?.active?.map((r) => r.name)).toEqual(names(10));
    });
  });
});
