import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import { type Logger, fakeClock, silentLogger } from '@reckon/kernel';
import { type ClientHarness, eventually, startClientHarness } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubeletOptions } from '../testing/kubelet-rig.suite';
import { Heartbeats } from './heartbeats';
import { NodeEvents } from './node-events';
import { NodeKeeper, heartbeatMs } from './node-keeper';
import { type Node, offersWrongly } from './node-object';
import { nodeProfile } from './node-profile';

const parts: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of parts.splice(0).reverse()) await part.stop();
});

const time = fakeClock();
let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
});
const profile = nodeProfile(0, { namePrefix: 'node', kubeletPort: 10_250, kubeletVersion: 'v1.36.2+test' });

async function start(): Promise<{ h: ClientHarness; keeper: NodeKeeper }> {
  const h = await startClientHarness({ time });
  parts.push(h);
  const keeper = new NodeKeeper({ ...kubeletOptions(h), logger: warningLogger }, profile, {
    events: new NodeEvents(h.recorder('kubelet'), profile.name),
    heartbeats: {
      lease: new Heartbeats(h.timers, h.random, heartbeatMs.lease),
      status: new Heartbeats(h.timers, h.random, heartbeatMs.status),
    },
  });
  parts.push(keeper);
  return { h, keeper };
}

/** Keeps warnings, and what failed, for the test to look at. */
const warningLogger: Logger = {
  ...silentLogger,
  warn(message, { error } = {}) {
    warnings.push(typeof error === 'string' ? `${message}: ${error}` : message);
  },
};

type Lease = KubeObject & { spec: { renewTime: string; holderIdentity: string } };
const leaseOf = (h: ClientHarness): Lease | undefined =>
  h.api.store.find(refs.leases, 'kube-node-lease', 'node-0') as Lease | undefined;
const writes = (h: ClientHarness, resource: string): string[] =>
  h.api.requests.filter((q) => q.method !== 'GET' && q.path.includes(`/${resource}`)).map((q) => q.method);

