import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { collectionPath } from './api-operations';
import {
  type ApiObject,
  type ConformanceCluster,
  namesOf,
  podSpec,
  startConformanceCluster,
} from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const condition = (type: string): object => ({ type, status: 'True', reason: 'E2E', message: 'Set by an e2e test' });

/** Of a pod whose containers do not end by themselves. */
const goOn = { 'reckon.dev/complete-after': '24h' };

describe('[sig-apps] Job', () => {
  const job = { suspend: true, template: { spec: { ...podSpec(), restartPolicy: 'Never' } } };
  const make = async (name: string): Promise<{ collection: string; path: string }> => {
    const collection = collectionPath({
      group: 'batch',
      resource: 'jobs',
      kind: 'Job',
      namespace: await cluster.namespace('job'),
      fields: {},
    });
    await cluster.create(collection, { metadata: { name, labels: { 'e2e-job-label': name } }, spec: job });
    return { collection, path: `${collection}/${name}` };
  };

  it('should apply changes to a job status', async () => {
    const { path } = await make('status');
    const read = await cluster.get(`${path}/status`);
    const patched = await cluster.patch(`${path}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions: [condition('CustomConditionType')] },
    });
    expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
    expect(patched.status).toMatchObject({ conditions: [condition('CustomConditionType')] });
    const updated = await cluster.change(
      path,
      (current) => ({
        ...current,
        status: { ...current.status, conditions: [condition('CustomConditionType'), condition('StatusUpdate')] },
      }),
      `${path}/status`,
    );
    expect(updated.status).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining(condition('StatusUpdate'))]) as unknown,
    });
    expect((await cluster.get(`${path}/status`)).metadata.uid).toBe(read.metadata.uid);
  });

  it('should manage the lifecycle of a job', async () => {
    const { collection, path } = await make('lifecycle');
    const watch = await cluster.watch(`${collection}?watch=1`);
    const patched = await cluster.patch(
      path,
      { metadata: { labels: { 'e2e-job-label': 'patched' } }, spec: { parallelism: 2 } },
      'strategic-merge-patch',
    );
    expect(patched).toMatchObject({ metadata: { labels: { 'e2e-job-label': 'patched' } }, spec: { parallelism: 2 } });
    const replaced = await cluster.change(path, (current) => ({
      ...current,
      metadata: { ...current.metadata, annotations: { updated: 'true' } },
      spec: { ...current.spec, suspend: true },
    }));
    expect(replaced.metadata.annotations).toMatchObject({ updated: 'true' });
    expect(namesOf(await cluster.list('/apis/batch/v1/jobs?labelSelector=e2e-job-label%3Dpatched'))).toEqual([
      'lifecycle',
    ]);
    await cluster.delete(`${collection}?labelSelector=e2e-job-label%3Dpatched&propagationPolicy=Background`);
    await cluster.gone(path);
    await eventually(() => {
      expect(watch.events.at(-1)?.type).toBe('DELETED');
    });
  });

  const pods = async (path: string): Promise<readonly ApiObject[]> => {
    const [scope = '', name = ''] = path.replace('/apis/batch/v1/', '/api/v1/').split('/jobs/');
    return (await cluster.list(`${scope}/pods?labelSelector=job-name%3D${name}`)).items;
  };
  const podPath = ({ metadata }: ApiObject): string =>
    `/api/v1/namespaces/${metadata.namespace ?? ''}/pods/${metadata.name}`;
  const start = async (name: string, spec: object, annotations: object = goOn): Promise<string> => {
    const collection = `/apis/batch/v1/namespaces/${await cluster.namespace('job')}/jobs`;
    const template = { metadata: { annotations }, spec: { ...podSpec(), restartPolicy: 'Never' } };
    await cluster.create(collection, { metadata: { name }, spec: { template, ...spec } });
    return `${collection}/${name}`;
  };
  const active = (path: string, count: number): Promise<readonly ApiObject[]> =>
    eventually(async () => {
      expect((await cluster.get(path)).status).toMatchObject({ active: count });
      const found = await pods(path);
      for (const { status } of found) expect(status).toMatchObject({ phase: 'Running' });
      expect(found).toHaveLength(count);
      return found;
    });
  /** The containers of the pod end, with the code, as those of a real one would by themselves. */
  const end = async (pod: ApiObject, exitCode = 0): Promise<void> => {
    await cluster.patch(podPath(pod), {
      metadata: { annotations: { 'reckon.dev/exit-code': String(exitCode), 'reckon.dev/complete-after': '0s' } },
    });
  };
  const indexOf = ({ metadata }: ApiObject): number =>
    Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  const ended = (path: string, type: 'Complete' | 'Failed', status: object): Promise<ApiObject> =>
    eventually(async () => {
      const read = await cluster.get(path);
      expect(read.status?.['conditions'] ?? []).toContainEqual(expect.objectContaining({ type, status: 'True' }));
      expect(read.status).toMatchObject(status);
      return read;
    });

  it('should delete a job', async () => {
    const path = await start('foo', { parallelism: 2, completions: 4 });
    await active(path, 2);
    await cluster.delete(path, { propagationPolicy: 'Background' });
    await cluster.gone(path);
    await eventually(async () => {
      expect(await pods(path)).toEqual([]);
    });
  });

  it('should adopt matching orphans and release non-matching pods', async () => {
    const path = await start('adopt-release', { parallelism: 2, completions: 4 });
    const { metadata } = await cluster.get(path);
    const [pod] = await active(path, 2);
    if (pod === undefined) throw new Error('no pod');
    const owners = async (): Promise<string[]> =>
      ((await cluster.get(podPath(pod))).metadata.ownerReferences ?? []).map(({ uid }) => uid);
    await cluster.patch(podPath(pod), { metadata: { ownerReferences: null } });
    await eventually(async () => {
      expect(await owners()).toEqual([metadata.uid]);
    });
    await cluster.patch(podPath(pod), { metadata: { labels: null } });
    await eventually(async () => {
      expect(await owners()).toEqual([]);
    });
  });

  it('should create pods for an Indexed job with completion indexes and specified hostname', async () => {
    const path = await start(
      'indexed-job',
      { completionMode: 'Indexed', parallelism: 2, completions: 4 },
      { 'reckon.dev/complete-after': '0s' },
    );
    await ended(path, 'Complete', { succeeded: 4, completedIndexes: '0-3' });
    const found = await pods(path);
    expect(found.map(indexOf).sort()).toEqual([0, 1, 2, 3]);
    for (const pod of found) {
      const index = String(indexOf(pod));
      expect(pod.spec).toMatchObject({ hostname: `indexed-job-${index}` });
      expect(pod.metadata.name).toMatch(new RegExp(`^indexed-job-${index}-`));
      const [container] = pod.spec?.['containers'] as { env: { name: string }[] }[];
      expect(container?.env.map(({ name }) => name)).toContain('JOB_COMPLETION_INDEX');
    }
  });

  it('should allow to use the pod failure policy on exit code to fail the job early', async () => {
    const path = await start('pod-failure-failjob', {
      parallelism: 2,
      completions: 4,
      backoffLimit: 6,
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
    });
    const [pod] = await active(path, 2);
    if (pod === undefined) throw new Error('no pod');
    await end(pod, 1);
    const { status } = await ended(path, 'Failed', { failed: 2 });
    expect(status?.['conditions']).toContainEqual(
      expect.objectContaining({ type: 'Failed', reason: 'PodFailurePolicy' }),
    );
  });

  it('should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition', async () => {
    const path = await start('pod-disruption-failure-ignore', {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
    });
    const [evicted] = await active(path, 1);
    if (evicted === undefined) throw new Error('no pod');
    const { name, namespace = '' } = evicted.metadata;
    await cluster.create(`${podPath(evicted)}/eviction`, { metadata: { name, namespace } });
    await cluster.gone(podPath(evicted));
    const [next] = await active(path, 1);
    if (next === undefined) throw new Error('no second pod');
    expect(next.metadata.uid).not.toBe(evicted.metadata.uid);
    await end(next);
    const { status } = await ended(path, 'Complete', { succeeded: 1 });
    expect(status?.['failed'] ?? 0).toBe(0);
  });

  it('should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
    const path = await start('with-backofflimitperindex', {
      completionMode: 'Indexed',
      parallelism: 2,
      completions: 4,
      backoffLimitPerIndex: 1,
    });
    const done = new Set<string>();
    await eventually(
      async () => {
        for (const pod of await pods(path)) {
          if (done.has(pod.metadata.uid) || pod.status?.['phase'] !== 'Running') continue;
          done.add(pod.metadata.uid);
          await end(pod, indexOf(pod) % 2);
        }
        await expectEnded(path, 'Failed');
      },
      { withinMs: 90_000 },
    );
    expect((await cluster.get(path)).status).toMatchObject({
      failedIndexes: '1,3',
      completedIndexes: '0,2',
      failed: 4,
      succeeded: 2,
    });
  });

  it('should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
    const path = await start('failindex', {
      completionMode: 'Indexed',
      parallelism: 2,
      completions: 2,
      backoffLimitPerIndex: 1,
      podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [0] } }] },
    });
    for (const pod of await active(path, 2)) await end(pod, indexOf(pod));
    await ended(path, 'Failed', { failedIndexes: '1', completedIndexes: '0', failed: 1, succeeded: 1 });
  });

  it('should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
    const path = await start('maxfailedindexes', {
      completionMode: 'Indexed',
      parallelism: 2,
      completions: 4,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 0,
    });
    const [pod] = await active(path, 2);
    if (pod === undefined) throw new Error('no pod');
    await end(pod, 1);
    const { status } = await ended(path, 'Failed', { failedIndexes: String(indexOf(pod)) });
    expect(status?.['conditions']).toContainEqual(
      expect.objectContaining({ type: 'Failed', reason: 'MaxFailedIndexesExceeded' }),
    );
  });

  it('should run a job to completion when tasks sometimes fail and are locally restarted', async () => {
    const collection = `/apis/batch/v1/namespaces/${await cluster.namespace('job')}/jobs`;
    const path = `${collection}/fail-once-local`;
    await cluster.create(collection, {
      metadata: { name: 'fail-once-local' },
      spec: {
        parallelism: 2,
        completions: 2,
        template: { metadata: { annotations: goOn }, spec: { ...podSpec(), restartPolicy: 'OnFailure' } },
      },
    });
    for (const pod of await active(path, 2)) {
      await end(pod, 1);
      await eventually(async () => {
        const [status] = (await cluster.get(podPath(pod))).status?.['containerStatuses'] as { restartCount: number }[];
        expect(status?.restartCount).toBeGreaterThan(0);
      });
      await end(pod, 0);
    }
    await ended(path, 'Complete', { succeeded: 2 });
  });

  const expectEnded = async (path: string, type: 'Complete' | 'Failed'): Promise<void> => {
    const { status } = await cluster.get(path);
    expect(status?.['conditions'] ?? []).toContainEqual(expect.objectContaining({ type, status: 'True' }));
  };
});

describe('[sig-apps] Job with successPolicy', () => {
  /** An indexed job whose pods of `succeeding` indexes end well, the others go on. */
  async function expectSuccess(
    name: string,
    rules: readonly object[] | undefined,
    succeeding: readonly number[],
  ): Promise<void> {
    const namespace = await cluster.namespace('job');
    const collection = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    await cluster.create(collection, {
      metadata: { name },
      spec: {
        completionMode: 'Indexed',
        parallelism: 3,
        completions: 3,
        backoffLimit: 1,
        successPolicy: { rules },
        template: { metadata: { annotations: goOn }, spec: { ...podSpec(), restartPolicy: 'Never' } },
      },
    });
    const pods = await eventually(async () => {
      const { items } = await cluster.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=job-name%3D${name}`);
      expect(items.map(({ status }) => status?.['phase'])).toEqual(['Running', 'Running', 'Running']);
      return items;
    });
    for (const { metadata } of pods)
      if (succeeding.includes(Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index'])))
        await cluster.patch(`/api/v1/namespaces/${namespace}/pods/${metadata.name}`, {
          metadata: { annotations: { 'reckon.dev/complete-after': '0s' } },
        });
    await eventually(async () => {
      const { status } = await cluster.get(`${collection}/${name}`);
      expect(status).toMatchObject({ succeeded: succeeding.length });
      for (const type of ['SuccessCriteriaMet', 'Complete'])
        expect(status?.['conditions'] ?? []).toContainEqual(
          expect.objectContaining({ type, status: 'True', reason: 'SuccessPolicy' }),
        );
    });
  }

  it('should succeeded when all indexes succeeded', () =>
    expectSuccess('with-success-policy', [{ succeededIndexes: '0-2' }], [0, 1, 2]));
  it('succeededIndexes rule should succeeded even when some indexes remain pending', () =>
    expectSuccess('with-success-policy-succeeded-indexes', [{ succeededIndexes: '0' }], [0]));
  it('succeededCount rule should succeeded even when some indexes remain pending', () =>
    expectSuccess('with-success-policy-succeeded-count', [{ succeededCount: 1 }], [0]));
});
