import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { type ApiObject, type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

/** The shortest schedule is a minute: all are begun together, and two rounds of it are waited for. */
const twoRounds = { withinMs: 150_000 } as const;

let cluster: ConformanceCluster;
let namespace: string;

const cronJobs = (): string => `/apis/batch/v1/namespaces/${namespace}/cronjobs`;
const make = async (name: string, fields: object): Promise<void> => {
  const container = { name: 'c', image: 'registry.example/busybox:1.37', command: ['sleep', '300'] };
  const template = { spec: { restartPolicy: 'OnFailure', terminationGracePeriodSeconds: 0, containers: [container] } };
  await cluster.create(cronJobs(), {
    metadata: { name },
    spec: { schedule: '*/1 * * * ?', ...fields, jobTemplate: { spec: { template } } },
  });
};
/** Its jobs that have not been deleted. */
const jobsOf = async (name: string): Promise<readonly ApiObject[]> => {
  const { items } = await cluster.list(`/apis/batch/v1/namespaces/${namespace}/jobs`);
  return items.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && metadata.ownerReferences?.some((o) => o.name === name) === true,
  );
};
const activeOf = async (name: string): Promise<number> =>
  ((await cluster.get(`${cronJobs()}/${name}`)).status?.['active'] as unknown[] | undefined)?.length ?? 0;

beforeAll(async () => {
  cluster = await startConformanceCluster();
  namespace = await cluster.namespace('cronjob');
  await make('concurrent', { concurrencyPolicy: 'Allow' });
  await make('forbid', { concurrencyPolicy: 'Forbid' });
  await make('replace', { concurrencyPolicy: 'Replace' });
  await make('suspended', { suspend: true });
});
afterAll(async () => {
  await cluster.dispose();
});

describe('[sig-apps] CronJob', () => {
  it('should replace jobs when ReplaceConcurrent', { timeout: 2 * twoRounds.withinMs }, async () => {
    const first = await eventually(async () => {
      const jobs = await jobsOf('replace');
      expect(jobs).toHaveLength(1);
      return jobs[0]?.metadata.name;
    }, twoRounds);
    await eventually(async () => {
      const jobs = await jobsOf('replace');
      expect(jobs).toHaveLength(1);
      expect(jobs[0]?.metadata.name).not.toBe(first);
      expect(await activeOf('replace')).toBe(1);
    }, twoRounds);
  });

  it('should schedule multiple jobs concurrently', { timeout: twoRounds.withinMs }, async () => {
    await eventually(async () => {
      expect(await activeOf('concurrent')).toBeGreaterThanOrEqual(2);
    }, twoRounds);
    expect((await jobsOf('concurrent')).length).toBeGreaterThanOrEqual(2);
  });

  it('should not schedule new jobs when ForbidConcurrent [Slow]', async () => {
    expect(await jobsOf('forbid')).toHaveLength(1);
    expect(await activeOf('forbid')).toBe(1);
  });

  it('should not schedule jobs when suspended [Slow]', async () => {
    expect(await jobsOf('suspended')).toEqual([]);
    expect((await cluster.get(`${cronJobs()}/suspended`)).status).toEqual({});
  });
});
