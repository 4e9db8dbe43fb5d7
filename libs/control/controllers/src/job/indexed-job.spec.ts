import { fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type Pod, startControllersForTest } from '../testing/controller-test.suite';
import { completionIndexKey, completionIndexOf, failureCountKey, ignoredFailureCountKey } from './completion-index';
import { jobController } from './job-controller';
import { JobPlay } from './testing/job-test.suite';

let harness: ClientHarness;
afterEach(() => harness.stop());

const play = new JobPlay(() => harness);
const start = async (options: Parameters<typeof startControllersForTest>[1] = {}): Promise<void> => {
  harness = await startControllersForTest([jobController], options);
};
const indexes = (): (number | undefined)[] => play.active().map(completionIndexOf).sort();
const activeIndexes = (wanted: readonly number[]): Promise<void> =>
  eventually(() => {
    expect(indexes()).toEqual(wanted);
    expect(play.job().status?.active ?? 0).toBe(wanted.length);
  });
const at = (index: number): Pod => play.active().find((p) => completionIndexOf(p) === index)!;
const indexed = (completions: number, spec: object = {}): void => {
  play.create({ completionMode: 'Indexed', parallelism: completions, completions, ...spec });
};

describe('an indexed job', () => {
  it('tells each pod its index', async () => {
    await start();
    indexed(2);
    await activeIndexes([0, 1]);
    const pod = at(1);
    expect(pod.metadata).toMatchObject({
      labels: { [completionIndexKey]: '1', job: 'work' },
      annotations: { [completionIndexKey]: '1' },
    });
    expect(pod.metadata.annotations).not.toHaveProperty([failureCountKey]);
    expect(pod.metadata.name).toMatch(/^work-1-[a-z0-9]{5}$/);
    expect(pod.spec).toMatchObject({
      hostname: 'work-1',
      containers: [
        {
          env: [
            {
              name: 'JOB_COMPLETION_INDEX',
              valueFrom: { fieldRef: { fieldPath: `metadata.labels['${completionIndexKey}']` } },
            },
          ],
        },
      ],
    });
  });

  it('completes when each index has succeeded once', async () => {
    await start();
    indexed(4, { parallelism: 2 });
    await activeIndexes([0, 1]);
    play.succeed(at(1));
    await activeIndexes([0, 2]);
    expect(play.job().status).toMatchObject({ succeeded: 1, completedIndexes: '1' });
    play.succeed(at(2));
    await activeIndexes([0, 3]);
    play.succeed(at(3));
    await activeIndexes([0]);
    expect(play.job().status).toMatchObject({ succeeded: 3, completedIndexes: '1-3' });
    play.succeed(at(0));
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
      expect(play.conditions()).toHaveLength(2);
    });
  });

  it('takes away all but one pod of an index, and those of no index', async () => {
    await start();
    indexed(2);
    await activeIndexes([0, 1]);
    const twin = at(0);
    const put = (name: string, annotations: Record<string, string>): void => {
      const { store } = harness.api;
      store.put(
        { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true },
        { ...twin, metadata: { ...twin.metadata, name, uid: name, annotations } },
      );
    };
    put('twin', { [completionIndexKey]: '0' });
    put('lost', {});
    put('beyond', { [completionIndexKey]: '2' });
    await activeIndexes([0, 1]);
    expect(play.pods()).toHaveLength(2);
  });

  it('that shrinks forgets the indexes beyond its end', async () => {
    await start();
    indexed(3);
    await activeIndexes([0, 1, 2]);
    play.succeed(at(2));
    await activeIndexes([0, 1]);
    play.change({ completions: 2, parallelism: 2 });
    await eventually(() => {
      expect(play.job().status?.completedIndexes).toBeUndefined();
    });
    play.succeed(at(0));
    play.succeed(at(1));
    await eventually(() => {
      expect(play.job().status).toMatchObject({ succeeded: 2, completedIndexes: '0,1' });
      expect(play.conditions()).toHaveLength(2);
    });
  });
});

