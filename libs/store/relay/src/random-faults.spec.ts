import { jetstreamManager } from '@nats-io/jetstream';
import { seededRandom, systemTimers } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import type { Revision } from '@reckon/store/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFeed, testConnection, withoutDuplicates } from './testing/feed-reader.suite';
import { startNatsServer } from './testing/nats-server.suite';
import type { NatsServer } from './testing/nats-server.suite';
import { runRelay, TestLog } from './testing/relay-fixture.suite';
import type { RunningRelay } from './testing/relay-fixture.suite';

/** `RECKON_SEED` repeats a run. */
const seed = Number(process.env['RECKON_SEED'] ?? 1);

let nats: NatsServer;
let relay: RunningRelay;
beforeEach(async () => {
  nats = await startNatsServer();
});
afterEach(async () => {
  await relay.stop();
  await nats.dispose();
});

it(`shows a consumer every revision once and in order, whatever happens to NATS and to the relay (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const test = new TestLog();
  relay = runRelay(test.log, { servers: nats.url });
  const published = new Map<number, string>();
  let isWriting = true;

  const write = async (): Promise<void> => {
    while (isWriting) {
      const drafts = Array.from({ length: 1 + random.int(30) }, () => ({
        key:
          random.int(4) === 0 ? `/coordination.k8s.io/leases/x/n${random.int(3)}` : `/core/pods/d/p${random.int(50)}`,
        object: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, text: 'x'.repeat(random.int(2_000)) },
      }));
      await test.write(...drafts);
      await systemTimers.sleep(random.int(10));
      if (random.int(20) === 0) {
        const floor = revision(Math.max(0, test.log.head - random.int(500)));
        await test.log.compact([{ prefix: '/coordination.k8s.io/leases/', floor }]);
      }
    }
  };
  const faults: readonly (() => Promise<void>)[] = [
    async () => {
      await nats.kill();
      await systemTimers.sleep(random.int(200));
      await nats.start();
    },
    async () => {
      nats.pause();
      await systemTimers.sleep(random.int(300));
      nats.resume();
    },
    async () => {
      const connection = await testConnection(nats.url);
      const jsm = await jetstreamManager(connection);
      // It may not have been made again since the last time.
      await jsm.streams.delete('RECKON').catch(() => undefined);
      await connection.close();
    },
    async () => {
      await relay.stop();
      relay = runRelay(test.log, { servers: nats.url });
    },
    async () => {
      // A consumer that was there meanwhile: each revision is always the same event, and its place is after the one before.
      const feed = await readFeed(nats.url).catch(() => []);
      for (const { kind, to, event } of withoutDuplicates(feed))
        if (kind === 'entry') expectSame(to, JSON.stringify(event));
    },
  ];
  const expectSame = (at: number, text: string): void => {
    expect(published.get(at) ?? text).toBe(text);
    published.set(at, text);
  };

  const writing = write();
  for (let i = 0; i < 25; i++) {
    await faults[random.int(faults.length)]?.();
    await systemTimers.sleep(random.int(150));
  }
  isWriting = false;
  await writing;
  // A stream that was deleted while nothing was underway is found and filled again within the idle time.
  await test.write({ key: '/core/pods/d/last' });
  await relay.caughtUp();

  const feed = withoutDuplicates(await readFeed(nats.url));
  expect(feed[0]?.from).toBe(1);
  expect(feed.at(-1)?.to).toBe(test.log.head);
  const entries = new Map<number, string>();
  for await (const chunk of test.log.read({ after: 0 as Revision, acrossCompacted: true }))
    for (const entry of chunk) entries.set(entry.revision, entry.object.toString());
  for (const { kind, from, to, event } of feed) {
    const object = entries.get(to);
    // An entry that is compacted now may have been published before, but what is still there is never hidden by a marker.
    if (kind === 'entry') expect(JSON.stringify(event.data)).toBe(object ?? JSON.stringify(event.data));
    else for (let at = from; at <= to; at++) expect(entries.has(at)).toBe(false);
  }
}, 120_000);
