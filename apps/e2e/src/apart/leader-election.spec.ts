import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, eventually } from '@reckon/testkit';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

const leaseMs = 3_000;
const short = [
  '--leader-elect-lease-duration',
  '3s',
  '--leader-elect-renew-deadline',
  '2s',
  '--leader-elect-retry-period',
  '500ms',
];

interface Lease {
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number };
}

describe('two of each program', () => {
  const cluster = new ApartCluster();
  let kubectl: Kubectl;
  let first: readonly ProgramProcess[];
  let second: readonly ProgramProcess[];

  beforeAll(async () => {
    await cluster.apiserver();
    first = [await cluster.controllerManager(short), await cluster.scheduler(short)];
    kubectl = cluster.kubectl();
    await eventually(async () => {
      await kubectl.run('get lease -n kube-system kube-controller-manager kube-scheduler');
    });
    second = await Promise.all([cluster.controllerManager(short), cluster.scheduler(short)]);
    await cluster.kubelet('worker');
    await kubectl.run('wait --for=create node/worker --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/worker --timeout=60s');
  });
  afterAll(() => cluster.dispose());

  const holders = async (): Promise<string[]> => {
    const { items } = await kubectl.json<{ items: Lease[] }>(
      'get lease -n kube-system kube-controller-manager kube-scheduler',
    );
    return items.map(({ spec }) => spec.holderIdentity);
  };

  it('only one of two acts; when it is killed the other takes over within the lease', async () => {
    const before = await holders();
    expect(before.every((holder) => holder !== '')).toBe(true);
    await Promise.all(first.map((program) => program.end('SIGKILL')));
    const killedMs = performance.now();
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await eventually(async () => {
      const after = await holders();
      expect(after.every((holder, i) => holder !== before[i])).toBe(true);
    });
    // The lease, then one attempt, on a machine that is busy.
    expect(performance.now() - killedMs).toBeLessThan(leaseMs + 4_000);
    await kubectl.run('rollout status deployment/web --timeout=60s');
  });

  it('a leader that ends gives the lease back: the next need not wait until it has expired', async () => {
    await second[1]?.end();
    const long = ['--leader-elect-lease-duration', '10m', '--leader-elect-renew-deadline', '9m'];
    const holder = async (): Promise<string> => (await holders())[1] ?? '';
    const leader = await cluster.scheduler([...long, '--leader-elect-retry-period', '500ms']);
    await eventually(async () => {
      expect(await holder()).not.toBe('');
    });
    const before = await holder();
    await cluster.scheduler([...long, '--leader-elect-retry-period', '500ms']);
    expect(await leader.end()).toBe(0);
    await eventually(async () => {
      expect(['', before]).not.toContain(await holder());
    });
  });

  it('times that cannot be kept are refused by name', async () => {
    await expect(cluster.scheduler(['--leader-elect-lease-duration', '5s'])).rejects.toThrow(
      'reckon: --leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
    );
  });
});
