import {
  type LiveConsumer,
  type NatsServer,
  changesOf,
  startLiveConsumer,
  startNatsServer,
} from '@reckon/store/relay/suites';
import { type RawClient, eventually } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart/apart-cluster';

describe('the feed of an apiserver that is a program of its own', () => {
  const cluster = new ApartCluster();
  let nats: NatsServer;
  let consumer: LiveConsumer;
  let client: RawClient;
  beforeAll(async () => {
    nats = await startNatsServer({ config: 'authorization { user: relay, password: secret }' });
    const access = { url: nats.url, user: 'relay', password: 'secret' };
    consumer = startLiveConsumer(access);
    await cluster.apiserver(['--nats', nats.url, '--nats-user', 'relay', '--nats-password', 'secret']);
    client = cluster.client();
  });
  afterAll(async () => {
    await consumer.stop();
    await cluster.dispose();
    await nats.dispose();
  });

  it('has every revision once and in order, over a stream and a server that go away', async () => {
    const maps = '/api/v1/namespaces/default/configmaps';
    const create = async (prefix: string): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${prefix}-${String(i)}` } };
        expect((await client.send('POST', maps, { body })).status).toBe(201);
      }
    };
    const whole = async (): Promise<void> => {
      const { body } = await client.send('GET', maps);
      const head = Number((body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
      await eventually(() => {
        expect(consumer.faults).toEqual([]);
        expect(consumer.events.at(-1)?.to ?? 0).toBeGreaterThanOrEqual(head);
      });
      expect(consumer.events.slice(1).map(({ from }) => from)).toEqual(
        consumer.events.slice(0, -1).map(({ to }) => to + 1),
      );
    };
    await whole();
    await changesOf({ url: nats.url, user: 'relay', password: 'secret' }).delete();
    await create('deleted');
    await whole();
    await nats.kill();
    await create('killed');
    expect((await client.send('GET', '/debug/relay')).body).toMatchObject({ problem: { code: 'Unreachable' } });
    await nats.start();
    await whole();
    const told = consumer.events.filter(({ subject }) => /\.configmaps\.default\.(deleted|killed)-/.test(subject));
    expect(told).toHaveLength(100);
  });
});
