import { createKindRegistry, decodeProtobuf, unwrapUnknown } from '@reckon/api/kinds';
import { statusErrors } from '@reckon/api/machinery';
import type { ResourceStore } from '@reckon/registry/generic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const protobuf = 'application/vnd.kubernetes.protobuf';
const kinds = createKindRegistry();

interface Event {
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly object: Record<string, unknown>;
}

/** Each frame: four bytes of length, then the event. */
function framesOf(body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32BE(at);
    expect(end).toBeLessThanOrEqual(body.length);
    frames.push(body.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

/** `WatchEvent{1: type, 2: RawExtension{1: body}}`, read without the table: field, length, bytes. */
function eventOf(message: Buffer): Event {
  const fields = fieldsOf(message);
  const body = fieldsOf(fields[2] ?? Buffer.alloc(0))[1] ?? Buffer.alloc(0);
  const { kind, apiVersion, raw } = unwrapUnknown(body);
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const struct = kinds.structOf({ group, version, kind });
  if (struct === undefined) throw new Error(`no type for ${apiVersion} ${kind}`);
  return { type: String(fields[1]), kind, apiVersion, object: decodeProtobuf(kinds.types, struct, raw) };
}

function fieldsOf(message: Buffer): Record<number, Buffer> {
  const fields: Record<number, Buffer> = {};
  for (let at = 0; at < message.length;) {
    const number = (message[at++] ?? 0) >> 3;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    fields[number] = message.subarray(at, at + length);
    at += length;
  }
  return fields;
}

describe('watching in protobuf', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ kinds, limits: { graceMs: 500 } });
    for (const name of ['a', 'b', 'c']) await create(name);
  });
  afterAll(async () => {
    await server.close();
  });
  const create = (name: string): Promise<unknown> =>
    server.ask(maps, {
      method: 'POST',
      json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { x: 'x'.repeat(300) } },
    });
  const watch = (query: string, accept: string, path = maps) =>
    server.ask(`${path}?watch=1&timeoutSeconds=1${query}`, { headers: { Accept: accept } });

  it('sends length-delimited events, to who asks for a stream of them or does not say', async () => {
    for (const accept of [`${protobuf};stream=watch`, `${protobuf},application/json`]) {
      const { status, headers, body } = await watch('', accept);
      expect([status, headers['content-type']]).toEqual([200, `${protobuf};stream=watch`]);
      const events = framesOf(body).map(eventOf);
      expect(events.map(({ object, ...e }) => [e, (object.metadata as { name: string }).name])).toEqual(
        ['a', 'b', 'c'].map((name) => [{ type: 'ADDED', kind: 'ConfigMap', apiVersion: 'v1' }, name]),
      );
      expect(events[0]?.object.data).toEqual({ x: 'x'.repeat(300) });
    }
  });

  it('sends changes, and bookmarks of the kind', async () => {
    const from = (await server.ask(maps)).json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion;
    const changes = watch(`&resourceVersion=${from}`, protobuf);
    await create('d');
    await server.ask(`${maps}/d`, { method: 'DELETE' });
    expect(framesOf((await changes).body).map((frame) => eventOf(frame).type)).toEqual(['ADDED', 'DELETED']);

    const { body } = await watch(
      '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
      protobuf,
    );
    expect(framesOf(body).map(eventOf).at(-1)).toMatchObject({
      type: 'BOOKMARK',
      kind: 'ConfigMap',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  it('sends the metadata only, and objects in the version that is asked for', async () => {
    const { body } = await watch('', `${protobuf};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`);
    const [first] = framesOf(body).map(eventOf);
    expect([first?.kind, first?.apiVersion, Object.keys(first?.object ?? {})]).toEqual([
      'PartialObjectMetadata',
      'meta.k8s.io/v1',
      ['metadata'],
    ]);
    await server.ask('/api/v1/namespaces/default/events', {
      method: 'POST',
      json: { kind: 'Event', apiVersion: 'v1', metadata: { name: 'e' }, involvedObject: {}, message: 'hello' },
    });
    const events = await watch('', protobuf, '/apis/events.k8s.io/v1/namespaces/default/events');
    expect(framesOf(events.body).map(eventOf)).toMatchObject([
      { apiVersion: 'events.k8s.io/v1', object: { note: 'hello' } },
    ]);
  });

  it('refuses forms that do not stream', async () => {
    const { status, text } = await watch('', 'application/yaml');
    expect([status, text]).toEqual([
      406,
      expect.stringContaining(
        'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
      ) as string,
    ]);
  });

  it('speaks WebSocket: a message of bytes for each event, without a length', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${String(server.port)}${maps}?watch=1`, {
      ca: server.caPem,
      headers: { Accept: protobuf },
    });
    const received: [string, boolean][] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer, isBinary) => {
        received.push([(eventOf(data).object.metadata as { name: string }).name, isBinary]);
        if (received.length === 3) resolve();
      });
    });
    expect(received).toEqual(['a', 'b', 'c'].map((name) => [name, true]));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });

  it('writes the ERROR event that ends a watch as a frame too', async () => {
    const { status } = statusErrors.expired('too old resource version: 1 (5)');
    const expired: Pick<ResourceStore, 'watch'> = {
      watch: (_query, sink, _signal, encoding) => {
        if (encoding === undefined) throw new Error('protobuf is asked for by its encoding');
        sink.write(encoding.encodeError(status));
        sink.end();
      },
    };
    const late = await startTestServer({ store: () => expired as ResourceStore });
    const answer = await late.ask(`${maps}?watch=1&resourceVersion=1`, { headers: { Accept: protobuf } });
    await late.close();
    expect(answer.status).toBe(200);
    expect(framesOf(answer.body).map(eventOf)).toMatchObject([
      {
        type: 'ERROR',
        kind: 'Status',
        apiVersion: 'v1',
        object: { code: 410, reason: 'Expired', message: 'too old resource version: 1 (5)' },
      },
    ]);
  });
});
