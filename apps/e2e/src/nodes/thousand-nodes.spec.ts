import { readFileSync } from 'node:fs';
import type { RawClient } from '@reckon/testkit';
import { eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../apart/apart-cluster';
import type { ProgramProcess } from '../apart/program-process';

const count = 1000;
const names = Array.from({ length: count }, (_, i) => `fleet-${String(i)}`).sort();

interface Node {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
interface Lease {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  };
  readonly spec: {
    readonly holderIdentity: string;
    readonly leaseDurationSeconds: number;
    readonly renewTime: string;
  };
}

describe('a kubelet of a thousand nodes', () => {
  const cluster = new ApartCluster();
  let client: RawClient;
  let kubelet: ProgramProcess;

  beforeAll(async () => {
    await cluster.apiserver();
    const kubeconfig = await cluster.kubeconfigOf('system:node:reckon', ['system:nodes', 'reckon:nodes']);
    kubelet = await cluster.start([
      ...['kubelet', '--kubeconfig', kubeconfig, '--nodes', String(count), '--node-name-prefix', 'fleet'],
      ...['--node-addresses', 'simulated', '--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
    ]);
    client = cluster.client();
  });
  afterAll(() => cluster.dispose());

  const list = async <T>(path: string): Promise<readonly T[]> =>
    ((await client.send('GET', path)).body as { readonly items: readonly T[] }).items;
  const leases = (): Promise<readonly Lease[]> =>
    list<Lease>('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases');
  const isReady = ({ status }: Node): boolean =>
    status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

  it('has them all Ready, each with a Lease of its own', async () => {
    const nodes = await eventually(
      async () => {
        const found = await list<Node>('/api/v1/nodes');
        expect(found.filter(isReady).map(({ metadata }) => metadata.name)).toEqual(names);
        return found;
      },
      { withinMs: 90_000 },
    );
    const uids = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.uid]));
    const found = await eventually(async () => {
      const all = await leases();
      expect(all.map(({ metadata }) => metadata.name)).toEqual(names);
      return all;
    });
    for (const { metadata, spec } of found) {
      expect(spec).toMatchObject({ holderIdentity: metadata.name, leaseDurationSeconds: 40 });
      expect(metadata.ownerReferences).toMatchObject([
        { kind: 'Node', name: metadata.name, uid: uids.get(metadata.name) },
      ]);
    }
  });

  it('renews them spread over time', async () => {
    const first = new Map((await leases()).map(({ metadata, spec }) => [metadata.name, spec.renewTime]));
    const renewals: { readonly name: string; readonly second: string }[] = [];
    const watch = await client.watch(
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?watch=1',
      ({ object }) => {
        const { metadata, spec } = object as unknown as Lease;
        if (first.get(metadata.name) === spec.renewTime) return;
        renewals.push({ name: metadata.name, second: spec.renewTime.slice(0, 'yyyy-mm-ddThh:mm:ss'.length) });
      },
    );
    // About two rounds.
    await eventually(
      () => {
        expect(renewals.length).toBeGreaterThanOrEqual(2 * count);
      },
      { withinMs: 90_000 },
    );
    watch.close();
    expect([...new Set(renewals.map(({ name }) => name))].sort()).toEqual(names);
    const bySecond = new Map<string, number>();
    for (const { second } of renewals) bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    // Ten seconds between two of one node: a tenth in each if they are even, all in one if nothing spreads them.
    expect(Math.max(...bySecond.values())).toBeLessThan(count * 0.4);
    expect((await list<Node>('/api/v1/nodes')).filter(isReady)).toHaveLength(count);
  });

  it('keeps them in less than 400 MB', () => {
    const [, kiB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(kubelet.pid)}/status`, 'utf8')) ?? [];
    expect(Number(kiB) / 1024).toBeLessThan(400);
    // It is the process that has them, not a launcher of it.
    expect(Number(kiB) / 1024).toBeGreaterThan(50);
  });
});
