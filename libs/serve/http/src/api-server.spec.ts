import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Record<string, string> = {}): object => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name },
  data,
});

describe('the API over HTTPS', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it('creates, gets, lists, updates, patches and deletes', async () => {
    const created = await server.ask(maps, { method: 'POST', json: configMap('a', { x: '1' }) });
    expect([created.status, created.headers['content-type']]).toEqual([201, 'application/json']);
    expect(created.json<{ metadata: object }>()).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default' },
      data: { x: '1' },
    });

    const got = await server.ask(`${maps}/a`);
    expect([got.status, got.text]).toEqual([200, created.text]);

    const listed = await server.ask(maps);
    const list = listed.json<{
      kind: string;
      items: Record<string, unknown>[];
      metadata: { resourceVersion: string };
    }>();
    expect(list.kind).toBe('ConfigMapList');
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(list.items).toEqual([{ metadata: got.json().metadata, data: { x: '1' } }]);

    const updated = await server.ask(`${maps}/a`, { method: 'PUT', json: configMap('a', { x: '2' }) });
    expect([updated.status, updated.json().data]).toEqual([200, { x: '2' }]);

    const patched = await server.ask(`${maps}/a`, {
      method: 'PATCH',
      body: '{"data":{"y":"3"}}',
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    expect([patched.status, patched.json().data]).toEqual([200, { x: '2', y: '3' }]);

    const deleted = await server.ask(`${maps}/a`, { method: 'DELETE' });
    expect(deleted.status).toBe(200);
    expect(deleted.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: expect.any(String) as string },
    });
    expect((await server.ask(`${maps}/a`)).status).toBe(404);
  });

  it('watches', async () => {
    const before = (await server.ask(maps)).json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion;
    const watching = server.ask(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=${before}`);
    await server.ask(maps, { method: 'POST', json: configMap('watched') });
    const { status, text } = await watching;
    expect(status).toBe(200);
    const events = text
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as { type: string; object: { metadata: { name: string } } });
    expect(events.map((e) => [e.type, e.object.metadata.name])).toEqual([['ADDED', 'watched']]);
  });
});