/** Lets a minute or so pass in steps, so that requests on real sockets are answered in between. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 2_500) {
    await time.advance(2_500);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

describe('a node', () => {
  it('is registered once with its lease, owned by it', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    const node = h.api.store.get(refs.nodes, '', 'node-0');
    expect(node['spec']).toEqual({ podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] });
    expect(node['status']).toMatchObject({
      addresses: [
        { type: 'InternalIP', address: '10.64.0.2' },
        { type: 'Hostname', address: 'node-0' },
      ],
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({ type })),
      nodeInfo: { kubeletVersion: 'v1.36.2+test', operatingSystem: 'linux' },
    });
    expect(leaseOf(h)).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Node', name: 'node-0', uid: node.metadata.uid }] },
      spec: { holderIdentity: 'node-0', leaseDurationSeconds: 40 },
    });
  });

  it('renews its lease every ten seconds and its status every five minutes', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    await pass(300_000);
    await eventually(() => {
      expect(writes(h, 'leases').length).toBe(31);
      expect(writes(h, 'nodes')).toEqual(['POST', 'PATCH']);
    });
    expect(Date.parse(leaseOf(h)?.spec.renewTime ?? '')).toBeGreaterThan(time.nowMs() - 10_001);
    const ready = (h.api.store.get(refs.nodes, '', 'node-0')['status'] as { conditions: Record<string, string>[] })
      .conditions[3];
    expect(ready?.['lastHeartbeatTime']).not.toBe(ready?.['lastTransitionTime']);
  });

  it('says anew how it is after it was silent, since it may have been given up for lost', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    const { statusErrors } = await import('@reckon/api/machinery');
    h.api.refuse(({ path }) => (path.includes('/leases') ? statusErrors.internal('away') : undefined));
    await pass(60_000);
    expect(writes(h, 'nodes')).toEqual(['POST']);
    h.api.refuse(undefined);
    await pass(30_000);
    await eventually(() => {
      expect(writes(h, 'nodes')).toEqual(['POST', 'PATCH']);
    });
  });

  it('warns once when another kubelet uses its name, and of each reason why it cannot be registered', async () => {
    const { h, keeper } = await start();
    const { statusErrors } = await import('@reckon/api/machinery');
    const causes = ['away', 'away', 'gone'];
    h.api.refuse(({ method }) => {
      const cause = method === 'POST' ? causes.shift() : undefined;
      return cause === undefined ? undefined : statusErrors.internal(cause);
    });
    const started = keeper.start();
    await eventually(async () => {
      await time.advance(1_000);
      expect(leaseOf(h)).toBeDefined();
    });
    await started;
    expect(warnings.splice(0)).toEqual([
      'node not kept: StatusError: Internal error occurred: away',
      'node not kept: StatusError: Internal error occurred: gone',
    ]);
    for (let i = 0; i < 3; i++) {
      h.api.store.put(refs.leases, { ...(leaseOf(h) as Lease), spec: { holderIdentity: 'node-0' } });
      await pass(20_000);
    }
    expect(warnings).toEqual(['somebody else renews the lease of this node: does another kubelet use its name?']);
  });

  it('suspects nobody of a lease that went with its Node', async () => {
    const { h, keeper } = await start();
    const { statusErrors } = await import('@reckon/api/machinery');
    await keeper.start();
    h.api.store.delete(refs.leases, 'kube-node-lease', 'node-0');
    // What a server says of a write that names the uid of an object which is not there any more.
    h.api.refuse(({ method, path }) =>
      method === 'PUT' && path.includes('/leases') ? statusErrors.conflict(refs.leases, 'node-0', 'gone') : undefined,
    );
    await pass(20_000);
    await eventually(() => {
      expect(leaseOf(h)).toBeDefined();
    });
    expect(warnings).toEqual([]);
  });

  it('takes over a Node that is there, with its own address and port', async () => {
    const { h, keeper } = await start();
    h.api.store.put(refs.nodes, {
      metadata: { name: 'node-0', labels: { mine: 'yes' } },
      status: {
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }],
        daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
      },
    });
    await keeper.start();
    const node = h.api.store.get(refs.nodes, '', 'node-0');
    expect(node.metadata.labels).toEqual({ mine: 'yes' });
    expect(node['status']).toMatchObject({
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', lastTransitionTime: '2020-01-01T00:00:00Z' }),
      ]) as unknown,
    });
  });

  it('takes over its lease from a Node of its name that was there before', async () => {
    const { h, keeper } = await start();
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'node-0', uid: 'before' }];
    h.api.store.put(refs.leases, {
      metadata: { namespace: 'kube-node-lease', name: 'node-0', ownerReferences },
      spec: { holderIdentity: 'node-0', renewTime: '2020-01-01T00:00:00.000000Z' },
    });
    await keeper.start();
    const { uid } = h.api.store.get(refs.nodes, '', 'node-0').metadata;
    expect(leaseOf(h)?.metadata.ownerReferences?.map((o) => o.uid)).toEqual([uid]);
    expect(Date.parse(leaseOf(h)?.spec.renewTime ?? '')).toBe(time.nowMs());
  });

  it('is registered anew when somebody deleted it, and gets a lease of its own again', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    h.api.store.delete(refs.nodes, '', 'node-0');
    h.api.store.delete(refs.leases, 'kube-node-lease', 'node-0');
    await pass(320_000);
    await eventually(async () => {
      await pass(10_000);
      const node = h.api.store.find(refs.nodes, '', 'node-0');
      expect(node).toBeDefined();
      expect(leaseOf(h)?.spec.holderIdentity).toBe('node-0');
    });
  });

  it('is tried again until the server takes it', async () => {
    const { h, keeper } = await start();
    const { statusErrors } = await import('@reckon/api/machinery');
    let refusals = 0;
    h.api.refuse(() => (refusals++ < 3 ? statusErrors.internal('away') : undefined));
    const started = keeper.start();
    await eventually(async () => {
      await time.advance(1_000);
      expect(h.api.store.find(refs.nodes, '', 'node-0')).toBeDefined();
    });
    await started;
  });
});

describe('the Events of a node', () => {
  const told = (h: ClientHarness): string[] =>
    (h.api.store.list(refs.events, 'default') as (KubeObject & { reason: string; message: string })[]).map(
      ({ reason, message }) => `${reason}: ${message}`,
    );
  const healthy = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'].map(
    (reason) => `${reason}: Node node-0 status is now: ${reason}`,
  );
  const enforced = 'NodeAllocatableEnforced: Updated Node Allocatable limit across pods';
  const ready = 'NodeReady: Node node-0 status is now: NodeReady';

  it('tell of a new one that it starts, has enough of all and is ready', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    await eventually(() => {
      expect(told(h)).toEqual(['Starting: Starting kubelet.', ...healthy, enforced, ready]);
    });
    expect(h.api.store.list(refs.events, 'default')[0]?.['involvedObject']).toEqual({
      kind: 'Node',
      apiVersion: 'v1',
      name: 'node-0',
      uid: 'node-0',
    });
  });

  it('tell of one that was there that it starts, and of readiness only when it was not ready', async () => {
    const { h, keeper } = await start();
    h.api.store.put(refs.nodes, {
      metadata: { name: 'node-0' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    await keeper.start();
    await eventually(() => {
      expect(told(h)).toEqual(['Starting: Starting kubelet.', ...healthy, enforced]);
    });
    const status = {
      conditions: [
        { type: 'Ready', status: 'Unknown' },
        { type: 'MemoryPressure', status: 'Unknown' },
      ],
    };
    h.api.store.put(refs.nodes, { ...h.api.store.get(refs.nodes, '', 'node-0'), status });
    await pass(302_500);
    await eventually(() => {
      expect(told(h).slice(5)).toEqual([ready]);
    });
    expect(h.api.store.list(refs.events, 'default')[1]).toMatchObject({ reason: 'NodeHasSufficientMemory', count: 2 });
  });
});

describe('the profile of a node', () => {
  it('is unlike that of any other', () => {
    const all = Array.from({ length: 32_768 }, (_, n) =>
      nodeProfile(n, { namePrefix: 'n', kubeletPort: 1, kubeletVersion: 'v' }),
    );
    for (const of of ['name', 'internalIp', 'podCidr'] as const)
      expect(new Set(all.map((p) => p[of])).size).toBe(32_768);
    expect(all[300]?.podCidr).toBe('10.245.44.0/24');
    const octets = all.flatMap(({ internalIp, podCidr }) =>
      [internalIp, podCidr.slice(0, -3)].flatMap((ip) => ip.split('.')),
    );
    expect(Math.max(...new Set(octets.map(Number)))).toBe(255);
    expect(all.some((p) => /^10\.(9[6-9]|10\d|11[01])\./.test(p.podCidr))).toBe(false);
  });

  it('offers the extended resources that others say it has, as soon as they do', async () => {
    const { h, keeper } = await start();
    await keeper.start();
    const allocatable = (): unknown => (h.api.store.get(refs.nodes, '', 'node-0') as Node).status?.allocatable;
    const say = async (change: (capacity: Record<string, string>) => void): Promise<void> => {
      const node = structuredClone(h.api.store.get(refs.nodes, '', 'node-0')) as Node;
      change(node.status?.capacity ?? {});
      keeper.seen(h.api.store.put(refs.nodes, node));
      await eventually(() => {
        expect(offersWrongly((h.api.store.get(refs.nodes, '', 'node-0') as Node).status ?? {})).toBe(false);
      });
    };
    await say((capacity) => {
      capacity['example.com/gpu'] = '3';
    });
    expect(allocatable()).toMatchObject({ cpu: '32', 'example.com/gpu': '3' });
    await say((capacity) => {
      delete capacity['example.com/gpu'];
    });
    expect(allocatable()).not.toHaveProperty(['example.com/gpu']);
    const before = writes(h, 'nodes').length;
    keeper.seen(h.api.store.get(refs.nodes, '', 'node-0'));
    expect(writes(h, 'nodes')).toHaveLength(before);
  });
});
