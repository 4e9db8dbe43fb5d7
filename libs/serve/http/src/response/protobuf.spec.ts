import { createKindRegistry, decodeProtobuf, openStructType, type ResourceRow, unwrapUnknown } from '@reckon/api/kinds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const protobuf = 'application/vnd.kubernetes.protobuf';
const partial = (kind: string): string => `${protobuf};as=${kind};v=v1;g=meta.k8s.io`;

const kinds = createKindRegistry();
const widget: ResourceRow = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['create', 'get', 'list', 'watch', 'delete'],
  subresources: [],
  storage: { group: 'example.com', resource: 'widgets', version: 'v1' },
  type: openStructType(kinds.types, 'Widget'),
};

interface Read {
  readonly kind: string;
  readonly apiVersion: string;
  readonly object: Record<string, unknown>;
}

/** What a client that knows the kinds finds in an answer. */
function read({ headers, body }: Answer, struct?: string): Read {
  expect(headers['content-type']).toBe(protobuf);
  const { kind, apiVersion, raw } = unwrapUnknown(body);
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const type = struct === undefined ? kinds.structOf({ group, version, kind }) : kinds.types.struct(struct);
  if (type === undefined) throw new Error(`no type for ${apiVersion} ${kind}`);
  return { kind, apiVersion, object: decodeProtobuf(kinds.types, type, raw) };
}

