import { type KubeObject, controllerOf, statusErrors } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type Pod, startControllersForTest } from '../testing/controller-test.suite';
import { trackingFinalizer } from './job';
import { jobController } from './job-controller';
import { JobPlay } from './testing/job-test.suite';

let harness: ClientHarness;
afterEach(() => harness.stop());

const play = new JobPlay(() => harness);
const store = (): ClientHarness['api']['store'] => harness.api.store;
const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([jobController], options);
};
const activePods = (count: number): Promise<Pod[]> =>
  eventually(() => {
    expect(play.active()).toHaveLength(count);
    expect(play.job().status?.active ?? 0).toBe(count);
    return play.active();
  });
const heldPods = (): Pod[] => play.pods().filter((p) => p.metadata.finalizers?.includes(trackingFinalizer));

describe('the Job controller', () => {
  it('makes a pod, counts its success and completes', async () => {
    await start();
    const created = play.create();
    const [pod] = await activePods(1);
    expect(play.job().status).toEqual({
      active: 1,
      ready: 0,
      terminating: 0,
      startTime: expect.any(String) as string,
      uncountedTerminatedPods: {},
    });
    expect(pod?.metadata).toMatchObject({ labels: { job: 'work' }, finalizers: [trackingFinalizer] });
    expect(pod?.metadata.name).toMatch(/^work-[a-z0-9]{5}$/);
    expect(controllerOf(pod!)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      name: 'work',
      uid: created.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    play.succeed(pod);
    await eventually(() => {
      expect(play.conditions()).toEqual([
        'SuccessCriteriaMet=True CompletionsReached: Reached expected number of succeeded pods',
        'Complete=True CompletionsReached: Reached expected number of succeeded pods',
      ]);
    });
    const { status } = play.job();
    expect(status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status?.active).toBeUndefined();
    expect(status?.completionTime).toBe(status?.conditions?.[1]?.lastTransitionTime);
    expect(heldPods()).toEqual([]);
    await eventually(() => {
      expect(play.events()).toEqual([
        `Normal SuccessfulCreate Created pod: ${pod?.metadata.name ?? ''}`,
        'Normal Completed Job completed',
      ]);
    });
  });

  it('runs no more at once than it may, until there are enough successes', async () => {
    await start();
    play.create({ parallelism: 2, completions: 3 });
    for (const left of [2, 2, 1]) play.succeed((await activePods(left))[0]);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 3 });
      expect(play.conditions()).toHaveLength(2);
    });
    expect(play.pods()).toHaveLength(3);
  });

  it('without a number of completions ends when one has succeeded and the others have ended', async () => {
    await start();
    play.create({ parallelism: 3 });
    const [first, second, third] = await activePods(3);
    play.succeed(first);
    await activePods(2);
    play.fail(second);
    await activePods(1);
    expect(play.conditions()).toEqual([]);
    play.succeed(third);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 2, failed: 1 });
      expect(play.conditions()).toHaveLength(2);
    });
    expect(play.pods()).toHaveLength(3);
  });

  it('follows a change of parallelism', async () => {
    await start();
    play.create({ parallelism: 2, completions: 10 });
    await activePods(2);
    play.change({ parallelism: 4 });
    await activePods(4);
    play.change({ parallelism: 1 });
    await activePods(1);
    // What the job does not want leaves without being counted.
    expect(play.job().status?.failed).toBeUndefined();
    await eventually(() => {
      expect(play.events().filter((e) => e.startsWith('Normal SuccessfulDelete Deleted pod: work-'))).toHaveLength(3);
    });
  });

  it('makes the next pod ten seconds after a failure, then later and later', async () => {
    const time = fakeClock();
    await start({ time });
    play.create();
    for (const [failures, seconds] of [
      [1, 10],
      [2, 20],
      [3, 40],
    ] as const) {
      play.fail((await activePods(1))[0]);
      await eventually(() => {
        expect(play.job().status).toMatchObject({ failed: failures });
      });
      await time.advance((seconds - 1) * 1000);
      expect(play.active()).toEqual([]);
      await time.advance(1000);
    }
    await activePods(1);
  });

  it('fails when more pods have failed than may', async () => {
    await start();
    play.create({ backoffLimit: 0, parallelism: 2, completions: 2 });
    const [first] = await activePods(2);
    play.fail(first);
    await eventually(() => {
      expect(play.conditions()).toEqual([
        'FailureTarget=True BackoffLimitExceeded: Job has reached the specified backoff limit',
        'Failed=True BackoffLimitExceeded: Job has reached the specified backoff limit',
      ]);
    });
    expect(play.job().status).toMatchObject({ failed: 2, terminating: 0 });
    expect(heldPods()).toEqual([]);
    await eventually(() => {
      expect(play.events()).toContain('Warning BackoffLimitExceeded Job has reached the specified backoff limit');
    });
  });

  it('counts containers that are restarted in place', async () => {
    await start();
    const template = { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'work:1' }] } };
    play.create({ backoffLimit: 2, template: { metadata: { labels: { job: 'work' } }, ...template } });
    const [pod] = await activePods(1);
    const status = { name: 'main', image: 'work:1', imageID: '', ready: true, restartCount: 2 };
    play.setStatus(pod, { phase: 'Running', containerStatuses: [status] });
    await eventually(() => {
      expect(play.conditions()).toContain(
        'Failed=True BackoffLimitExceeded: Job has reached the specified backoff limit',
      );
    });
  });

  it('waits until the last pod is gone before it tells the end', async () => {
    await start();
    play.create({ backoffLimit: 0, parallelism: 2, completions: 2 });
    const [first, second] = await activePods(2);
    // On a node: it has time to end.
    store().put(refs.pods, { ...second!, spec: { ...second!.spec!, nodeName: 'a' } });
    play.fail(first);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ terminating: 1, failed: 2 });
    });
    expect(play.conditions()).toEqual([
      'FailureTarget=True BackoffLimitExceeded: Job has reached the specified backoff limit',
    ]);
    store().delete(refs.pods, 'default', second?.metadata.name ?? '', { gracePeriodSeconds: 0 });
    await eventually(() => {
      expect(play.conditions()).toHaveLength(2);
    });
  });

  it('fails when its deadline passes, which does not run while it is suspended', async () => {
    const time = fakeClock();
    await start({ time });
    play.create({ activeDeadlineSeconds: 60, suspend: true });
    await eventually(() => {
      expect(play.conditions()).toEqual(['Suspended=True JobSuspended: Job suspended']);
    });
    expect(play.job().status?.startTime).toBeUndefined();
    await time.advance(100_000);
    play.change({ suspend: false });
    await activePods(1);
    expect(play.conditions()).toEqual(['Suspended=False JobResumed: Job resumed']);
    expect(play.job().status?.startTime).toBe('2026-01-01T00:01:40Z');
    await time.advance(59_000);
    expect(play.conditions()).toHaveLength(1);
    await time.advance(1000);
    await eventually(() => {
      expect(play.conditions()).toEqual([
        'Suspended=False JobResumed: Job resumed',
        'FailureTarget=True DeadlineExceeded: Job was active longer than specified deadline',
        'Failed=True DeadlineExceeded: Job was active longer than specified deadline',
      ]);
    });
    await eventually(() => {
      expect(play.events()).toEqual(
        expect.arrayContaining([
          'Normal Suspended Job suspended',
          'Normal Resumed Job resumed',
          'Warning DeadlineExceeded Job was active longer than specified deadline',
        ]),
      );
    });
  });

  it('takes its pods away when it is suspended and makes new ones when it goes on', async () => {
    await start();
    play.create({ parallelism: 2, completions: 2 });
    await activePods(2);
    play.change({ suspend: true });
    await activePods(0);
    expect(play.pods()).toEqual([]);
    expect(play.job().status?.failed).toBeUndefined();
    play.change({ suspend: false });
    await activePods(2);
  });

  it('neither makes nor counts twice while its caches do not show what it did', async () => {
    await start();
    const creates = (): number =>
      harness.api.requests.filter((r) => r.method === 'POST' && r.path.endsWith('/pods')).length;
    const touch = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        const job = play.job();
        const labels = { n: String(store().revision) };
        store().update(refs.jobs, 'default', { ...job, metadata: { ...job.metadata, labels } });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    harness.api.holdWatches(true, 'pods');
    play.create({ parallelism: 3, completions: 4 });
    await eventually(() => {
      expect(play.pods()).toHaveLength(3);
    });
    await touch();
    expect(creates()).toBe(3);
    harness.api.holdWatches(false, 'pods');
    const pods = await activePods(3);

    // The pods' cache runs ahead of the job's.
    harness.api.holdWatches(true, 'jobs');
    play.succeed(pods[0]);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {} });
    });
    play.succeed(pods[1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    harness.api.holdWatches(false, 'jobs');
    await activePods(2);
    expect(creates()).toBe(4);

    // The job's runs ahead of the pods'.
    harness.api.holdWatches(true, 'pods');
    await touch();
    harness.api.holdWatches(false, 'pods');
    for (const pod of play.active()) play.succeed(pod);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 4 });
      expect(play.conditions()).toHaveLength(2);
    });
    expect(creates()).toBe(4);
  });

  it('goes on counting where a lost write or a crash left it', async () => {
    const put = (api: ClientHarness['api'], name: string, phase: string, finalizers: string[]): KubeObject =>
      api.store.put(refs.pods, {
        metadata: {
          name,
          namespace: 'default',
          uid: name,
          labels: { job: 'work' },
          finalizers,
          ownerReferences: [
            {
              apiVersion: 'batch/v1',
              kind: 'Job',
              name: 'work',
              uid: 'work',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        status: { phase },
      });
    await start({
      prepare: ({ api }) => {
        api.store.put(refs.jobs, {
          metadata: { name: 'work', namespace: 'default', uid: 'work' },
          spec: {
            parallelism: 3,
            completions: 3,
            backoffLimit: 6,
            selector: { matchLabels: { job: 'work' } },
            template: {},
          },
          // `released` has lost its finalizer, `gone` is gone, `noted` still has it.
          status: { uncountedTerminatedPods: { succeeded: ['released', 'noted'], failed: ['gone'] } },
        });
        put(api, 'released', 'Succeeded', []);
        put(api, 'noted', 'Succeeded', [trackingFinalizer]);
        put(api, 'unnoted', 'Succeeded', [trackingFinalizer]);
      },
    });
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 3, failed: 1, uncountedTerminatedPods: {} });
      expect(play.conditions()).toHaveLength(2);
    });
    expect(play.pods()).toHaveLength(3);
    expect(heldPods()).toEqual([]);
  });

  it('counts each pod once though writes fail', async () => {
    await start();
    play.create({ parallelism: 10, completions: 10 });
    const pods = await activePods(10);
    let n = 0;
    harness.api.refuse(({ method }) =>
      (method === 'PATCH' || method === 'PUT') && n++ % 3 === 0 ? statusErrors.internal('no') : undefined,
    );
    for (const pod of pods) play.succeed(pod);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 10, uncountedTerminatedPods: {} });
      expect(play.conditions()).toHaveLength(2);
    });
  });

  it('says why it cannot make pods, and goes on when it can', async () => {
    await start();
    harness.api.refuse(({ method, path }) =>
      method === 'POST' && path.endsWith('/pods')
        ? statusErrors.forbidden({ group: '', resource: 'pods' }, 'work-x', 'exceeded quota: q')
        : undefined,
    );
    play.create({ parallelism: 50, completions: 50 });
    await eventually(() => {
      expect(play.events()).toContain(
        'Warning FailedCreate Error creating: pods "work-x" is forbidden: exceeded quota: q',
      );
    });
    expect(play.job().status?.active).toBeUndefined();
    harness.api.refuse(undefined);
    await activePods(50);
  });

  it('adopts what it selects, with the finalizer that counts it', async () => {
    await start({
      prepare: ({ api }) => {
        api.store.create(refs.pods, 'default', { metadata: { name: 'stray', labels: { job: 'work' } } });
      },
    });
    play.create();
    const [pod] = await activePods(1);
    expect(pod?.metadata).toMatchObject({ name: 'stray', finalizers: [trackingFinalizer] });
    play.succeed(pod);
    await eventually(() => {
      expect(play.conditions()).toHaveLength(2);
    });
  });

  it('lets go what it no longer selects, without the finalizer', async () => {
    await start();
    play.create();
    const [pod] = await activePods(1);
    store().put(refs.pods, { ...pod!, metadata: { ...pod!.metadata, labels: { job: 'other' } } });
    await eventually(() => {
      const former = store().get(refs.pods, 'default', pod?.metadata.name ?? '');
      expect(controllerOf(former)).toBeUndefined();
      expect(former.metadata.finalizers ?? []).toEqual([]);
      expect(play.pods()).toHaveLength(2);
    });
  });

  it('leaves a job alone that another controller manages', async () => {
    await start();
    play.create({ managedBy: 'example.com/queue' });
    store().create(refs.jobs, 'default', { ...play.job(), metadata: { name: 'other' }, spec: { template: {} } });
    await eventually(() => {
      expect((store().get(refs.jobs, 'default', 'other')['status'] as object | undefined) ?? {}).toHaveProperty(
        'ready',
      );
    });
    expect(play.job().status).toBeUndefined();
  });

  it('lets go the pods of a job that is deleted', async () => {
    await start();
    play.create({ parallelism: 2, completions: 2 });
    const [first, second] = await activePods(2);
    store().delete(refs.jobs, 'default', 'work');
    await eventually(() => {
      expect(heldPods()).toEqual([]);
    });
    store().delete(refs.pods, 'default', first?.metadata.name ?? '');
    store().delete(refs.pods, 'default', second?.metadata.name ?? '');
    expect(play.pods()).toEqual([]);
  });

  it('makes nothing for a job that is being deleted, and holds nothing', async () => {
    await start();
    play.create({ parallelism: 2, completions: 2 }, { finalizers: ['foregroundDeletion'] });
    await activePods(2);
    store().delete(refs.jobs, 'default', 'work');
    await eventually(() => {
      expect(heldPods()).toEqual([]);
    });
    for (const pod of play.pods()) store().delete(refs.pods, 'default', pod.metadata.name ?? '');
    await eventually(() => {
      expect(play.job().status?.active).toBeUndefined();
    });
    expect(play.pods()).toEqual([]);
  });

  it('counts a pod that someone deletes as failed, and replaces it', async () => {
    const time = fakeClock();
    await start({ time });
    play.create();
    const [pod] = await activePods(1);
    store().delete(refs.pods, 'default', pod?.metadata.name ?? '');
    await eventually(() => {
      expect(play.job().status).toMatchObject({ failed: 1 });
    });
    await time.advance(10_000);
    const [next] = await activePods(1);
    expect(next?.metadata.name).not.toBe(pod?.metadata.name);
  });

  it('with replacement policy Failed replaces a pod when it has ended, not when it is going', async () => {
    const time = fakeClock();
    await start({ time });
    play.create({ podReplacementPolicy: 'Failed' });
    const [pod] = await activePods(1);
    store().put(refs.pods, { ...pod!, spec: { ...pod!.spec!, nodeName: 'a' } });
    store().delete(refs.pods, 'default', pod?.metadata.name ?? '');
    await eventually(() => {
      expect(play.job().status).toMatchObject({ terminating: 1 });
    });
    await time.advance(30_000);
    expect(play.active()).toEqual([]);
    expect(play.job().status?.failed).toBeUndefined();
    play.fail(store().get(refs.pods, 'default', pod?.metadata.name ?? ''));
    await eventually(() => {
      expect(play.job().status).toMatchObject({ failed: 1, terminating: 0 });
    });
    await time.advance(10_000);
    await activePods(1);
  });

  it('completes five hundred pods and more in a few seconds', async () => {
    await start();
    store().subscribe(({ type, ref, object }) => {
      if (type === 'ADDED' && ref.kind === 'Pod') queueMicrotask(() => play.succeed(object));
    });
    play.create({ parallelism: 600, completions: 700, completionMode: 'Indexed' });
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 700, completedIndexes: '0-699' });
      expect(play.conditions()).toHaveLength(2);
    });
    expect(play.pods()).toHaveLength(700);
  });
});
