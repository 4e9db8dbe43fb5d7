import { readFeed } from '@reckon/store/relay/suites';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedCluster } from './feed-cluster';

/** Path segments are all that Kubernetes asks of the names of RBAC's objects. */
const rbacNames = ['a.b', '*', '>', 'a b', 'x*y>z.>', 'system:a*b', 'système:nœud', "it's", '~', '_', '(a)!'];
const rbac = 'rbac.authorization.k8s.io';

const apiOf = (kind: string, name: string, more: object = {}): string =>
  JSON.stringify({ apiVersion: `${rbac}/v1`, kind, metadata: { name }, ...more });

const widgets = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.dots.in.its.example.com' },
  spec: {
    group: 'dots.in.its.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

describe('the names of a cluster on NATS', () => {
  let feed: FeedCluster;
  beforeAll(async () => {
    feed = await FeedCluster.start();
  });
  afterAll(() => feed.dispose());

  it.each(rbacNames)('keeps a role %j apart from every other, through its whole life', async (name) => {
    const { kubectl } = feed;
    await kubectl.run('create -f -', { stdin: apiOf('ClusterRole', name, { rules: [] }) });
    await kubectl.run('create -f -', { stdin: apiOf('Role', name, { rules: [] }) });
    await kubectl.run(['label', 'clusterrole', name, 'dotted=a.b.c']);
    await kubectl.run(['delete', 'clusterrole', name]);
    const events = await feed.everyRevision();
    const told = events.filter(({ event }) => event.subject === `/${rbac}/clusterroles//${name}`);
    expect(told.map(({ event }) => event.type.split('.').at(-1))).toEqual(['created', 'updated', 'deleted']);
    expect(told[1]?.event.data).toMatchObject({ metadata: { name, labels: { dotted: 'a.b.c' } } });
    const [subject = ''] = new Set(told.map((one) => one.subject));
    expect(subject.split('.').map(decodeURIComponent)).toEqual(['reckon', rbac, 'clusterroles', '_', name]);
    // A server that took a part of the name for a wildcard or a dot would give others, or none.
    expect((await readFeed(feed.access, { filter: subject })).map(({ to }) => to)).toEqual(told.map(({ to }) => to));
    const inDefault = await readFeed(feed.access, { filter: subject.replace('.clusterroles._.', '.roles.default.') });
    expect(inDefault.map(({ event }) => event.subject)).toEqual([`/${rbac}/roles/default/${name}`]);
  });

  it('has a name that is too long for a subject in the event', async () => {
    const name = 'n'.repeat(2_000);
    const body = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: [] };
    expect((await feed.client.send('POST', `/apis/${rbac}/v1/clusterroles`, { body })).status).toBe(201);
    const told = (await feed.everyRevision()).filter(({ event }) => event.subject?.endsWith(`/${name}`) === true);
    expect(told).toHaveLength(1);
    expect(told[0]?.subject).toMatch(
      /^reckon\.rbac%2Eauthorization%2Ek8s%2Eio\.clusterroles\._\.~sha256-[0-9a-f]{64}$/,
    );
    expect(told[0]?.event.data).toMatchObject({ metadata: { name } });
  });

  it('keeps the dots of a name within one token', async () => {
    const { kubectl } = feed;
    await kubectl.run('create -f -', { stdin: widgets });
    for (const name of ['dots', 'dots.b', 'dots.b.c']) await feed.createMap(name);
    await feed.everyRevision();
    const definitions = await readFeed(feed.access, { filter: 'reckon.*.customresourcedefinitions._.*' });
    expect(new Set(definitions.map(({ subject }) => subject))).toEqual(
      new Set([
        'reckon.apiextensions%2Ek8s%2Eio.customresourcedefinitions._.widgets%2Edots%2Ein%2Eits%2Eexample%2Ecom',
      ]),
    );
    expect(definitions[0]?.event.data).toMatchObject({ spec: { group: 'dots.in.its.example.com' } });
    const maps = await readFeed(feed.access, { filter: 'reckon.core.configmaps.default.*' });
    expect(maps.map(({ subject }) => subject).filter((subject) => subject.includes('.dots'))).toEqual([
      'reckon.core.configmaps.default.dots',
      'reckon.core.configmaps.default.dots%2Eb',
      'reckon.core.configmaps.default.dots%2Eb%2Ec',
    ]);
  });

  it('passes on what objects hold, in whatever letters', async () => {
    const { kubectl } = feed;
    const text = 'a.b * > \u0000 \t " \\ ünïcödé 🌍 \r\n$JS.API.> reckon.>';
    const map = (name: string, more: object): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data: { 'a.b_c-D': text } });
    const held = { labels: { 'dots.in.its/key_1.2': 'v1.2.3' }, annotations: { 'any.thing/goes': text } };
    await kubectl.run('create -f -', { stdin: map('held.by.dots', held) });
    // Kubernetes lets neither labels nor keys have more than dots.
    for (const value of ['a*', '>', 'a b']) {
      const labelled = await kubectl.try(['label', 'configmap', 'held.by.dots', `no=${value}`]);
      expect(labelled.stderr, value).toContain('a valid label must be');
      const keyed = await kubectl.try(['create', 'configmap', 'no', `--from-literal=${value}=x`]);
      expect(keyed.stderr, value).toContain('is not a valid key name for a ConfigMap');
    }
    await feed.everyRevision();
    const told = await readFeed(feed.access, { filter: 'reckon.core.configmaps.default.held%2Eby%2Edots' });
    expect(told.map(({ event }) => event.data)).toMatchObject([{ metadata: held, data: { 'a.b_c-D': text } }]);
  });
});