describe('answers in protobuf', () => {
  let server: TestServer;
  beforeAll(async () => {
    kinds.add(widget);
    server = await startTestServer({ kinds });
    const post = (path: string, json: object): Promise<Answer> => server.ask(path, { method: 'POST', json });
    for (const name of ['a', 'b'])
      await post(maps, {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name, labels: { l: name } },
        data: { x: '1' },
      });
    await post(widgets, { kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'w' }, spec: { size: 1 } });
    await post('/api/v1/namespaces/default/events', {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      message: 'hello',
    });
  });
  afterAll(async () => {
    await server.close();
  });
  const get = (path: string, accept = protobuf): Promise<Answer> => server.ask(path, { headers: { Accept: accept } });

  it('are given to who prefers them, by order and by quality', async () => {
    for (const [accept, type] of [
      [`${protobuf},application/json`, protobuf],
      [`application/json;q=0.8,${protobuf}`, protobuf],
      [`${protobuf};q=0.5,application/json`, 'application/json'],
      [`application/json,${protobuf}`, 'application/json'],
      [`*/*,${protobuf}`, protobuf],
      ['application/*', 'application/json'],
    ] as const)
      expect([accept, (await get(`${maps}/a`, accept)).headers['content-type']]).toEqual([accept, type]);
  });

  it('hold the object that JSON holds', async () => {
    const json = (await get(`${maps}/a`, 'application/json')).json();
    const { kind, apiVersion, object } = read(await get(`${maps}/a`));
    expect({ kind, apiVersion }).toEqual({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(object).toMatchObject({ metadata: json.metadata, data: json.data });
  });

  it('answer writes, and what is stored as another version', async () => {
    const created = await server.ask(maps, {
      method: 'POST',
      headers: { Accept: protobuf },
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'c' } },
    });
    expect([created.status, read(created).object.metadata]).toMatchObject([201, { name: 'c' }]);
    const deleted = await server.ask(`${maps}/c`, { method: 'DELETE', headers: { Accept: protobuf } });
    expect(read(deleted)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      object: { status: 'Success', details: { name: 'c', kind: 'configmaps' } },
    });
    const event = read(await get('/apis/events.k8s.io/v1/namespaces/default/events/e'));
    expect(event).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      object: { note: 'hello', regarding: { name: 'p' } },
    });
  });

  it('list, page and list elsewhere', async () => {
    const list = read(await get(maps));
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(list.object.metadata).toMatchObject((await get(maps, 'application/json')).json().metadata as object);
    expect(list.object.items).toMatchObject([
      { metadata: { name: 'a' }, data: { x: '1' } },
      { metadata: { name: 'b' } },
    ]);
    const page = read(await get(`${maps}?limit=1`)).object;
    expect(page.items).toHaveLength(1);
    expect(page.metadata).toMatchObject({ remainingItemCount: 1, continue: expect.any(String) as string });
    expect(read(await get('/api/v1/nodes')).object.items).toBeUndefined();
  });

  it('list many objects, in order, while others are served', async () => {
    const secrets = '/api/v1/namespaces/default/secrets';
    const names = Array.from({ length: 600 }, (_, i) => `s${String(i).padStart(3, '0')}`);
    await Promise.all(
      names.map((name) =>
        server.ask(secrets, { method: 'POST', json: { kind: 'Secret', apiVersion: 'v1', metadata: { name } } }),
      ),
    );
    const { items } = read(await get(secrets)).object;
    expect((items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)).toEqual(names);
  });

  it('hold the metadata only, of kinds of every sort', async () => {
    const one = read(await get(`${maps}/a`, partial('PartialObjectMetadata')));
    expect(one).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(one.object)).toEqual(['metadata']);
    const list = read(await get(maps, partial('PartialObjectMetadataList')));
    expect(list.object.items).toMatchObject([{ metadata: { labels: { l: 'a' } } }, { metadata: { name: 'b' } }]);
    expect(read(await get(widgets, partial('PartialObjectMetadataList'))).object.items).toMatchObject([
      { metadata: { name: 'w' } },
    ]);
  });

  it('are refused where there is no such form', async () => {
    const message =
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf';
    for (const [path, accept] of [
      [maps, partial('Table')],
      [`${widgets}/w`, protobuf],
      [widgets, protobuf],
    ] as const) {
      const refused = await get(path, accept);
      expect(refused.status).toBe(406);
      const status = refused.headers['content-type'] === protobuf ? read(refused).object : refused.json();
      expect(status).toMatchObject({ reason: 'NotAcceptable', message });
    }
    const table = await get(maps, `${partial('Table')},application/json;as=Table;v=v1;g=meta.k8s.io`);
    expect(table.json().kind).toBe('Table');
    expect((await get(`${widgets}/w`, `${protobuf},application/json`)).json().kind).toBe('Widget');
  });

  it('tell of failure', async () => {
    const missing = await get(`${maps}/none`);
    expect(missing.status).toBe(404);
    expect(read(missing)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      object: {
        status: 'Failure',
        reason: 'NotFound',
        code: 404,
        message: 'configmaps "none" not found',
        details: { name: 'none', kind: 'configmaps' },
      },
    });
    const invalid = await server.ask(maps, {
      method: 'POST',
      headers: { Accept: protobuf },
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'X' } },
    });
    expect(read(invalid).object).toMatchObject({ code: 422, details: { causes: [{ field: 'metadata.name' }] } });
    const yaml = await get(`${maps}/none`, 'application/yaml');
    expect([yaml.headers['content-type'], yaml.text]).toEqual([
      'application/yaml',
      expect.stringContaining('reason: NotFound\n') as string,
    ]);
    expect((await get(`${maps}/none`, 'text/html')).headers['content-type']).toBe('application/json');
  });

  it('tell what there is', async () => {
    expect(read(await get('/api')).object.versions).toEqual(['v1']);
    expect(read(await get('/apis')).object.groups).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'apps' })]),
    );
    expect(read(await get('/apis/apps')).object.preferredVersion).toEqual({ groupVersion: 'apps/v1', version: 'v1' });
    expect(read(await get('/api/v1')).object.resources).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'pods', shortNames: ['po'], namespaced: true })]),
    );
    const form = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const whole = await get('/apis', `${protobuf};${form},application/json`);
    expect([whole.headers['content-type'], whole.headers.etag]).toEqual([
      `${protobuf};${form}`,
      (await get('/apis', `application/json;${form}`)).headers.etag,
    ]);
    const list = decodeProtobuf(
      kinds.types,
      kinds.types.struct('apidiscovery/v2.APIGroupDiscoveryList'),
      unwrapUnknown(whole.body).raw,
    );
    expect((list.items as { metadata: { name: string } }[]).map((group) => group.metadata.name)).toContain('apps');
    // Not part of upstream's scheme: as JSON, whatever is asked for.
    expect((await get('/')).headers['content-type']).toBe('application/json');
  });
});
