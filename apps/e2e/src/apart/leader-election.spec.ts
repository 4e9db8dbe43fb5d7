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

  beforeAll(async () => {
    await cluster.apiserver();
    first = [await cluster.controllerManager(short), await cluster.scheduler(short)];
    kubectl = cluster.kubectl();
    await eventually(async () => {
      await kubectl.run('get lease -n kube-system kube-controller-manager kube-scheduler');
    });
    await Promise.all([cluster.controllerManager(short), cluster.scheduler(short), cluster.kubelet('worker')]);
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

  it('a leader that ends gives the lease back: the next need not wait for it', async () => {
    const before = await holders();
    const third = await cluster.scheduler([
      '--leader-elect-lease-duration',
      '1h',
      '--leader-elect-retry-period',
      '500ms',
    ]);
    expect(third.output()).toContain('answering on');
    expect(await holders()).toEqual(before);
  });

  it('times that cannot be kept are refused by name', async () => {
    await expect(cluster.scheduler(['--leader-elect-lease-duration', '5s'])).rejects.toThrow(
      'reckon: --leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
    );
  });
});
