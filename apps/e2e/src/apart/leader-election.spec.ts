import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, eventually } from '@reckon/testkit';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

// The deadline is long enough that a leader on a machine that is busy does not lose the lease by itself.
const [leaseMs, retryMs] = [10_000, 500];
const short = [
  '--leader-elect-lease-duration',
  '10s',
  '--leader-elect-renew-deadline',
  '8s',
  '--leader-elect-retry-period',
  '500ms',
];

interface Lease {
  readonly spec: { readonly holderIdentity: string; readonly acquireTime: string; readonly renewTime: string };
}

/** What one of the programs asked about a lease, and what it was told. */
interface Asked {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef: { readonly name: string };
  readonly responseStatus: { readonly code: number };
  readonly responseObject?: Lease;
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'RequestResponse',
      users: ['system:kube-controller-manager', 'system:kube-scheduler'],
      namespaces: ['kube-system'],
      resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }],
    },
    { level: 'None' },
  ],
};

describe('two of each program', () => {
  const cluster = new ApartCluster();
  const auditLog = join(cluster.folder, 'audit.log');
  let kubectl: Kubectl;
  let first: readonly ProgramProcess[];
  let second: readonly ProgramProcess[];

  beforeAll(async () => {
    const policy = join(cluster.folder, 'audit.yaml');
    writeFileSync(policy, JSON.stringify(auditPolicy));
    await cluster.apiserver(['--audit-policy-file', policy, '--audit-log-path', auditLog]);
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

  const asked = (name: string): Asked[] =>
    readFileSync(auditLog, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Asked)
      .filter((one) => one.objectRef.name === name && one.responseStatus.code === 200);
  const holderIn = (one: Asked): string | undefined =>
    one.verb === 'update' ? one.responseObject?.spec.holderIdentity : undefined;

  it('only one of two acts; when it is killed the other takes over as soon as the lease has run out', async () => {
    const before = await holders();
    expect(before.every((holder) => holder !== '')).toBe(true);
    await Promise.all(first.map((program) => program.end('SIGKILL')));
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await eventually(async () => {
      const after = await holders();
      expect(after.every((holder, i) => holder !== before[i])).toBe(true);
    });
    for (const [i, name] of ['kube-controller-manager', 'kube-scheduler'].entries()) {
      const all = asked(name);
      const renewed = all.findLastIndex((one) => holderIn(one) === before[i]);
      const taken = all.findIndex((one, at) => at > renewed && holderIn(one) !== undefined);
      const [last, next] = [all[renewed]?.responseObject?.spec, all[taken]?.responseObject?.spec];
      expect(Date.parse(next?.acquireTime ?? '')).toBeGreaterThanOrEqual(Date.parse(last?.renewTime ?? '') + leaseMs);
      // It looks at least a retry period apart, so that so many looks fit into the lease, however slow the machine is: one more that
      // saw the lease before it was renewed, one that finds it has run out, and one because timers may be a little early.
      const looks = all.slice(renewed, taken).filter(({ verb }) => verb === 'get').length;
      expect(looks).toBeGreaterThan(1);
      expect(looks).toBeLessThanOrEqual(leaseMs / retryMs + 3);
    }
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
