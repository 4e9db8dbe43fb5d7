import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FeedEvent,
  type NatsServer,
  readFeed,
  startNatsServer,
  withoutDuplicates,
} from '@reckon/store/relay/suites';
import { Kubectl, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';

const namespace = '/api/v1/namespaces/default';

interface Listed {
  readonly metadata: { readonly resourceVersion: string };
}
interface Published {
  readonly metadata: { readonly name: string };
  readonly data?: unknown;
}

/** In order: each test stands on what the one before it published. */
describe('the feed on NATS', () => {
  let nats: NatsServer;
  let reckon: ReckonProcess;
  let client: RawClient;
  const start = async (dataDir?: string): Promise<void> => {
    reckon = await startReckon({ flags: ['--nats', nats.url], ...(dataDir === undefined ? {} : { dataDir }) });
    client = RawClient.of(reckon.kubeconfig);
  };
  beforeAll(async () => {
    nats = await startNatsServer();
    await start();
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
    await nats.dispose();
  });

  const createMap = async (name: string): Promise<void> => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } };
    expect((await client.send('POST', `${namespace}/configmaps`, { body })).status).toBe(201);
  };
  const headNow = async (): Promise<number> =>
    Number(((await client.send('GET', `${namespace}/configmaps`)).body as Listed).metadata.resourceVersion);
  /** All that was published, once it has come to where the cluster is now: every revision, in order. */
  const published = async (): Promise<FeedEvent[]> => {
    const head = await headNow();
    return eventually(async () => {
      const events = withoutDuplicates(await readFeed(nats.url));
      expect(events.at(-1)?.to ?? 0).toBeGreaterThanOrEqual(head);
      return events;
    });
  };
  const named = (events: readonly FeedEvent[], subject: string): Published[] =>
    events.filter((e) => e.subject === subject).map((e) => e.event.data as Published);

  it('has every revision from the first on, Secrets without what they hold', async () => {
    const kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create secret generic hidden --from-literal=password=swordfish');
    await createMap('shown');
    const events = await published();
    expect(events[0]?.from).toBe(1);
    expect(named(events, 'reckon.core.configmaps.default.shown')).toMatchObject([{ data: { a: '1' } }]);
    const [secret] = named(events, 'reckon.core.secrets.default.hidden');
    expect(secret?.metadata.name).toBe('hidden');
    expect(secret).not.toHaveProperty('data');
    expect(JSON.stringify(events)).not.toContain(Buffer.from('swordfish').toString('base64'));
  });

  it('goes on where it was when NATS was away, which no writer notices', async () => {
    await nats.kill();
    for (let i = 0; i < 50; i++) await createMap(`while-away-${String(i)}`);
    await nats.start();
    const events = await published();
    const names = events.filter((e) => e.subject.startsWith('reckon.core.configmaps.default.while-away-'));
    expect(names).toHaveLength(50);
  });

  it('goes on where it was when the cluster was away', async () => {
    client.close();
    await reckon.end('SIGKILL');
    await start(reckon.dataDir);
    await createMap('after-restart');
    const events = await published();
    expect(named(events, 'reckon.core.configmaps.default.after-restart')).toHaveLength(1);
  });

  it('tells how far it is', async () => {
    const state = (await client.send('GET', '/debug/relay')).body;
    expect(state).toMatchObject({ state: 'following', stream: 'RECKON', subjectPrefix: 'reckon' });
  });

  it('needs a server that is one, and says so', async () => {
    const refused = startReckon({ flags: ['--nats', 'http://127.0.0.1:1'] });
    await expect(refused).rejects.toThrow('--nats: is not the address of a NATS server');
  });
});
