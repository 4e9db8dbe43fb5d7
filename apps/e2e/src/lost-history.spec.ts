import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@reckon/kernel';
import {
  type CuttingProxy,
  type RawReply,
  type RestartableReckon,
  eventually,
  restartableReckon,
  startCuttingProxy,
} from '@reckon/testkit';

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

interface Meta {
  readonly name: string;
  readonly resourceVersion: string;
}
interface List {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly { readonly metadata: Meta }[];
}

describe('clients that come back late', () => {
  let reckon: RestartableReckon;

  beforeAll(async () => {
    reckon = await restartableReckon();
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  const versionOf = (reply: RawReply): string => {
    expect(reply.status, reply.text).toBeLessThan(300);
    return (reply.body as { metadata: Meta }).metadata.resourceVersion;
  };
  const create = async (path: string, name: string, rest: object = {}): Promise<string> =>
    versionOf(await reckon.client.send('POST', path, { body: { metadata: { name }, ...rest } }));
  const patch = async (path: string, name: string, body: object): Promise<string> =>
    versionOf(await reckon.client.send('PATCH', `${path}/${name}`, { body, headers: mergePatch }));
  const list = async (path: string): Promise<List> => {
    const reply = await reckon.client.send('GET', path);
    expect(reply.status, reply.text).toBe(200);
    return reply.body as List;
  };
  /** The first event of a watch, once it has come or the watch has ended. */
  const firstOf = async (path: string): Promise<unknown> => {
    const watch = await reckon.client.watch(path);
    expect(watch.status).toBe(200);
    await eventually(() => {
      expect(watch.events).not.toEqual([]);
    });
    watch.close();
    return watch.events[0];
  };

  /** Waits until the server's clock is so much ahead of ours. */
  const isTheTime = (aheadMs: number): Promise<void> =>
    eventually(async () => {
      const made = await reckon.client.send('POST', `${configMaps}?dryRun=All`, {
        body: { metadata: { generateName: 't-' } },
      });
      const { creationTimestamp } = (made.body as { metadata: { creationTimestamp: string } }).metadata;
      expect(Date.parse(creationTimestamp) - systemClock.nowMs()).toBeGreaterThan(aheadMs - 30_000);
    });

  it('an expired continue token is a 410 that offers to go on in the present', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(configMaps, name);
    const first = await list(`${configMaps}?limit=1`);
    const token = first.metadata.continue ?? '';
    const next = `${configMaps}?limit=500&continue=${encodeURIComponent(token)}`;
    reckon.clock.set(4 * 60_000);
    await isTheTime(4 * 60_000);
    const names = ({ items }: List): string[] => items.map(({ metadata }) => metadata.name);
    const rest = names(await list(next));
    expect(rest).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));

    reckon.clock.set(6 * 60_000);
    await isTheTime(6 * 60_000);
    const refused = await reckon.client.send('GET', next);
    expect(refused.status).toBe(410);
    expect(refused.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: { continue: expect.any(String) },
      status: 'Failure',
      message:
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
        'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
        'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
        'deleted between the time the first chunk was returned and now may show up in the list.',
      reason: 'Expired',
      code: 410,
    });
    await create(configMaps, 'page-d');
    const offered = (refused.body as List).metadata.continue ?? '';
    const present = await list(`${configMaps}?limit=500&continue=${encodeURIComponent(offered)}`);
    expect(names(present)).toEqual([...rest, 'page-d']);
    expect(present.metadata.continue).toBeUndefined();
  });

  it('a watch from a compacted revision is a 200 with one ERROR event, a list at it a 410; other kinds keep theirs', async () => {
    const before = await create(configMaps, 'kept');
    const first = await create(leases, 'mine', { spec: { holderIdentity: 'a' } });
    const second = await patch(leases, 'mine', { spec: { holderIdentity: 'b' } });
    expect(await firstOf(`${leases}?watch=1&resourceVersion=${first}`)).toMatchObject({
      type: 'MODIFIED',
      object: { metadata: { resourceVersion: second } },
    });
    expect((await list(`${leases}?resourceVersion=${first}&resourceVersionMatch=Exact`)).items).toHaveLength(1);

    reckon.clock.set(20 * 60_000);
    // What is still in memory can be watched for longer; a server that begins anew has nothing there.
    expect(await reckon.stop()).toBe(0);
    await reckon.start();
    // Retention looks every minute, and lets go what was replaced more than five minutes ago.
    const error = await eventually(async () => {
      const event = await firstOf(`${leases}?watch=1&resourceVersion=${first}`);
      expect(event).toMatchObject({ type: 'ERROR' });
      return event;
    });
    const inProtobuf = await reckon.client.send('GET', `${leases}?watch=1&resourceVersion=${first}`, {
      headers: { accept: 'application/vnd.kubernetes.protobuf;stream=watch' },
    });
    expect(inProtobuf.status).toBe(200);
    expect(inProtobuf.text).toMatch(/ERROR[^]*k8s\0[^]*too old resource version[^]*Expired/);
    expect(error).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: expect.stringMatching(new RegExp(`^too old resource version: ${first} \\(\\d+\\)$`)),
        reason: 'Expired',
        code: 410,
      },
    });
    const watch = await reckon.client.watch(`${leases}?watch=1&resourceVersion=${first}`);
    await watch.ended;
    expect(watch.events).toHaveLength(1);

    const exact = await reckon.client.send('GET', `${leases}?resourceVersion=${first}&resourceVersionMatch=Exact`);
    expect(exact.status).toBe(410);
    expect(exact.body).toMatchObject({
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
    const past = await reckon.client.send('GET', `/at/${first}${leases}/mine`);
    expect(past.status, past.text).toBe(410);

    // What it holds now is kept, and so is the history of everything else.
    const now = await list(leases);
    expect(now.items).toMatchObject([{ metadata: { name: 'mine', resourceVersion: second } }]);
    expect(await firstOf(`${configMaps}?watch=1&resourceVersion=${String(Number(before) - 1)}`)).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'kept' } },
    });
  });

  it('kubectl get -w tells every change in order; after a cut a watch from the last one tells the rest', async () => {
    const proxy = await startCuttingProxy(Number(reckon.client.url.port));
    const output = ['-w', '-o=jsonpath={.metadata.resourceVersion} {.data.n}{"\\n"}'];
    try {
      await create(configMaps, 'followed', { data: { n: '0' } });
      const follow = reckon.kubectl.start([...through(proxy), 'get', 'configmap', 'followed', ...output]);
      const numbers = (): string[] => follow.output().match(/(?<=^\d+ )\d+$/gm) ?? [];
      await eventually(() => {
        expect(numbers()).toEqual(['0']);
      });
      for (let n = 1; n <= 5; n++) await patch(configMaps, 'followed', { data: { n: String(n) } });
      await eventually(() => {
        expect(numbers()).toEqual(['0', '1', '2', '3', '4', '5']);
      });
      proxy.cutAll();
      // It does not begin anew by itself, and it has not said anything twice.
      await follow.ended;
      expect(numbers()).toHaveLength(6);

      const last = /(\d+) 5$/m.exec(follow.output())?.[1] ?? '';
      for (let n = 6; n <= 8; n++) await patch(configMaps, 'followed', { data: { n: String(n) } });
      const watch = await reckon.client.watch(
        `${configMaps}?watch=1&fieldSelector=metadata.name%3Dfollowed&resourceVersion=${last}`,
      );
      await eventually(() => {
        expect(watch.events.map(({ object }) => object['data'])).toEqual([{ n: '6' }, { n: '7' }, { n: '8' }]);
      });
      watch.close();
    } finally {
      await proxy.close();
    }
  });

  it('kubectl rollout status goes on where its watch was cut', async () => {
    const proxy = await startCuttingProxy(Number(reckon.client.url.port));
    try {
      await reckon.kubectl.run(['apply', '-f', '-'], { stdin: slowDeployment });
      const follow = reckon.kubectl.start([...through(proxy), 'rollout', 'status', 'deployment/slow', '--timeout=60s']);
      await eventually(() => {
        expect(follow.output()).toContain('Waiting for deployment "slow" rollout to finish: 0 of 2');
      });
      for (const cuts of [1, 2])
        await eventually(() => {
          proxy.cutAll();
          expect(proxy.cuts).toBeGreaterThanOrEqual(cuts);
        });
      expect((await reckon.client.send('GET', `${pods}?labelSelector=app%3Dslow`)).text).toContain('"phase":"Pending"');
      await follow.ended;
      expect(follow.output()).toMatch(/deployment "slow" successfully rolled out\n$/);
    } finally {
      await proxy.close();
    }
  });
});

const through = ({ port }: CuttingProxy): string[] => ['--server', `https://127.0.0.1:${String(port)}`];

const slowDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: slow }
spec:
  replicas: 2
  selector: { matchLabels: { app: slow } }
  template:
    metadata:
      labels: { app: slow }
      annotations: { reckon.dev/start-after: 5s }
    spec:
      containers: [{ name: c, image: nginx }]
`;