/** In order: each test goes on with the bound that the one before it set. */
describe('objects that are larger than NATS takes', () => {
  const bound = (bytes: number): string => `max_payload: ${String(bytes)}`;
  let feed: FeedCluster;
  beforeAll(async () => {
    feed = await FeedCluster.start({ config: bound(64 * 1024) });
  });
  afterAll(() => feed.dispose());

  const path = '/api/v1/namespaces/default/configmaps/big';
  const put = async (text: string): Promise<void> => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { text } };
    expect((await feed.client.send('PUT', path, { body })).status).toBe(200);
  };
  const texts = async (): Promise<unknown[]> => {
    const events = (await feed.everyRevision()).filter((one) => one.subject === 'reckon.core.configmaps.default.big');
    return Promise.all(
      events.map(async ({ to, event: { data, dataref } }) => {
        if (dataref === undefined) return ['data', (data as { data: { text: string } }).data.text];
        expect(data).toBeUndefined();
        expect(dataref).toBe(`/at/${String(to)}${path}`);
        const { body } = await feed.client.send('GET', dataref);
        expect(body).toMatchObject({ metadata: { resourceVersion: String(to) } });
        return ['reference', (body as { data: { text: string } }).data.text];
      }),
    );
  };
  const [a, b] = ['a'.repeat(100_000), 'b'.repeat(100_000)];

  it('are references to what they were then, and hold up nothing behind them', async () => {
    await feed.createMap('big', { text: a });
    await put('small');
    await put(b);
    await feed.createMaps('behind', 20);
    expect(await texts()).toEqual([
      ['reference', a],
      ['data', 'small'],
      ['reference', b],
    ]);
    expect(feed.mapsOf('behind')).toHaveLength(20);
    expect(feed.logged('the relay waits')).toEqual([]);
  });

  it('follow the bound that the server has after a restart', async () => {
    await feed.nats.kill();
    await put('c'.repeat(20_000));
    await feed.writesWhileWaitingFor('Unreachable', 'away');
    await feed.nats.start(bound(8 * 1024));
    await feed.everyRevision();
    await feed.nats.kill();
    await put('d'.repeat(100_000));
    await feed.nats.start(bound(1024 * 1024));
    expect((await texts()).slice(3)).toEqual([
      ['reference', 'c'.repeat(20_000)],
      ['data', 'd'.repeat(100_000)],
    ]);
  });
});
