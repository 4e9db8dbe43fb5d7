import { jetstreamManager } from '@nats-io/jetstream';
import { revision } from '@reckon/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFeed, testConnection, withoutDuplicates } from './testing/feed-reader.suite';
import { startNatsServer } from './testing/nats-server.suite';
import type { NatsServer } from './testing/nats-server.suite';
import { runRelay, TestLog, until } from './testing/relay-fixture.suite';
import type { RunningRelay } from './testing/relay-fixture.suite';

let nats: NatsServer;
let relays: RunningRelay[];
beforeEach(async () => {
  nats = await startNatsServer();
  relays = [];
});
afterEach(async () => {
  for (const relay of relays) await relay.stop();
  await nats.dispose();
});

function relayOf(test: TestLog, more: Record<string, unknown> = {}): RunningRelay {
  const relay = runRelay(test.log, { servers: nats.url, ...more });
  relays.push(relay);
  return relay;
}

const pods = (count: number, text = ''): { key: string; object: Record<string, unknown> }[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `/core/pods/default/p${i % 40}`,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i % 40}` }, text },
  }));

/** `kinds` of the messages, to compare at a glance. */
const revisionsOf = (feed: readonly { from: number; to: number }[]): string =>
  feed.map(({ from, to }) => (from === to ? `${to}` : `${from}-${to}`)).join(' ');
const upTo = (last: number, first = 1): string =>
  Array.from({ length: last - first + 1 }, (_, i) => `${first + i}`).join(' ');

async function withManager<T>(run: (jsm: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>): Promise<T> {
  const connection = await testConnection(nats.url);
  try {
    return await run(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

describe('the relay', () => {
  it('publishes what there is and what comes, each revision once and in order', async () => {
    const test = new TestLog();
    await test.write(...pods(700));
    const relay = relayOf(test);
    await relay.caughtUp();
    for (let i = 0; i < 30; i++) await test.write(...pods(10));
    await relay.caughtUp();
    const feed = await readFeed(nats.url);
    expect(revisionsOf(feed)).toBe(upTo(1000));
    expect(feed.map(({ sequence }) => sequence)).toEqual(feed.map(({ to }) => to));
    expect(feed[0]).toMatchObject({
      subject: 'reckon.core.pods.default.p0',
      event: {
        id: '1',
        source: `urn:reckon:${test.log.id}`,
        type: 'io.reckon.object.created',
        subject: '/core/pods/default/p0',
        time: '2023-11-14T22:13:20.001Z',
        revision: '1',
        previous: '0',
        actor: 'jane',
        agent: 'kubectl/v1.36.0',
        manager: 'kubectl',
        requestid: 'audit-1',
        datacontenttype: 'application/json',
        data: { kind: 'Pod', metadata: { name: 'p0', resourceVersion: '1' } },
      },
    });
    expect(relay.metrics.render()).toMatch(/^reckon_relay_published_total\{as="data"\} 1000$/m);
    expect(relay.metrics.render()).toMatch(/^reckon_relay_connected 1$/m);
    expect(relay.metrics.render()).toMatch(/^reckon_relay_lag_revisions 0$/m);
    expect(relay.metrics.render()).toMatch(/^reckon_relay_lag_seconds 0$/m);
    expect(relay.state()).toMatchObject({ state: 'following', revision: 1000, sequence: 1000, head: 1000 });
    await relay.stop();
    expect(relay.state().state).toBe('stopped');
    expect(relay.metrics.render()).toMatch(/^reckon_relay_connected 0$/m);
  });

  it('goes on where the stream ends when it is started again', async () => {
    const test = new TestLog();
    await test.write(...pods(30));
    const first = relayOf(test);
    await first.caughtUp();
    await first.stop();
    await test.write(...pods(30));
    const second = relayOf(test);
    await second.caughtUp();
    await second.stop();
    const third = relayOf(test);
    await third.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(60));
  });

  it('publishes what was appended before its stop', async () => {
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.caughtUp();
    await test.write(...pods(300));
    await relay.stop();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(300));
  });

  it('asks for an answer to the first message and the last, and to few between them', async () => {
    const test = new TestLog();
    const listening = await testConnection(nats.url);
    const asked: boolean[] = [];
    listening.subscribe('reckon.>', {
      callback: (_, message) => {
        asked.push((message.reply ?? '') !== '');
      },
    });
    await listening.flush();
    await test.write(...pods(200));
    const relay = relayOf(test);
    await relay.caughtUp();
    await listening.flush();
    await listening.close();
    expect(asked).toHaveLength(200);
    expect([asked[0], asked[1], asked[199]]).toEqual([true, false, true]);
    expect(asked.filter(Boolean).length).toBeLessThan(12);
  });

  it('keeps every name, however odd', async () => {
    const test = new TestLog();
    const names = [
      'a.b',
      '*',
      '>',
      'a b',
      'x*y>z',
      'système:nœud',
      '100%',
      "it's",
      'tab\there',
      '~',
      'n'.repeat(3_000),
      '_',
    ];
    await test.write(
      ...names.map((name) => ({
        key: `/rbac.authorization.k8s.io/clusterroles//${name}`,
        object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name } },
      })),
    );
    const relay = relayOf(test);
    await relay.caughtUp();
    const feed = await readFeed(nats.url);
    expect(feed.map(({ event }) => event.subject)).toEqual(
      names.map((name) => `/rbac.authorization.k8s.io/clusterroles//${name}`),
    );
    for (const [i, { subject }] of feed.entries()) {
      const tokens = subject.split('.').map(decodeURIComponent);
      expect(tokens.slice(0, 4)).toEqual(['reckon', 'rbac.authorization.k8s.io', 'clusterroles', '_']);
      expect(tokens).toHaveLength(5);
      if (names[i]?.length === 3_000) expect(tokens[4]).toMatch(/^~sha256-[0-9a-f]{64}$/);
      else expect(tokens[4]).toBe(names[i]);
    }
  });

  it('publishes Secrets as metadata only, without the annotation that repeats their data', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'password',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"aHVudGVyMg=="}', keep: 'this' },
      },
      data: { password: 'aHVudGVyMg==' },
      stringData: { other: 'aHVudGVyMg==' },
    };
    const test = new TestLog();
    const key = '/core/secrets/default/password';
    await test.write({ key, object: secret }, { key }, { key, verb: 'delete' });
    const relay = relayOf(test);
    await relay.caughtUp();
    const feed = await readFeed(nats.url);
    expect(JSON.stringify(feed)).not.toContain('aHVudGVyMg');
    expect(feed.map(({ event }) => event.data)).toEqual(
      [1, 2, 3].map((n) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'password', annotations: { keep: 'this' }, resourceVersion: String(n) },
      })),
    );
    expect(feed.every(({ event }) => event['metadataonly'] === true)).toBe(true);

    const open = relayOf(test, { includeSecrets: true, stream: 'OPEN', subjectPrefix: 'open' });
    await open.caughtUp();
    expect((await readFeed(nats.url, { stream: 'OPEN' })).map(({ event }) => event.data)).toMatchObject([
      { data: secret.data },
      { data: secret.data },
      { data: secret.data },
    ]);
  });

  it('publishes a reference where the object is larger than the server takes', async () => {
    const test = new TestLog();
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big one' },
      data: { big: 'x'.repeat(1024 * 1024) },
    };
    const key = '/core/configmaps/default/big one';
    await test.write(
      { key, object },
      { key, object: { ...object, data: {} } },
      { key, object },
      { key, verb: 'delete' },
    );
    await test.write({
      key: '/apps/deployments/d/w',
      object: { ...object, apiVersion: 'apps/v1', kind: 'Deployment' },
    });
    await test.write({ key: '/core/nodes//n', object: { ...object, kind: 'Node' } });
    const relay = relayOf(test);
    await relay.caughtUp();
    const feed = await readFeed(nats.url);
    expect(revisionsOf(feed)).toBe(upTo(6));
    expect(feed.map(({ event }) => event.dataref)).toEqual([
      '/at/1/api/v1/namespaces/default/configmaps/big%20one',
      undefined,
      '/at/3/api/v1/namespaces/default/configmaps/big%20one',
      '/at/3/api/v1/namespaces/default/configmaps/big%20one',
      '/at/5/apis/apps/v1/namespaces/d/deployments/w',
      '/at/6/api/v1/nodes/n',
    ]);
    expect(feed.map(({ event }) => 'data' in event)).toEqual([false, true, false, false, false, false]);
    expect(relay.metrics.render()).toMatch(/^reckon_relay_published_total\{as="reference"\} 5$/m);
  });

  it('says where history was compacted away, and whose it can have been', async () => {
    const test = new TestLog();
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'n' } };
    for (let i = 0; i < 5; i++) {
      await test.write({ key: '/coordination.k8s.io/leases/kube-node-lease/n', object: lease });
      await test.write({ key: '/coordination.k8s.io/leases/kube-node-lease/n', object: lease });
      await test.write(...pods(1));
    }
    await test.log.compact([{ prefix: '/coordination.k8s.io/leases/', floor: revision(12) }]);
    const relay = relayOf(test);
    await relay.caughtUp();
    const feed = await readFeed(nats.url);
    expect(revisionsOf(feed)).toBe('1-2 3 4-5 6 7-8 9 10 11 12 13 14 15');
    expect(feed[0]).toMatchObject({
      subject: 'reckon.compacted',
      event: {
        id: '1-2',
        type: 'io.reckon.log.compacted',
        data: { from: 1, to: 2, prefixes: ['/coordination.k8s.io/leases/'] },
      },
    });
    expect(revisionsOf(withoutDuplicates(feed))).toBe(revisionsOf(feed));
    // And it goes on after that.
    await relay.stop();
    await test.write(...pods(2));
    const again = relayOf(test);
    await again.caughtUp();
    expect(revisionsOf((await readFeed(nats.url)).slice(-3))).toBe('15 16 17');
  });
});

