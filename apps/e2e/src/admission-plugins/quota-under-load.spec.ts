import { RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Pod {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}
const most = 10;
const writers = 50;
const rounds = 4;
const path = '/api/v1/namespaces/team';

describe('a quota', () => {
  let reckon: ReckonProcess;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '0'] });
    client = RawClient.of(reckon.kubeconfig);
    const send = async (collection: string, body: object): Promise<void> => {
      expect((await client.send('POST', collection, { body })).status).toBe(201);
    };
    await send('/api/v1/namespaces', { metadata: { name: 'team' } });
    await eventually(async () => {
      expect((await client.send('GET', `${path}/serviceaccounts/default`)).status).toBe(200);
    });
    await send(`${path}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard: { pods: String(most) } } });
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
  });

  const used = async (): Promise<string | undefined> => {
    const { body } = await client.send('GET', `${path}/resourcequotas/q`);
    return (body as { status?: { used?: { pods?: string } } }).status?.used?.pods;
  };
  /** The pod as it was made; undefined where there was no room for it. */
  const create = async (name: string): Promise<Pod | undefined> => {
    const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: 'a', image: 'i' }] };
    const { status, text, body } = await client.send('POST', `${path}/pods`, { body: { metadata: { name }, spec } });
    if (status === 403) expect(text).toMatch(/exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10/);
    else expect([status, text]).toEqual([201, text]);
    return status === 201 ? (body as Pod) : undefined;
  };

  it('holds at every moment, however many create and delete at once', async () => {
    await eventually(async () => {
      expect(await used()).toBe('0');
    });
    const watch = await client.watch(`${path}/pods?watch=1`);
    let made = 0;
    for (let round = 0; round < rounds; round++) {
      const answers = await Promise.all(
        Array.from({ length: writers }, (_, i) => create(`p-${String(round)}-${String(i)}`)),
      );
      const more = answers.filter(Boolean).length;
      made += more;
      expect(more).toBe(most);
      const { items } = (await client.send('GET', `${path}/pods`)).body as { items: Pod[] };
      expect(items).toHaveLength(most);
      // Some go while others come: what goes is free again when the controller has counted it.
      const racing = Array.from({ length: writers }, (_, i) => create(`r-${String(round)}-${String(i)}`));
      const gone = items.map(({ metadata }) =>
        client.send('DELETE', `${path}/pods/${metadata.name}`, { body: { gracePeriodSeconds: 0 } }),
      );
      made += (await Promise.all(racing)).filter(Boolean).length;
      for (const { status } of await Promise.all(gone)) expect(status).toBe(200);
      const rest = (await client.send('GET', `${path}/pods`)).body as { items: Pod[] };
      for (const { metadata } of rest.items)
        await client.send('DELETE', `${path}/pods/${metadata.name}`, { body: { gracePeriodSeconds: 0 } });
      await eventually(async () => {
        expect(await used()).toBe('0');
      });
    }
    await eventually(() => {
      expect(watch.events.filter(({ type }) => type === 'DELETED')).toHaveLength(made);
    });
    let there = 0;
    let highest = 0;
    for (const { type } of watch.events) {
      there += type === 'ADDED' ? 1 : type === 'DELETED' ? -1 : 0;
      highest = Math.max(highest, there);
    }
    watch.close();
    expect([there, highest]).toEqual([0, most]);
  });

  it('is counted in the step that makes the object: the log has both, one after the other', async () => {
    // As it was made: by the time that it is read again it may have a node.
    const revision = Number((await create('one'))?.metadata.resourceVersion);
    const at = async (moment: number): Promise<unknown> =>
      (await client.send('GET', `/at/${String(moment)}${path}/resourcequotas/q`)).body;
    expect(await at(revision - 1)).toMatchObject({ status: { used: { pods: '1' } } });
    expect(await at(revision - 2)).toMatchObject({ status: { used: { pods: '0' } } });
    expect((await client.send('GET', `/at/${String(revision - 1)}${path}/pods/one`)).status).toBe(404);
  });

  it('takes nothing for a dry run, nor for a name that is taken', async () => {
    const body = { metadata: { name: 'one' }, spec: { containers: [{ name: 'a', image: 'i' }] } };
    expect((await client.send('POST', `${path}/pods`, { body })).status).toBe(409);
    const dry = { ...body, metadata: { name: 'two' } };
    expect((await client.send('POST', `${path}/pods?dryRun=All`, { body: dry })).status).toBe(201);
    expect(await used()).toBe('1');
  });

  it('tells who has counted, the server or the controller', async () => {
    const { body } = await client.send('GET', `${path}/resourcequotas/q`);
    const { managedFields } = (
      body as { metadata: { managedFields: { manager: string; subresource?: string; fieldsV1: object }[] } }
    ).metadata;
    const counted = managedFields.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('"f:used":{"f:pods":{}}'));
    expect(counted.map(({ manager, subresource }) => [manager, subresource])).toEqual([
      [expect.stringMatching(/^kube-(apiserver|controller-manager)$/), 'status'],
    ]);
    await create('one-more');
    const after = (await client.send('GET', `${path}/resourcequotas/q`)).body;
    expect(JSON.stringify(after)).toContain('"manager":"kube-apiserver","operation":"Update"');
  });
});
