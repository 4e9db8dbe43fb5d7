import { type StreamChanges, changesOf } from '@reckon/store/relay/suites';
import { eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedCluster } from './feed-cluster';

/** In order: each test goes on with the stream that the one before it left. */
describe('the feed of a cluster whose NATS fails', () => {
  let feed: FeedCluster;
  let stream: StreamChanges;
  beforeAll(async () => {
    feed = await FeedCluster.start();
    stream = changesOf(feed.access);
    await feed.everyRevision();
  });
  afterAll(() => feed.dispose());

  it('is whole again after each deletion of the stream under load', async () => {
    let isOver = false;
    const write = async (writer: number): Promise<number> => {
      let written = 0;
      while (!isOver) await feed.createMap(`deleted-${String(writer)}-${String(written++)}`);
      return written;
    };
    const writers = Promise.all([0, 1, 2, 3].map(write));
    for (let i = 0; i < 3; i++) {
      const { revision, head } = await feed.relay();
      await eventually(async () => {
        expect((await feed.relay()).revision).toBeGreaterThan(revision);
      });
      await stream.delete();
      // The writers go on whether there is a stream or not.
      await eventually(async () => {
        expect((await feed.relay()).head).toBeGreaterThan(head + 50);
      });
      // Made and filled again by the relay, while they still write.
      await eventually(async () => {
        expect((await stream.config()).name).toBe('RECKON');
      });
    }
    isOver = true;
    const written = await writers;
    await feed.everyRevision();
    expect(feed.mapsOf('deleted')).toHaveLength(written.reduce((sum, one) => sum + one));
    // Those who read it then saw the beginning again: that is what a consumer skips.
    expect(feed.consumer.duplicates).toBeGreaterThan(0);
  });

  it.each([
    ['bytes', 'max_bytes', 60_000, { text: 'x'.repeat(3_000) }],
    ['messages', 'max_msgs', 10, { a: '1' }],
  ] as const)('waits at a limit of %s without a loss, until it is lifted', async (unit, limit, room, data) => {
    await feed.everyRevision();
    // Little more than it holds now.
    const { bytes, messages } = await stream.state();
    await stream.limit({ [limit]: room + (limit === 'max_bytes' ? bytes : messages) });
    await feed.createMaps(`filling-${unit}`, 40, data);
    await feed.writesWhileWaitingFor('StreamFull', `full-${unit}`);
    expect((await feed.waitsFor('StreamFull')).hint).toContain('Raise the limits of the stream');
    await stream.limit({ [limit]: -1 });
    await feed.everyRevision();
    expect(feed.mapsOf(`filling-${unit}`)).toHaveLength(40);
    expect(feed.mapsOf(`full-${unit}`)).toHaveLength(40);
    expect((await stream.config()).discard).toBe('new');
    expect((await feed.relay()).state).toBe('following');
  });

  it('waits while the server stands still', async () => {
    feed.nats.pause();
    await feed.createMaps('still', 1);
    await feed.writesWhileWaitingFor('Unanswered', 'while-still');
    feed.nats.resume();
    await feed.everyRevision();
    expect(feed.mapsOf('while-still')).toHaveLength(40);
  });

  it('says each of them once, with what to do, and when it is over', () => {
    const waits = feed.logged('the relay waits').map(({ problem }) => problem);
    expect(waits.filter((problem) => problem === 'StreamFull')).toHaveLength(2);
    for (const line of feed.logged('the relay waits')) expect(line).toHaveProperty('hint');
    expect(feed.logged('the relay publishes again').length).toBeGreaterThanOrEqual(3);
  });
});