describe('a stream that ends with a marker of one revision', () => {
  it('is gone on with', async () => {
    // While the server remembers its id, a message that was taken out by hand cannot come again.
    await withManager((jsm) =>
      jsm.streams.add({ name: 'RECKON', subjects: ['reckon.>'], duplicate_window: 100_000_000 }),
    );
    const test = new TestLog();
    const lease = { key: '/coordination.k8s.io/leases/x/n' };
    await test.write(...pods(1), lease, lease, ...pods(1), lease);
    await test.log.compact([{ prefix: '/coordination.k8s.io/leases/', floor: revision(3) }]);
    const first = relayOf(test);
    await first.caughtUp();
    await first.stop();
    const feed = await readFeed(nats.url);
    expect(feed.map(({ kind }) => kind)).toEqual(['entry', 'marker', 'entry', 'entry', 'entry']);
    await withManager(async (jsm) => {
      for (const seq of [3, 4, 5]) await jsm.streams.deleteMessage('RECKON', seq);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = relayOf(test);
    await second.caughtUp();
    expect((await readFeed(nats.url)).map(({ kind, to }) => `${kind} ${to}`)).toEqual([
      'entry 1',
      'marker 2',
      'entry 3',
      'entry 4',
      'entry 5',
    ]);
  });
});

describe('a relay whose NATS fails', () => {
  it('starts before there is a server, slows no write, and publishes all once there is one', async () => {
    await nats.kill();
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.waitsFor('Unreachable');
    await test.write(...pods(500));
    await until(() => /^reckon_relay_lag_revisions 500$/m.test(relay.metrics.render()));
    expect(relay.metrics.render()).toMatch(/^reckon_relay_connected 0$/m);
    await until(() => /^reckon_relay_lag_seconds 0\.\d+$/m.test(relay.metrics.render()));
    await nats.start();
    await relay.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(500));
    expect(relay.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'the relay waits',
    ]);
    expect(relay.lines.at(-1)).toMatchObject({ level: 'info', message: 'the relay publishes again' });
  });

  it('leaves no hole when the server is killed under load', async () => {
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.caughtUp();
    const writing = (async () => {
      for (let i = 0; i < 150; i++) {
        await test.write(...pods(20, 'x'.repeat(500)));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let i = 0; i < 3; i++) {
      const before = relay.state().revision;
      await until(() => relay.state().revision > before || relay.state().revision === 3000);
      await nats.kill();
      await nats.start();
    }
    await writing;
    await relay.caughtUp();
    expect(revisionsOf(withoutDuplicates(await readFeed(nats.url)))).toBe(upTo(3000));
  });

  it('makes a deleted stream again and fills it from the log, also when it has nothing to publish', async () => {
    const test = new TestLog();
    await test.write(...pods(50));
    const relay = relayOf(test);
    await relay.caughtUp();
    await withManager((jsm) => jsm.streams.delete('RECKON'));
    await test.write(...pods(1));
    await until(() => relay.state().revision === 51);
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(51));
    await withManager((jsm) => jsm.streams.delete('RECKON'));
    await until(() => relay.state().state === 'following' && relay.state().sequence === 51);
    let found = '';
    for (let i = 0; i < 1500 && found !== upTo(51); i++) {
      found = await readFeed(nats.url).then(revisionsOf, () => '');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(found).toBe(upTo(51));
  });

  it('waits while the stream is full, and says so', async () => {
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.caughtUp();
    await withManager((jsm) => jsm.streams.update('RECKON', { max_bytes: 40_000 }));
    await test.write(...pods(200, 'x'.repeat(300)));
    await relay.waitsFor('StreamFull');
    await until(() => relay.state().revision > 0);
    expect(relay.state().revision).toBeLessThan(200);
    expect(relay.state().problem?.hint).toContain('Raise the limits');
    await until(() => /^reckon_relay_retries_total\{problem="StreamFull"\} [1-9]/m.test(relay.metrics.render()));
    await test.write(...pods(20));
    expect(relay.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(relay.lines.find(({ level }) => level === 'warn')).toMatchObject({
      message: 'the relay waits',
      fields: { problem: 'StreamFull', stream: 'RECKON' },
    });
    await withManager((jsm) => jsm.streams.update('RECKON', { max_bytes: -1 }));
    await relay.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(220));
  });

  it('waits while messages are longer than the stream takes even as references', async () => {
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.caughtUp();
    await withManager((jsm) => jsm.streams.update('RECKON', { max_msg_size: 100 }));
    await test.write(...pods(3));
    await relay.waitsFor('StreamUnfit');
    await withManager((jsm) => jsm.streams.update('RECKON', { max_msg_size: 1500 }));
    await relay.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(3));
  });

  it('finds a server that has stopped answering, and stops itself in time beside it', async () => {
    const test = new TestLog();
    const relay = relayOf(test);
    await relay.caughtUp();
    nats.pause();
    await test.write(...pods(100));
    await relay.waitsFor('Unanswered');
    nats.resume();
    await relay.caughtUp();
    expect(revisionsOf(withoutDuplicates(await readFeed(nats.url)))).toBe(upTo(100));
    nats.pause();
    await test.write(...pods(100));
    const started = performance.now();
    await relay.stop();
    expect(performance.now() - started).toBeLessThan(3_000);
    nats.resume();
  });

  it('waits for JetStream where the server has none', async () => {
    const plain = await startNatsServer({ hasJetStream: false });
    const test = new TestLog();
    const relay = relayOf(test, { servers: plain.url });
    await relay.waitsFor('NoJetStream');
    expect(relay.state().problem?.hint).toContain('-js');
    await relay.stop();
    await plain.dispose();
  });
});

describe('a relay whose stream is not its own', () => {
  it('never writes on the log of another cluster', async () => {
    const other = new TestLog();
    await other.write(...pods(3));
    const first = relayOf(other);
    await first.caughtUp();
    await first.stop();
    const test = new TestLog();
    await test.write(...pods(5));
    const relay = relayOf(test);
    await relay.waitsFor('StreamForeign');
    expect(relay.state().problem?.message).toContain('another cluster');
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(3));
  });

  it('never writes behind what an older copy of its log does not know, or on another course of it', async () => {
    const test = new TestLog();
    await test.write(...pods(3));
    const copy = new TestLog(test);
    await test.write(...pods(2));
    const first = relayOf(test);
    await first.caughtUp();
    await first.stop();
    const relay = relayOf(copy);
    await relay.waitsFor('StreamAhead');
    await copy.write({ key: '/core/pods/default/other' }, { key: '/core/pods/default/other' });
    await relay.waitsFor('StreamForeign');
    expect(relay.state().problem?.message).toContain('another course');
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(5));
  });

  it('waits where the stream does not take its subjects', async () => {
    await withManager((jsm) => jsm.streams.add({ name: 'RECKON', subjects: ['other.>'] }));
    const test = new TestLog();
    await test.write(...pods(3));
    const relay = relayOf(test);
    await relay.waitsFor('StreamUnfit');
    await withManager((jsm) => jsm.streams.update('RECKON', { subjects: ['other.>', 'reckon.>'] }));
    await relay.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(3));
  });

  it('waits while another publishes where it does, and chains none of its messages to foreign ones', async () => {
    const test = new TestLog();
    await test.write(...pods(3));
    const relay = relayOf(test);
    await relay.caughtUp();
    const connection = await testConnection(nats.url);
    connection.publish('reckon.stray', 'hello');
    await connection.flush();
    await test.write(...pods(1));
    await relay.waitsFor('StreamForeign');
    await withManager((jsm) => jsm.streams.deleteMessage('RECKON', 4));
    await relay.caughtUp();
    expect(revisionsOf(await readFeed(nats.url))).toBe(upTo(4));
    await connection.close();
  });
});
