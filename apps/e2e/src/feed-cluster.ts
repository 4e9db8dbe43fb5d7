import {
  type FeedEvent,
  type LiveConsumer,
  type NatsAccess,
  type NatsServer,
  startLiveConsumer,
  startNatsServer,
  withoutDuplicates,
  readFeed,
} from '@reckon/store/relay/suites';
import { Kubectl, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { expect } from 'vitest';

/** `/debug/relay` */
export interface RelayState {
  readonly state: string;
  readonly revision: number;
  readonly head: number;
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
}

export interface FeedClusterOptions {
  /** Lines of nats-server's configuration. */
  readonly config?: string;
  /** How the test's own consumer gets in. */
  readonly access?: Omit<NatsAccess, 'url'>;
  /** Further flags of `reckon up`; `url` is `127.0.0.1:<port>`. Default: `--nats` alone. */
  readonly flags?: (url: string) => readonly string[];
}

const configMaps = '/api/v1/namespaces/default/configmaps';

/** A nats-server, `reckon up --nats` and a consumer that reads all the time, each a process or a connection of its own. */
export class FeedCluster {
  private constructor(
    readonly nats: NatsServer,
    readonly access: NatsAccess,
    readonly reckon: ReckonProcess,
    readonly client: RawClient,
    readonly kubectl: Kubectl,
    readonly consumer: LiveConsumer,
  ) {}

  static async start(options: FeedClusterOptions = {}): Promise<FeedCluster> {
    const { config = '', flags = (url: string) => ['--nats', url] } = options;
    const nats = await startNatsServer({ config });
    const reckon = await startReckon({
      flags: ['--logging-format', 'json', '-v', '1', '--nodes', '1', ...flags(nats.url)],
    });
    const access = { url: nats.url, ...options.access };
    const { kubeconfig } = reckon;
    return new FeedCluster(
      nats,
      access,
      reckon,
      RawClient.of(kubeconfig),
      new Kubectl(kubeconfig),
      startLiveConsumer(access),
    );
  }

  async dispose(): Promise<void> {
    await this.consumer.stop();
    this.client.close();
    await this.reckon.dispose();
    await this.nats.dispose();
  }

  async relay(): Promise<RelayState> {
    return (await this.client.send('GET', '/debug/relay')).body as RelayState;
  }

  /** Resolves once the relay waits because of this. */
  waitsFor(code: string): Promise<NonNullable<RelayState['problem']>> {
    return eventually(async () => {
      const { problem, ...state } = await this.relay();
      expect({ ...state, code: problem?.code }).toMatchObject({ code });
      if (problem === undefined) throw new Error('no problem');
      return problem;
    });
  }

  async createMap(name: string, data: Readonly<Record<string, string>> = { a: '1' }): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
    expect((await this.client.send('POST', configMaps, { body })).status).toBe(201);
  }

  /** Each is answered before the next is sent. */
  async createMaps(prefix: string, count: number, data?: Readonly<Record<string, string>>): Promise<void> {
    for (let i = 0; i < count; i++) await this.createMap(`${prefix}-${String(i)}`, data);
  }

  /** The API goes on while the relay stands still: all writes are answered, and the problem is the same before and after them. */
  async writesWhileWaitingFor(code: string, prefix: string): Promise<void> {
    await this.waitsFor(code);
    const before = await this.relay();
    await this.createMaps(prefix, 40);
    const after = await this.relay();
    expect(after.problem?.code).toBe(code);
    expect(after.head).toBeGreaterThanOrEqual(before.head + 40);
    expect(after.revision).toBeLessThan(after.head);
  }

  /** What the consumer has, once it has come to where the cluster is now; the stream itself is as whole. */
  async everyRevision(): Promise<readonly FeedEvent[]> {
    const { body } = await this.client.send('GET', configMaps);
    const head = Number((body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
    await eventually(() => {
      expect(this.consumer.faults).toEqual([]);
      expect(this.consumer.events.at(-1)?.to ?? 0).toBeGreaterThanOrEqual(head);
    });
    const { events } = this.consumer;
    expect(events[0]?.from).toBe(1);
    expect(events.slice(1).map(({ from }) => from)).toEqual(events.slice(0, -1).map(({ to }) => to + 1));
    const stored = await readFeed(this.access);
    expect(stored.map(({ to }) => to)).toEqual(withoutDuplicates(stored).map(({ to }) => to));
    expect(stored.at(-1)?.to).toBeGreaterThanOrEqual(head);
    return events;
  }

  /** Names of the ConfigMaps of `createMaps` that the consumer was told of. */
  mapsOf(prefix: string): string[] {
    const start = `reckon.core.configmaps.default.${prefix}-`;
    return this.consumer.events.filter(({ subject }) => subject.startsWith(start)).map(({ subject }) => subject);
  }

  /** The lines of the log with this message. */
  logged(message: string): Readonly<Record<string, unknown>>[] {
    return this.reckon
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['message'] === message || line['msg'] === message);
  }
}
