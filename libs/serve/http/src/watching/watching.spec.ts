import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { KubeObject } from '@reckon/api/machinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';

interface Event {
  readonly type: string;
  readonly object: {
    readonly kind: string;
    readonly metadata: { readonly name?: string; readonly resourceVersion: string };
    readonly columnDefinitions?: unknown[] | null;
    readonly rows?: { readonly cells: unknown[] }[];
    readonly code?: number;
  };
}

const eventsOf = (text: string): Event[] =>
  text
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as Event);

describe('watching', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ limits: { graceMs: 500 } });
  });
  afterAll(async () => {
    await server.close();
  });

  const create = (name: string, size = 1): Promise<unknown> =>
    server.ask(maps, {
      method: 'POST',
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { x: 'x'.repeat(size) } },
    });
  const revision = async (): Promise<string> =>
    (await server.ask(maps)).json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion;

  it('sends the column definitions with the first table only', async () => {
    await create('t1');
    await create('t2');
    const { text } = await server.ask(`${maps}?watch=1&timeoutSeconds=1`, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    const tables = eventsOf(text).map((e) => e.object);
    expect(tables.map((t) => [t.kind, t.columnDefinitions?.length, t.rows?.[0]?.cells.slice(0, 2)])).toEqual([
      ['Table', 3, ['t1', 1]],
      ['Table', undefined, ['t2', 1]],
    ]);
  });

  it('sends metadata only, when that is asked for', async () => {
    const { text } = await server.ask(`${maps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dt1`, {
      headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
    });
    expect(eventsOf(text).map((e) => [e.object.kind, Object.keys(e.object)])).toEqual([
      ['PartialObjectMetadata', ['kind', 'apiVersion', 'metadata']],
    ]);
  });

  it('ends the state with a bookmark, as asked', async () => {
    const { text } = await server.ask(
      `${maps}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    expect(eventsOf(text).at(-1)).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: await revision(), annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
  });

  it('tells the end of the state in a table, even to who wants no objects', async () => {
    const { text } = await server.ask(
      `${maps}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&includeObject=None`,
      { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    );
    const rows = eventsOf(text).map((e) => (e.object as unknown as { rows: { object: KubeObject | null }[] }).rows[0]);
    expect(rows[0]?.object).toBeNull();
    expect(rows.at(-1)?.object?.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('tells how far it is before it ends', async () => {
    const from = await revision();
    const { text } = await server.ask(
      `${maps}?watch=1&timeoutSeconds=4&allowWatchBookmarks=true&resourceVersion=${from}`,
    );
    expect(eventsOf(text).map(({ type, object }) => [type, object.metadata])).toEqual([
      ['BOOKMARK', { resourceVersion: from }],
    ]);
  });

  it('serves the old watch paths, for one object too', async () => {
    const { text } = await server.ask('/api/v1/watch/namespaces/default/configmaps/t2?timeoutSeconds=1');
    expect(eventsOf(text).map((e) => e.object.metadata.name)).toEqual(['t2']);
  });

  it('refuses before anything is sent', async () => {
    const { status, json } = await server.ask(`${maps}?watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=0`);
    expect([status, json().reason]).toEqual([422, 'Invalid']);
  });

  it('opens at once, also for a future revision, with headers that name no length', async () => {
    const { status, headers, text } = await server.ask(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=999999`);
    expect([status, headers['transfer-encoding'], headers['content-type'], text]).toEqual([
      200,
      'chunked',
      'application/json',
      '',
    ]);
  });

  it('speaks WebSocket', async () => {
    const from = await revision();
    const socket = new WebSocket(`wss://127.0.0.1:${String(server.port)}${maps}?watch=1&resourceVersion=${from}`, {
      ca: server.caPem,
    });
    const received: Event[] = [];
    const two = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        received.push(JSON.parse(data.toString()) as Event);
        if (received.length === 2) resolve();
      });
    });
    await new Promise((resolve) => socket.once('open', resolve));
    await create('ws1');
    await create('ws2');
    await two;
    expect(received.map((e) => [e.type, e.object.metadata.name])).toEqual([
      ['ADDED', 'ws1'],
      ['ADDED', 'ws2'],
    ]);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });

  it('refuses a WebSocket with an ordinary answer', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${String(server.port)}/api/v1/nopes?watch=1`, { ca: server.caPem });
    const code = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        response.resume();
      });
      socket.on('error', () => undefined);
    });
    expect(code).toBe(404);
  });

  it('does not wait for a client that never reads, and skips nothing for it', async () => {
    const from = await revision();
    const silent = await rawWatch(server, `${maps}?watch=1&timeoutSeconds=300&resourceVersion=${from}`);
    silent.pause();
    const count = 40;
    for (let i = 0; i < count; i++) await create(`big${String(i)}`, 500_000);
    const { watchers } = server.storage.describe();
    expect(watchers.some((w) => w.state === 'lagging')).toBe(true);

    const names: string[] = [];
    let text = '';
    await new Promise<void>((resolve) => {
      silent.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const name = /"name":"(big\d+)"/.exec(line)?.[1];
          if (name !== undefined) names.push(name);
        }
        if (names.length === count) resolve();
      });
      silent.resume();
    });
    expect(names).toEqual(Array.from({ length: count }, (_, i) => `big${String(i)}`));
    silent.destroy();
  });
});

/** A watch on a bare connection that nobody reads. */
async function rawWatch(server: TestServer, path: string): Promise<TLSSocket> {
  const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', resolve));
  return socket;
}
