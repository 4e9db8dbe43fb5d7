import { microTimeText, timeText } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type FakeClock, fakeClock } from '@reckon/kernel';
import { type ClientHarness, eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControllersForTest } from '../testing/controller-test.suite';
import type { Node } from './node';
import { nodeLifecycleController } from './node-lifecycle-controller';

let time: FakeClock;
let harness: ClientHarness;

const soon = <T>(check: () => T | Promise<T>): Promise<T> => eventually(check, { withinMs: 10_000 });

beforeEach(() => {
  time = fakeClock();
});
afterEach(() => harness.stop());

const start = async (prepare: (h: ClientHarness) => void): Promise<void> => {
  harness = await startControllersForTest([nodeLifecycleController], { time, prepare });
  await soon(() => {
    expect(events()).toHaveLength(harness.api.store.list(refs.nodes).length);
  });
};
/** Time passes in steps, so that requests on real sockets are answered in between. */
const seconds = async (n: number, each?: (passed: number) => void): Promise<void> => {
  for (let passed = 5; passed <= n; passed += 5) {
    await time.advance(5_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
    each?.(passed);
  }
};
const putNode = ({ api }: ClientHarness, name: string, ready = 'True', more: object = {}): void => {
  api.store.put(refs.nodes, {
    metadata: { name, uid: `uid-${name}`, creationTimestamp: timeText(time.nowMs()) },
    status: {
      conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: timeText(time.nowMs()) }],
    },
    ...more,
  });
};
const renew = ({ api }: ClientHarness, name: string): void => {
  api.store.put(refs.leases, {
    metadata: { namespace: 'kube-node-lease', name },
    spec: { renewTime: microTimeText(time.nowMs()) },
  });
};
const putPod = ({ api }: ClientHarness, name: string, nodeName: string): void => {
  api.store.put(refs.pods, {
    metadata: { namespace: 'default', name, uid: `uid-${name}` },
    spec: { nodeName },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
};
const nodeNamed = (name: string): Node => harness.api.store.get(refs.nodes, '', name);
const taints = (name: string): string[] =>
  (nodeNamed(name).spec?.taints ?? []).map((t) => `${t.key.replace('node.kubernetes.io/', '')}:${t.effect}`).sort();
const readyOf = (name: string): object | undefined =>
  nodeNamed(name).status?.conditions?.find((c) => c.type === 'Ready');
const podReady = (name: string): unknown =>
  (harness.api.store.get(refs.pods, 'default', name)['status'] as { conditions: { status: string }[] }).conditions[0]
    ?.status;
const events = (): string[] =>
  harness.api.store
    .list(refs.events)
    .map((e) => `${String(e['type'])} ${String(e['reason'])}: ${String(e['message'])}`);
const lost = ['unreachable:NoExecute', 'unreachable:NoSchedule'];

describe('the node lifecycle controller', () => {
  it('declares a silent node lost, keeps pods away, then drives them out', async () => {
    await start((h) => {
      putNode(h, 'dead');
      putNode(h, 'well');
      putPod(h, 'p', 'dead');
      putPod(h, 'q', 'well');
    });
    renew(harness, 'dead');
    await seconds(50, () => {
      renew(harness, 'well');
    });
    expect(readyOf('dead')).toMatchObject({ status: 'True' });
    await seconds(5, () => {
      renew(harness, 'well');
    });
    await soon(() => {
      expect(readyOf('dead')).toMatchObject({
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: '2026-01-01T00:00:50Z',
      });
      expect(taints('dead')).toEqual(['unreachable:NoSchedule']);
      expect(podReady('p')).toBe('False');
    });
    await seconds(10, () => {
      renew(harness, 'well');
    });
    await soon(() => {
      expect(taints('dead')).toEqual(lost);
    });
    expect(harness.registry.render().split('\n')).toEqual(
      expect.arrayContaining([
        'node_collector_zone_size{zone=""} 2',
        'node_collector_unhealthy_nodes_in_zone{zone=""} 1',
        'node_collector_zone_health{zone=""} 50',
        'node_collector_evictions_total{zone=""} 1',
      ]),
    );
    expect([readyOf('well'), taints('well'), podReady('q')]).toMatchObject([{ status: 'True' }, [], 'True']);
    expect(events().sort()).toEqual([
      'Normal NodeNotReady: Node dead status is now: NodeNotReady',
      'Normal RegisteredNode: Node dead event: Registered Node dead in Controller',
      'Normal RegisteredNode: Node well event: Registered Node well in Controller',
      'Warning NodeNotReady: Node is not ready',
    ]);

    putNode(harness, 'dead', 'True', { spec: nodeNamed('dead').spec });
    await soon(() => {
      expect(taints('dead')).toEqual([]);
    });
  });

  it('gives a node that never told its state a minute from its creation', async () => {
    await start((h) => {
      putNode(h, 'well');
      h.api.store.put(refs.nodes, {
        metadata: { name: 'mute', creationTimestamp: timeText(time.nowMs() - 20_000) },
        spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
      });
    });
    const renewWell = (): void => {
      renew(harness, 'well');
    };
    await seconds(40, renewWell);
    expect(readyOf('mute')).toBeUndefined();
    await seconds(5, renewWell);
    await soon(() => {
      expect(readyOf('mute')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated' });
    });
  });

  it('takes the birth taint away when the node is ready, and makes labels whole', async () => {
    const spec = { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] };
    await start((h) => {
      putNode(h, 'new', 'True', { metadata: { name: 'new', labels: { 'kubernetes.io/os': 'linux' } }, spec });
    });
    await soon(() => {
      expect(taints('new')).toEqual([]);
      expect(nodeNamed('new').metadata.labels).toEqual({
        'kubernetes.io/os': 'linux',
        'beta.kubernetes.io/os': 'linux',
      });
    });
    expect(harness.api.requests.filter((q) => q.method === 'PATCH')).toHaveLength(1);
  });

  it('drives pods out of one node after another', async () => {
    const names = ['a', 'b', 'c'];
    await start((h) => {
      for (let i = 0; i < 4; i++) putNode(h, `well-${i}`);
      for (const name of names) putNode(h, name, 'False');
    });
    const evicted = (): number => names.filter((name) => taints(name).includes('not-ready:NoExecute')).length;
    const renewAll = (): void => {
      for (const { metadata } of harness.api.store.list(refs.nodes)) renew(harness, metadata.name ?? '');
    };
    await seconds(5, renewAll);
    await soon(() => {
      expect(evicted()).toBe(1);
    });
    await seconds(10, renewAll);
    await soon(() => {
      expect(evicted()).toBe(2);
    });
    await seconds(10, renewAll);
    await soon(() => {
      expect(evicted()).toBe(3);
    });
  });

  it('evicts nothing when every node is lost, and judges anew when one is back', async () => {
    await start((h) => {
      for (const name of ['a', 'b']) putNode(h, name);
    });
    await seconds(100);
    await soon(() => {
      for (const name of ['a', 'b']) expect(taints(name)).toEqual(['unreachable:NoSchedule']);
    });
    putNode(harness, 'a', 'True', { spec: nodeNamed('a').spec });
    const renewA = (): void => {
      renew(harness, 'a');
    };
    await seconds(5, renewA);
    expect(taints('b')).toEqual(['unreachable:NoSchedule']);
    await seconds(15, renewA);
    await soon(() => {
      expect([taints('a'), taints('b')]).toEqual([[], lost]);
    });
  });

  it('does not blame nodes for an apiserver that is away', async () => {
    await start((h) => {
      for (const name of ['a', 'b']) putNode(h, name);
    });
    const { statusErrors } = await import('@reckon/api/machinery');
    let refusals = 0;
    harness.api.refuse((request) =>
      request.method === 'PATCH' && refusals++ < 2 ? statusErrors.internal('away') : undefined,
    );
    await seconds(60);
    await soon(() => {
      expect(readyOf('a')).toMatchObject({ status: 'Unknown' });
    });
    expect(refusals).toBeGreaterThan(2);
  });

  it('tells when a node goes, or is replaced by another of its name', async () => {
    await start((h) => {
      putNode(h, 'n');
    });
    harness.api.store.delete(refs.nodes, '', 'n');
    await soon(() => {
      expect(events()).toContain('Normal RemovingNode: Node n event: Removing Node n from Controller');
    });
    await seconds(200);
    expect(harness.api.requests.filter((q) => q.method === 'PATCH')).toEqual([]);
  });

  it('does nothing for nodes that are well but to look once in a grace period', async () => {
    await start((h) => {
      for (let i = 0; i < 20; i++) putNode(h, `n${i}`);
    });
    const before = harness.api.requests.length;
    await seconds(120, (passed) => {
      if (passed % 10 === 0) for (let i = 0; i < 20; i++) renew(harness, `n${i}`);
    });
    expect(harness.api.requests.length).toBe(before);
    for (let i = 0; i < 20; i++) expect(readyOf(`n${i}`)).toMatchObject({ status: 'True' });
  });
});
