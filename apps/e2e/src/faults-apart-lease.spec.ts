import { type Kubectl, type RawClient, eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart/apart-cluster';
import type { ProgramProcess } from './apart/program-process';

/** Nobody may wait for the lease to expire. */
const long = ['--leader-elect-lease-duration', '10m', '--leader-elect-renew-deadline', '9m'];
const replicas = 120;
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'many' } },
    template: {
      metadata: { labels: { app: 'many' } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    },
  },
};

interface Lease {
  readonly spec: { readonly holderIdentity?: string; readonly leaseTransitions: number };
}

describe('a leader that is asked to end while it has much to do', () => {
  const cluster = new ApartCluster();
  let client: RawClient;
  let kubectl: Kubectl;
  const leaders = new Map<string, ProgramProcess>();
  const start = {
    'controller-manager': () => cluster.controllerManager(long),
    scheduler: () => cluster.scheduler(long),
  } as const;

  beforeAll(async () => {
    await cluster.apiserver();
    client = cluster.client();
    kubectl = cluster.kubectl();
    for (const [name, begin] of Object.entries(start)) leaders.set(name, await begin());
    for (const name of ['a', 'b']) await cluster.kubelet(name, ['--max-pods', '300']);
    await kubectl.run('wait --for=condition=Ready node/a node/b --timeout=60s');
    expect((await client.send('POST', deployments, { body: manifest })).status).toBe(201);
    await kubectl.run('rollout status deployment/many --timeout=100s');
  });
  afterAll(() => cluster.dispose());

  const lease = async (program: string): Promise<Lease['spec']> => {
    return ((await client.send('GET', `${leases}/kube-${program}`)).body as Lease).spec;
  };
  const updated = async (): Promise<number> => {
    const { body } = await client.send('GET', `${deployments}/many`);
    return (body as { status: { updatedReplicas?: number } }).status.updatedReplicas ?? 0;
  };

  it.each(['controller-manager', 'scheduler'] as const)(
    'the %s gives its lease back, and the next goes on without waiting for its end',
    async (program) => {
      const before = await lease(program);
      expect(before.holderIdentity).not.toBe('');
      // Another waits already, and would have to for ten minutes.
      const next = await start[program]();
      const patched = await client.send('PATCH', `${deployments}/many`, {
        body: { spec: { template: { metadata: { annotations: { version: program } } } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
      expect(patched.status, patched.text).toBe(200);
      await eventually(async () => {
        expect(await updated()).toBeGreaterThan(10);
      });
      const watch = await client.watch(`${leases}?watch=1&fieldSelector=metadata.name%3Dkube-${program}`);
      const ended = leaders.get(program)?.end('SIGTERM');
      await eventually(() => {
        const holders = watch.events.map(({ object }) => (object as unknown as Lease).spec.holderIdentity);
        expect(holders).toContain('');
      });
      watch.close();
      expect(await ended).toBe(0);
      leaders.set(program, next);
      await eventually(async () => {
        const now = await lease(program);
        expect([now.leaseTransitions, now.holderIdentity]).toEqual([
          before.leaseTransitions + 1,
          expect.stringMatching(/./),
        ]);
      });
      await kubectl.run('rollout status deployment/many --timeout=100s');
    },
  );
});