describe('indexes with limits of their own', () => {
  it('are tried again with their count, and fail by themselves', async () => {
    const time = fakeClock();
    await start({ time });
    indexed(2, { backoffLimitPerIndex: 1 });
    await activeIndexes([0, 1]);
    expect(at(0).metadata.annotations).toMatchObject({ [failureCountKey]: '0' });
    play.fail(at(0));
    await activeIndexes([1]);
    await time.advance(10_000);
    await activeIndexes([0, 1]);
    expect(at(0).metadata.annotations).toMatchObject({ [failureCountKey]: '1' });
    await eventually(() => {
      expect(play.job().status).toMatchObject({ failed: 1, failedIndexes: '' });
    });
    play.fail(at(0));
    await eventually(() => {
      expect(play.job().status).toMatchObject({ failed: 2, failedIndexes: '0' });
    });
    play.succeed(at(1));
    await eventually(() => {
      expect(play.conditions()).toEqual([
        'FailureTarget=True FailedIndexes: Job has failed indexes',
        'Failed=True FailedIndexes: Job has failed indexes',
      ]);
    });
    expect(play.job().status).toMatchObject({ succeeded: 1, completedIndexes: '1', failedIndexes: '0' });
  });

  it('may not fail too often together', async () => {
    await start();
    indexed(4, { backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    await activeIndexes([0, 1, 2, 3]);
    play.fail(at(0));
    await activeIndexes([1, 2, 3]);
    play.fail(at(2));
    await eventually(() => {
      expect(play.conditions()).toContain(
        'Failed=True MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes',
      );
    });
    expect(play.job().status).toMatchObject({ failedIndexes: '0,2', failed: 4 });
  });

  it('fail at once where the failure policy says so, and are not blamed for what it passes over', async () => {
    const time = fakeClock();
    await start({ time });
    const onExitCodes = (values: number[]): object => ({ onExitCodes: { operator: 'In', values } });
    indexed(2, {
      backoffLimitPerIndex: 3,
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', ...onExitCodes([42]) },
          { action: 'Ignore', ...onExitCodes([7]) },
        ],
      },
    });
    await activeIndexes([0, 1]);
    play.fail(at(0), 42);
    await eventually(() => {
      expect(play.job().status).toMatchObject({ failedIndexes: '0', failed: 1 });
    });
    play.fail(at(1), 7);
    await time.advance(10_000);
    await activeIndexes([1]);
    expect(at(1).metadata.annotations).toMatchObject({ [failureCountKey]: '0', [ignoredFailureCountKey]: '1' });
    expect(play.job().status?.failed).toBe(1);
  });
});

describe('a success policy', () => {
  it('ends the job early, and what still runs did not fail', async () => {
    await start();
    indexed(4, {
      successPolicy: { rules: [{ succeededIndexes: '0' }, { succeededIndexes: '1-3', succeededCount: 2 }] },
    });
    await activeIndexes([0, 1, 2, 3]);
    play.succeed(at(1));
    await activeIndexes([0, 2, 3]);
    play.succeed(at(3));
    await eventually(() => {
      expect(play.conditions()).toEqual([
        'SuccessCriteriaMet=True SuccessPolicy: Matched rules at index 1',
        'Complete=True SuccessPolicy: Matched rules at index 1',
      ]);
    });
    expect(play.job().status).toMatchObject({ succeeded: 2, completedIndexes: '1,3' });
    expect(play.job().status?.failed).toBeUndefined();
    expect(play.active()).toEqual([]);
  });
});

describe('a pod failure policy', () => {
  const policy = {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'NotIn', values: [1, 2] } },
    ],
  };

  it('fails the job for an exit code', async () => {
    await start();
    play.create({ podFailurePolicy: policy });
    const [pod] = await eventually(() => {
      expect(play.active()).toHaveLength(1);
      return play.active();
    });
    play.fail(pod, 3);
    const message = `Container main for pod default/${pod?.metadata.name ?? ''} failed with exit code 3 matching FailJob rule at index 1`;
    await eventually(() => {
      expect(play.conditions()).toEqual([
        `FailureTarget=True PodFailurePolicy: ${message}`,
        `Failed=True PodFailurePolicy: ${message}`,
      ]);
    });
    await eventually(() => {
      expect(play.events()).toContain(`Warning PodFailurePolicy ${message}`);
    });
  });

  it('passes over what was disrupted', async () => {
    const time = fakeClock();
    await start({ time });
    play.create({ podFailurePolicy: policy, backoffLimit: 0 });
    await activeIndexes([undefined] as unknown as number[]);
    play.setStatus(play.active()[0], {
      phase: 'Failed',
      conditions: [{ type: 'DisruptionTarget', status: 'True' }],
    });
    await eventually(() => {
      expect(play.active()).toEqual([]);
    });
    await time.advance(11_000);
    await eventually(() => {
      expect(play.active()).toHaveLength(1);
    });
    expect(play.conditions()).toEqual([]);
    expect(play.job().status?.failed).toBeUndefined();
  });
});
