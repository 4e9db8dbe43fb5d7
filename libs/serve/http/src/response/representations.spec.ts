import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';

describe('how answers are written', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    for (const name of ['a', 'b'])
      await server.ask(maps, {
        method: 'POST',
        json: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { name, labels: { l: name } },
          data: { x: '1', z: 'two\nlines\n' },
        },
      });
  });
  afterAll(async () => {
    await server.close();
  });
  const get = (path: string, accept: string, headers: Record<string, string> = {}) =>
    server.ask(path, { headers: { Accept: accept, ...headers } });

  it('is JSON without a charset unless asked otherwise', async () => {
    for (const accept of ['', '*/*', 'application/json', 'application/json,application/vnd.kubernetes.protobuf']) {
      const { status, headers } = await get(`${maps}/a`, accept);
      expect([accept, status, headers['content-type']]).toEqual([accept, 200, 'application/json']);
    }
  });

  it('is indented on request and for people', async () => {
    for (const [query, agent] of [
      ['?pretty=true', 'x'],
      ['', 'curl/8'],
      ['', 'Mozilla/5.0 (X)'],
    ] as const)
      expect((await get(`${maps}/a${query}`, '', { 'User-Agent': agent })).text).toContain('\n  "metadata": {');
    expect((await get(`${maps}/a?pretty=false`, '', { 'User-Agent': 'curl/8' })).text).not.toContain('\n  ');
  });

  it('is indented for people when it is discovery, and always when it is the index', async () => {
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    for (const [path, accept] of [
      ['/api', ''],
      ['/apis', ''],
      ['/api/v1', ''],
      ['/apis', aggregated],
    ] as const) {
      expect((await get(path, accept, { 'User-Agent': 'curl/8' })).text).toContain('\n  "kind": "');
      expect((await get(path, accept)).text).not.toContain('\n  ');
    }
    for (const path of ['/', '/index.html']) {
      const { headers, text } = await get(path, 'text/html');
      expect([headers['content-type'], text]).toEqual([
        'application/json',
        expect.stringMatching(/^\{\n {2}"paths": \[\n {4}"/),
      ]);
    }
  });

  it('is a line, or indented for people, when it is a refusal', async () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'configmaps' },
      code: 404,
    };
    expect((await get(`${maps}/none`, '')).text).toBe(`${JSON.stringify(status)}\n`);
    const indented = JSON.stringify(status, undefined, 2);
    expect((await get(`${maps}/none`, '', { 'User-Agent': 'curl/8' })).text).toBe(indented);
    expect((await get(`${maps}/none?pretty=1`, 'application/json')).text).toBe(indented);
    const { status: code, headers, text } = await get(`${maps}/none`, 'text/html');
    expect([code, headers['content-type'], text]).toEqual([
      406,
      'application/json',
      expect.stringMatching(/^\{\n {2}"kind": "Status",\n/),
    ]);
  });

  it('can be YAML with sorted keys', async () => {
    const { headers, text } = await get(`${maps}/a`, 'application/yaml');
    expect(headers['content-type']).toBe('application/yaml');
    expect(text).toMatch(
      /^apiVersion: v1\ndata:\n {2}x: "1"\n {2}z: \|\n {4}two\n {4}lines\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "/,
    );
    expect(text).toMatch(/\n {2}- apiVersion: v1\n/);
    expect(text).toContain('\n        .: {}\n');
  });

  it('can be a Table, whose rows carry what is asked for', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = (await get(maps, accept)).json<{
      kind: string;
      metadata: object;
      rows: { cells: unknown[]; object: { kind: string } | null }[];
    }>();
    expect([table.kind, table.metadata]).toEqual(['Table', { resourceVersion: expect.any(String) as string }]);
    expect(table.rows.map((r) => [r.cells.slice(0, 2), r.object?.kind])).toEqual([
      [['a', 2], 'PartialObjectMetadata'],
      [['b', 2], 'PartialObjectMetadata'],
    ]);
    const whole = (await get(`${maps}?includeObject=Object`, accept)).json<{ rows: { object: { kind: string } }[] }>();
    expect(whole.rows[0]?.object.kind).toBe('ConfigMap');
    const none = (await get(`${maps}?includeObject=None`, accept)).json<{ rows: { object: unknown }[] }>();
    expect(none.rows[0]?.object).toBeNull();
    const one = (await get(`${maps}/a`, accept)).json<{ rows: unknown[] }>();
    expect(one.rows).toHaveLength(1);
  });

  it('can be metadata only', async () => {
    const list = (await get(maps, 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).json<{
      kind: string;
      items: { kind: string; data?: unknown }[];
    }>();
    expect([list.kind, list.items.map((i) => [i.kind, i.data])]).toEqual([
      'PartialObjectMetadataList',
      [
        ['PartialObjectMetadata', undefined],
        ['PartialObjectMetadata', undefined],
      ],
    ]);
  });

  it('pages, with a token and what remains', async () => {
    const first = (await get(`${maps}?limit=1`, '')).json<{
      metadata: { continue: string; remainingItemCount: number };
      items: object[];
    }>();
    expect([first.items.length, first.metadata.remainingItemCount]).toEqual([1, 1]);
    const second = (await get(`${maps}?limit=1&continue=${first.metadata.continue}`, '')).json<{
      metadata: object;
      items: object[];
    }>();
    expect([second.items.length, 'continue' in second.metadata]).toEqual([1, false]);
  });

  it('spares loopback peers gzip', async () => {
    await server.ask(maps, {
      method: 'POST',
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'big' }, data: { x: 'x'.repeat(300_000) } },
    });
    const { headers, body } = await get(`${maps}/big`, '', { 'Accept-Encoding': 'gzip' });
    expect([headers['content-encoding'], body.length > 300_000]).toEqual([undefined, true]);
  });

  it('zips long answers for peers elsewhere that take it', async () => {
    const ask = (url: string, headers: Record<string, string>) =>
      server.server.inject({ url, remoteAddress: '192.0.2.7', headers });
    const zipped = await ask(`${maps}/big`, { 'Accept-Encoding': 'gzip' });
    expect([zipped.headers['content-encoding'], zipped.headers.vary]).toEqual(['gzip', 'Accept-Encoding']);
    expect(gunzipSync(zipped.rawPayload).length).toBeGreaterThan(300_000);
    expect((await ask(`${maps}/big`, {})).headers['content-encoding']).toBeUndefined();
    expect((await ask(`${maps}/a`, { 'Accept-Encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  });

  it('splits a long list into pieces that come whole', async () => {
    for (let i = 0; i < 6; i++)
      await server.ask(maps, {
        method: 'POST',
        json: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { name: `long${String(i)}` },
          data: { x: 'x'.repeat(300_000) },
        },
      });
    const { headers, body, json } = await get(maps, '');
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(json<{ items: object[] }>().items).toHaveLength(9);
  });
});
