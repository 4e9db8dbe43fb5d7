import { refs } from '@reckon/client/rest';
import { ActionBroadcaster } from '@reckon/control/runtime';
import { MetricsRegistry } from '@reckon/kernel';
import {
  type ClientHarness,
  eventually,
  type ForeignAuthority,
  foreignAuthority,
  startClientHarness,
  startFakeApi,
} from '@reckon/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultSchedulerConfiguration, type ExtenderConfiguration } from '../config/scheduler-configuration';
import { type Pod, podDisruptionBudgets } from '../framework/kinds';
import { startScheduler } from '../start-scheduler';
import {
  type Asked,
  type ExtenderServer,
  nodesAsked,
  type Reply,
  startExtenderServer,
} from '../testing/extender-server';
import { node, pod, type PodParts } from '../testing/make';

let harness: ClientHarness;
const servers: ExtenderServer[] = [];
afterEach(async () => {
  await harness.stop();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function extenderOf(
  replies: Record<string, (body: Asked) => Reply>,
  tls?: Parameters<typeof startExtenderServer>[1],
): Promise<ExtenderServer> {
  const server = await startExtenderServer(replies, tls);
  servers.push(server);
  return server;
}

async function start(nodes: readonly string[], ...extenders: readonly ExtenderConfiguration[]): Promise<void> {
  harness = await startClientHarness({ api: await startFakeApi({ kinds: [podDisruptionBudgets] }) });
  for (const name of nodes) harness.api.store.put(refs.nodes, node({ name }));
  const recorderOf = (schedulerName: string): ActionBroadcaster =>
    harness.add(
      new ActionBroadcaster({ ...harness, reportingController: schedulerName, reportingInstance: schedulerName }),
    );
  const configuration = { ...defaultSchedulerConfiguration, firstBackoffMs: 50, longestBackoffMs: 100, extenders };
  harness.add(startScheduler({ ...harness, metrics: new MetricsRegistry(), recorderOf, configuration }));
  harness.informers.start();
  await harness.informers.waitForSync();
}

const put = (parts: PodParts): void => {
  harness.api.store.put(refs.pods, pod(parts));
};
const podNamed = (name: string): Pod | undefined => harness.api.store.find(refs.pods, 'default', name);
const isOn = (name: string, ...nodes: readonly string[]): Promise<void> =>
  eventually(() => {
    expect(nodes).toContain(podNamed(name)?.spec?.nodeName);
  });
const isRefused = (name: string, message: string | RegExp): Promise<void> =>
  eventually(() => {
    const found = podNamed(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

/** Lets these nodes pass, and says of the others why not. */
const passing =
  (...names: string[]) =>
  (body: Asked): Reply => ({
    json: {
      NodeNames: body.NodeNames === null ? null : names,
      Nodes: body.Nodes === null ? null : { items: body.Nodes.items.filter((n) => names.includes(n.metadata.name)) },
      FailedNodes: Object.fromEntries(
        nodesAsked(body)
          .filter((n) => !names.includes(n))
          .map((n) => [n, 'not to my liking']),
      ),
    },
  });
const preferring =
  (name: string, score = 10) =>
  (body: Asked): Reply => ({ json: nodesAsked(body).map((Host) => ({ Host, Score: Host === name ? score : 0 })) });

describe('an extender that filters', () => {
  it.each([false, true])('leaves the nodes that it names; it knows them itself: %s', async (nodeCacheCapable) => {
    const server = await extenderOf({ filter: passing('b') });
    await start(['a', 'b', 'c'], server.configuration({ filterVerb: 'filter', nodeCacheCapable }));
    put({ name: 'p' });
    await isOn('p', 'b');
    const [{ body } = { body: undefined }] = server.asked;
    expect(body?.Pod.metadata.name).toBe('p');
    expect(
      [...(body?.[nodeCacheCapable ? 'NodeNames' : 'Nodes'] === null ? [] : nodesAsked(body as Asked))].sort(),
    ).toEqual(['a', 'b', 'c']);
    expect(body?.[nodeCacheCapable ? 'Nodes' : 'NodeNames']).toBeNull();
  });

  it('may leave none; its reasons are told, and any event lets the pod try again', async () => {
    const server = await extenderOf({ filter: passing() });
    await start(['a', 'b'], server.configuration({ filterVerb: 'filter' }));
    put({ name: 'p' });
    await isRefused('p', /^0\/2 nodes are available: 2 not to my liking\. .*No preemption victims found/);
    server.replies['filter'] = passing('a', 'b');
    harness.api.store.put(refs.nodes, node({ name: 'b', labels: { a: 'label' } }));
    await isOn('p', 'a', 'b');
  });

  it('can say that removing pods would not help', async () => {
    const server = await extenderOf({
      filter: () => ({
        json: { nodeNames: [], failednodes: { a: 'full' }, FailedAndUnresolvableNodes: { a: 'never' } },
      }),
    });
    await start(['a'], server.configuration({ filterVerb: 'filter', nodeCacheCapable: true }));
    put({ name: 'p' });
    await isRefused('p', /^0\/1 nodes are available: 1 never\. .*Preemption is not helpful/);
  });

  it('is asked after those before it, about what they have left', async () => {
    const first = await extenderOf({ filter: passing('a', 'b') });
    const second = await extenderOf({ filter: passing('b', 'c') });
    await start(
      ['a', 'b', 'c'],
      first.configuration({ filterVerb: 'filter' }),
      second.configuration({ filterVerb: 'filter' }),
    );
    put({ name: 'p' });
    await eventually(() => {
      expect([...nodesAsked(second.asked[0]?.body as Asked)].sort()).toEqual(['a', 'b']);
    });
    await isOn('p', 'b');
  });

  it('is asked for pods that want what it manages, which others need not look at', async () => {
    const server = await extenderOf({ filter: passing('b') });
    const managedResources = [{ name: 'example.com/gpu', isIgnoredByScheduler: true }];
    await start(['a', 'b'], server.configuration({ filterVerb: 'filter', managedResources }));
    put({ name: 'gpu', requests: { 'example.com/gpu': '1' } });
    await isOn('gpu', 'b');
    put({ name: 'plain' });
    await isOn('plain', 'a', 'b');
    expect(server.asked.map(({ body }) => body.Pod.metadata.name)).toEqual(['gpu']);
  });
});

describe('an extender that scores', () => {
  it('adds to the totals, times its weight', async () => {
    const [one, other] = [await extenderOf({ score: preferring('a') }), await extenderOf({ score: preferring('b') })];
    await start(
      ['a', 'b', 'c'],
      one.configuration({ prioritizeVerb: 'score', weight: 2 }),
      other.configuration({ prioritizeVerb: 'score', weight: 3 }),
    );
    for (const name of ['p', 'q', 'r']) {
      put({ name });
      await isOn(name, 'b');
    }
  });

  it.each<[string, Reply]>([
    ['nothing', 'never'],
    ['an error', { status: 500 }],
    ['parts of a point', { json: [{ Host: 'c', Score: 0.5 }] }],
    ['another shape', { json: { c: 10 } }],
    ['a connection that ends', 'reset'],
  ])('has no say when it answers %s', async (_, reply) => {
    const [mute, other] = [await extenderOf({ score: () => reply }), await extenderOf({ score: preferring('b') })];
    await start(
      ['a', 'b', 'c'],
      mute.configuration({ prioritizeVerb: 'score', weight: 9, timeoutMs: 100 }),
      other.configuration({ prioritizeVerb: 'score', weight: 9 }),
    );
    put({ name: 'p' });
    await isOn('p', 'b');
  });
});

describe('an extender that cannot be asked', () => {
  const broken: [string, Reply, string | RegExp][] = [
    ['late', 'never', /^Post ".*\/scheduler\/filter": context deadline exceeded/],
    ['with an error', { status: 503 }, /^failed filter with extender at URL .*\/scheduler\/filter, code 503$/],
    ['with an error of its own', { json: { Error: 'no idea' } }, 'no idea'],
    ['with nothing', { text: '' }, 'EOF'],
    ['with no JSON', { text: '<html>' }, /answered no JSON/],
    ['with a list', { json: [] }, 'extender answered an answer that is an array'],
    [
      'with names that are none',
      { json: { NodeNames: [1] } },
      'extender answered a name in NodeNames that is a number',
    ],
    [
      'with reasons that are none',
      { json: { FailedNodes: { a: {} } } },
      'extender answered FailedNodes that is an object',
    ],
    [
      'with a node that nobody has',
      { json: { NodeNames: ['z'] } },
      /^extender "http.*\/scheduler\/" claims a filtered node "z" which is not found in the input node list$/,
    ],
    ['by hanging up', 'reset', /^Post .*: (EOF|socket hang up)$/],
  ];
  it.each(broken)('because it answers %s fails the attempt', async (_, reply, message) => {
    const server = await extenderOf({ filter: () => reply });
    await start(['a'], server.configuration({ filterVerb: 'filter', nodeCacheCapable: true, timeoutMs: 100 }));
    put({ name: 'p' });
    await isRefused('p', message);
    expect(podNamed('p')?.status?.conditions?.[0]?.reason).toBe('SchedulerError');
    server.replies['filter'] = passing('a');
    await isOn('p', 'a');
  });

  it.each(broken)('because it answers %s is passed over where it is ignorable', async (_, reply) => {
    const server = await extenderOf({ filter: () => reply });
    await start(
      ['a'],
      server.configuration({ filterVerb: 'filter', nodeCacheCapable: true, timeoutMs: 100, isIgnorable: true }),
    );
    put({ name: 'p' });
    await isOn('p', 'a');
  });

  it('because it does not run fails the attempt', async () => {
    const server = await extenderOf({});
    const configuration = server.configuration({ filterVerb: 'filter' });
    await server.stop();
    await start(['a'], configuration);
    put({ name: 'p' });
    await isRefused('p', /^Post "http:.*": dial tcp 127\.0\.0\.1.*: connect: connection refused$/);
  });

  it('because it has closed a connection that was kept is asked anew', async () => {
    const server = await extenderOf({ filter: passing('a') });
    await start(['a'], server.configuration({ filterVerb: 'filter' }));
    put({ name: 'p' });
    await isOn('p', 'a');
    server.replies['filter'] = (body) => {
      // Only the first time, and only on the connection that is there.
      server.replies['filter'] = passing('a');
      return body.Pod.metadata.name === 'q' ? 'reset' : passing('a')(body);
    };
    put({ name: 'q' });
    await isOn('q', 'a');
    expect(podNamed('q')?.status?.conditions?.map(({ status }) => status)).not.toContain('False');
  });

  it('does not hold up a stop', async () => {
    const server = await extenderOf({ filter: () => 'never' });
    await start(['a'], server.configuration({ filterVerb: 'filter', timeoutMs: 60_000 }));
    put({ name: 'p' });
    await eventually(() => {
      expect(server.asked).toHaveLength(1);
    });
    await harness.stop();
    expect(podNamed('p')?.status?.conditions).toBeUndefined();
  });
});

describe('while an extender thinks', () => {
  it('nothing that happens is lost', async () => {
    const slow = await extenderOf({ filter: () => 'never' });
    const after = await extenderOf({ filter: passing('a', 'b') });
    await start(
      ['a'],
      slow.configuration({ filterVerb: 'filter', timeoutMs: 300, isIgnorable: true }),
      after.configuration({ filterVerb: 'filter' }),
    );
    put({ name: 'there', requests: { cpu: '3' }, spec: { nodeName: 'a' } });
    put({ name: 'gone' });
    await eventually(() => {
      expect(slow.asked).toHaveLength(1);
    });
    // One is deleted while it is tried, another comes, and a node that fits it.
    harness.api.store.delete(refs.pods, 'default', 'gone', { gracePeriodSeconds: 0 });
    put({ name: 'next', requests: { cpu: '2' } });
    harness.api.store.put(refs.nodes, node({ name: 'b' }));
    await isOn('next', 'b');
    expect(podNamed('gone')).toBeUndefined();
    expect(harness.api.requests.filter(({ path }) => path.endsWith('/gone/binding'))).toEqual([]);
  });

  it('a node may go, and is not chosen', async () => {
    const slow = await extenderOf({ score: () => 'never' });
    await start(['a', 'b', 'c'], slow.configuration({ prioritizeVerb: 'score', timeoutMs: 300 }));
    put({ name: 'p' });
    await eventually(() => {
      expect(slow.asked).toHaveLength(1);
    });
    for (const name of ['a', 'b']) harness.api.store.delete(refs.nodes, '', name);
    await isOn('p', 'c');
  });
});

describe('an extender that binds', () => {
  it('does so in place of the scheduler, for the pods that it looks after', async () => {
    const server = await extenderOf({
      bind: (body) => {
        const { PodName, PodNamespace, PodUID, Node } = body as unknown as Record<string, string>;
        const found = podNamed(PodName ?? '');
        if (found?.metadata.uid !== PodUID || PodNamespace !== 'default') return { json: { Error: 'who?' } };
        harness.api.store.put(refs.pods, pod({ name: PodName ?? '', spec: { nodeName: Node ?? '' } }));
        return { json: {} };
      },
    });
    const managedResources = [{ name: 'example.com/gpu', isIgnoredByScheduler: true }];
    await start(['a'], server.configuration({ bindVerb: 'bind', managedResources }));
    put({ name: 'gpu', requests: { 'example.com/gpu': '1' } });
    put({ name: 'plain' });
    await isOn('gpu', 'a');
    await isOn('plain', 'a');
    expect(harness.api.requests.filter(({ path }) => path.endsWith('/binding')).map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/default/pods/plain/binding',
    ]);
  });

  it('is told of when it fails, and passed over where it is ignorable', async () => {
    const server = await extenderOf({ bind: () => ({ json: { Error: 'not today' } }) });
    await start(['a'], server.configuration({ bindVerb: 'bind' }));
    put({ name: 'p' });
    await isRefused('p', 'not today');
    await harness.stop();
    await start(['a'], server.configuration({ bindVerb: 'bind', isIgnorable: true }));
    put({ name: 'p' });
    await isOn('p', 'a');
  });
});

describe('an extender that has a say in preemption', () => {
  const victims = (body: Asked): Record<string, { Pods: { UID: string }[]; NumPDBViolations: number }> =>
    Object.fromEntries(
      Object.entries(body.NodeNameToMetaVictims ?? {}).map(([name, { Pods }]) => [
        name,
        { Pods: [...Pods], NumPDBViolations: 0 },
      ]),
    );
  const fill = (): void => {
    for (const name of ['a', 'b']) put({ name: `on-${name}`, requests: { cpu: '3' }, spec: { nodeName: name } });
    put({ name: 'urgent', requests: { cpu: '3' }, spec: { priority: 10 } });
  };
  /** Plays the kubelet: what is to end ends. */
  const endOf = (name: string): Promise<void> =>
    eventually(() => {
      expect(podNamed(name)?.metadata.deletionTimestamp).toBeDefined();
      harness.api.store.delete(refs.pods, 'default', name, { gracePeriodSeconds: 0 });
    });
  const preempting = { preemptVerb: 'preempt', nodeCacheCapable: true };

  it.each([true, false])('chooses among the candidates; it knows the nodes itself: %s', async (nodeCacheCapable) => {
    const server = await extenderOf({
      preempt: (body) => {
        const uids = nodeCacheCapable
          ? victims(body)['b']?.Pods
          : body.NodeNameToVictims?.['b']?.Pods.map(({ metadata }) => ({ UID: metadata.uid }));
        return { json: { NodeNameToMetaVictims: { b: { Pods: uids, NumPDBViolations: 0 } } } };
      },
    });
    await start(['a', 'b'], server.configuration({ ...preempting, nodeCacheCapable }));
    fill();
    await endOf('on-b');
    await isOn('urgent', 'b');
    expect(podNamed('on-b')).toBeUndefined();
    expect(podNamed('on-a')).toBeDefined();
  });

  it.each<[string, (body: Asked) => Reply, boolean, RegExp]>([
    ['none', () => ({ json: {} }), false, /preemption: no candidate node for preemption$/],
    [
      'a pod that is not there',
      () => ({ json: { NodeNameToMetaVictims: { a: { Pods: [{ UID: 'x' }] } } } }),
      false,
      /\. preemption: extender: http.* claims to preempt pod \(UID: x\) on node: a, but the pod is not found on that node$/,
    ],
    [
      'a node that is not there',
      () => ({ json: { NodeNameToMetaVictims: { z: { Pods: [] } } } }),
      false,
      /preemption: nodeinfo not found for node name "z"$/,
    ],
    [
      'no victims',
      () => ({ json: { NodeNameToMetaVictims: { a: { Pods: [] } } } }),
      false,
      /preemption: expected at least one victim pod on node "a"$/,
    ],
    [
      'no victims, and is ignorable',
      () => ({ json: { NodeNameToMetaVictims: { a: { Pods: [] } } } }),
      true,
      /preemption: no candidate node for preemption$/,
    ],
    ['an error', () => ({ status: 500 }), false, /preemption: failed preempt with extender at URL .*, code 500$/],
  ])('and names %s', async (_, reply, isIgnorable, message) => {
    const server = await extenderOf({ preempt: reply });
    await start(['a', 'b'], server.configuration({ ...preempting, isIgnorable }));
    fill();
    await isRefused('urgent', message);
    expect([podNamed('on-a'), podNamed('on-b')]).not.toContain(undefined);
  });

  it('is passed over when it cannot be asked and is ignorable', async () => {
    const server = await extenderOf({ preempt: () => ({ status: 500 }) });
    await start(['a', 'b'], server.configuration({ ...preempting, isIgnorable: true }));
    fill();
    await eventually(() => {
      expect(['a', 'b']).toContain(podNamed('urgent')?.status?.nominatedNodeName);
    });
  });
});

describe('an extender over HTTPS', () => {
  let authority: ForeignAuthority;
  const certified = (commonName: string): { cert: string; key: string } => {
    authority = foreignAuthority('extenders');
    const { certPem, keyPem } = authority.issue({
      commonName,
      dnsNames: ['extender.example.com'],
      ipAddresses: ['127.0.0.1'],
      usages: ['server', 'client'],
    });
    return { cert: certPem, key: keyPem };
  };

  it.each<[string, (own: { cert: string; key: string }) => ExtenderConfiguration['tls'], boolean]>([
    ['with its authority and our certificate', (own) => ({ isInsecure: false, ca: authority.certPem, ...own }), true],
    [
      'with its name',
      (own) => ({ isInsecure: false, ca: authority.certPem, serverName: 'extender.example.com', ...own }),
      true,
    ],
    ['unverified', (own) => ({ isInsecure: true, ...own }), true],
    ['with another authority', (own) => ({ isInsecure: false, ca: foreignAuthority('other').certPem, ...own }), false],
    [
      'with another name',
      (own) => ({ isInsecure: false, ca: authority.certPem, serverName: 'other.example.com', ...own }),
      false,
    ],
    ['without our certificate', () => ({ isInsecure: false, ca: authority.certPem }), false],
  ])('%s', async (_, tlsOf, isTrusted) => {
    const own = certified('extender');
    const server = await extenderOf(
      { filter: passing('b') },
      { ...own, ca: authority.certPem, requestCert: true, rejectUnauthorized: true },
    );
    const tls = tlsOf(own);
    await start(['a', 'b'], server.configuration({ filterVerb: 'filter', ...(tls === undefined ? {} : { tls }) }));
    put({ name: 'p' });
    if (isTrusted) await isOn('p', 'b');
    else await isRefused('p', /^Post "https:/);
  });
});
