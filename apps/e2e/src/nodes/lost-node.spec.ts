import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, eventually } from '@reckon/testkit';
import { ApartCluster } from '../apart/apart-cluster';
import type { ProgramProcess } from '../apart/program-process';

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

interface Node {
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
  readonly status: { readonly conditions: readonly Readonly<Record<string, string>>[] };
}

/** Two pods that leave a lost node after two seconds, and one of each name per node as far as there are nodes. */
const deployment = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'web', image: 'nginx' }],
        tolerations: ['not-ready', 'unreachable'].map((key) => ({
          key: `node.kubernetes.io/${key}`,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 2,
        })),
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: { app: 'web' } },
          },
        ],
      },
    },
  },
});

describe('a kubelet that stops', () => {
  const cluster = new ApartCluster();
  const kubelets: Record<string, ProgramProcess> = {};
  let kubectl: Kubectl;

  beforeAll(async () => {
    await cluster.apiserver();
    [kubelets['one'], kubelets['two']] = await Promise.all([
      cluster.kubelet('one'),
      cluster.kubelet('two'),
      // Longer than the ten seconds between two renewals of a lease.
      cluster.controllerManager(['--node-monitor-grace-period=15s', '--node-monitor-period=1s']),
      cluster.scheduler(),
    ]);
    kubectl = cluster.kubectl();
    await kubectl.run('wait --for=create node/one node/two --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/one node/two --timeout=60s');
    await eventually(async () => {
      for (const name of ['one', 'two']) expect(await taints(name)).toEqual([]);
    });
    await kubectl.run('apply -f -', { stdin: deployment });
    await kubectl.run('rollout status deployment/web --timeout=60s');
  });
  afterAll(() => cluster.dispose());

  const taints = async (name: string): Promise<string[]> =>
    ((await kubectl.json<Node>(`get node ${name}`)).spec.taints ?? []).map((t) => `${t.key}:${t.effect}`).sort();
  const pods = async (): Promise<readonly Pod[]> => (await kubectl.json<{ items: Pod[] }>('get pods -l app=web')).items;
  const events = async (about: string): Promise<string> =>
    await kubectl.run(['get', 'events', '-A', `--field-selector=involvedObject.name=${about}`]);

  it('is declared lost, its pods are driven out and come up elsewhere', { timeout: 180_000 }, async () => {
    const before = await pods();
    expect(before.map((pod) => pod.spec.nodeName).sort()).toEqual(['one', 'two']);
    const lost = before.find((pod) => pod.spec.nodeName === 'one')?.metadata.name ?? '';
    expect(await events('one')).toMatch(/RegisteredNode +node\/one +Node one event: Registered Node one in Controller/);

    await kubelets['one']?.end('SIGKILL');
    await kubectl.run('wait --for=condition=Ready=Unknown node/one --timeout=90s');
    const { status } = await kubectl.json<Node>('get node one');
    expect(status.conditions.find((c) => c['type'] === 'Ready')).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(await kubectl.run('get node one --no-headers')).toMatch(/^one +NotReady /);
    await eventually(async () => {
      expect(await taints('one')).toEqual([
        'node.kubernetes.io/unreachable:NoExecute',
        'node.kubernetes.io/unreachable:NoSchedule',
      ]);
    });
    await eventually(async () => {
      const now = await pods();
      const running = now.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      expect(running.map((pod) => pod.spec.nodeName)).toEqual(['two', 'two']);
      const conditions = now.find((pod) => pod.metadata.name === lost)?.status.conditions ?? [];
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }));
      expect(conditions).toContainEqual(
        expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
      );
    });
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await eventually(async () => {
      expect(await events('one')).toMatch(/NodeNotReady +node\/one +Node one status is now: NodeNotReady/);
      expect(await events(lost)).toMatch(
        new RegExp(`TaintManagerEviction +pod/${lost} +Marking for deletion Pod default/${lost}`),
      );
    });
    // Nobody has ended it: it waits for its kubelet.
    expect((await pods()).map((pod) => pod.metadata.name)).toContain(lost);

    kubelets['one'] = await cluster.kubelet('one');
    await kubectl.run('wait --for=create node/one --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/one --timeout=60s');
    await eventually(async () => {
      expect(await taints('one')).toEqual([]);
      expect((await pods()).map((pod) => pod.metadata.name)).not.toContain(lost);
    });
  });

  it('leaves no trace when its node is deleted', { timeout: 60_000 }, async () => {
    await kubelets['two']?.end();
    await kubectl.run('delete node two');
    await eventually(async () => {
      expect(await events('two')).toMatch(/RemovingNode +node\/two +Node two event: Removing Node two from Controller/);
    });
  });
});

describe('taints that people set', () => {
  const cluster = new ApartCluster();
  let kubectl: Kubectl;

  beforeAll(async () => {
    await cluster.apiserver();
    await Promise.all([cluster.kubelet('one'), cluster.controllerManager(), cluster.scheduler()]);
    kubectl = cluster.kubectl();
    await kubectl.run('wait --for=create node/one --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/one --timeout=60s');
  });
  afterAll(() => cluster.dispose());

  it(
    'with NoExecute they drive out what does not tolerate them; a cordon is a taint',
    { timeout: 90_000 },
    async () => {
      const run = (name: string, tolerations: object[]): Promise<string> =>
        kubectl.run(['run', name, '--image=nginx', `--overrides=${JSON.stringify({ spec: { tolerations } })}`]);
      await run('stays', [{ key: 'maintenance', operator: 'Exists' }]);
      await run('goes', []);
      await kubectl.run('wait --for=condition=Ready pod/stays pod/goes --timeout=60s');
      await kubectl.run('taint node one maintenance=now:NoExecute');
      await kubectl.run('wait --for=delete pod/goes --timeout=60s');
      expect(await kubectl.run('get pod stays --no-headers')).toMatch(/ Running /);
      await kubectl.run('cordon one');
      await eventually(async () => {
        expect(await kubectl.run('describe node one')).toMatch(/node\.kubernetes\.io\/unschedulable:NoSchedule/);
      });
      await kubectl.run('uncordon one');
      await eventually(async () => {
        expect(await kubectl.run('describe node one')).not.toMatch(/unschedulable:NoSchedule/);
      });
    },
  );
});
