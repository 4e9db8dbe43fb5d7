import { silentLogger, systemClock } from '@reckon/kernel';
import { issue } from '@reckon/pki';
import { once } from 'node:events';
import { type ClientHttp2Stream, constants } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Http2Client, http2Client } from '../testing/http2-client.suite';
import { type TestServer, startTestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const allowed = { allowed: true, reason: '' };
const map = (name: string, x = '1'): object => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name },
  data: { x },
});
const post = (name: string, x?: string) => ({ method: 'POST', json: map(name, x) });
const failsAtOnce = (): never => {
  throw new Error('not set');
};

let server: TestServer;
const clients: Http2Client[] = [];

async function start(changes: Parameters<typeof startTestServer>[0] = {}): Promise<Http2Client> {
  server = await startTestServer({ http2: {}, ...changes });
  return client();
}

async function client(credentials?: Parameters<typeof http2Client>[1]): Promise<Http2Client> {
  const made = await http2Client(server, credentials);
  clients.push(made);
  return made;
}

afterEach(async () => {
  for (const { session } of clients.splice(0)) session.destroy();
  await server.close();
});

/** The events of a watch, as they come. */
function eventsOf(stream: ClientHttp2Stream): { readonly type: string; readonly name: string }[] {
  const events: { type: string; name: string }[] = [];
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as { type: string; object: { metadata: { name: string } } };
      events.push({ type: event.type, name: event.object.metadata.name });
    }
  });
  return events;
}

const openWatches = async (): Promise<string | undefined> =>
  /^apiserver_longrunning_requests\{verb="WATCH".*\} (\d+)$/m.exec((await server.ask('/metrics')).text)?.[1];

const inFlight = async (): Promise<string | undefined> =>
  /^apiserver_current_inflight_requests\{request_kind="mutating"\} (\d+)$/m.exec(
    (await server.ask('/metrics')).text,
  )?.[1];

/** A connection of its own that offers these protocols: which one it got. */
async function chosen(...ALPNProtocols: string[]): Promise<string | false | null> {
  const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem, ALPNProtocols });
  await once(socket, 'secureConnect');
  const { alpnProtocol } = socket;
  socket.destroy();
  return alpnProtocol;
}

const frameTypes = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4 } as const;
const endHeaders = 0x4;

/** RFC 9113, 4.1 */
function frame(type: keyof typeof frameTypes, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = frameTypes[type];
  head[4] = type === 'HEADERS' ? endHeaders : 0;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 7541, 6.2.2: fields that are in no table, shorter than 127 bytes each. */
const literalHeaders = (headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  );

describe('HTTP/2', () => {
  it('is spoken to whoever asks for it, if it is on, and HTTP/1.1 to all others', async () => {
    await start();
    expect(await chosen('h2', 'http/1.1')).toBe('h2');
    expect(await chosen('http/1.1')).toBe('http/1.1');
    expect((await server.ask('/version')).status).toBe(200);
    await server.close();
    server = await startTestServer();
    expect(await chosen('h2', 'http/1.1')).toBe('http/1.1');
  });

  it('takes many requests at a time on one connection', async () => {
    const { ask } = await start();
    const made = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(maps, post(`m${String(i)}`))));
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
    const list = (await ask(maps)).json<{ items: { metadata: { name: string } }[] }>();
    expect(list.items).toHaveLength(200);
    const one = await ask(`${maps}/m7`);
    expect([one.status, one.headers['content-type'], one.json()['data']]).toEqual([
      200,
      'application/json',
      { x: '1' },
    ]);
    const head = await ask(`${maps}/m7`, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([405, '']);
    expect((await ask('/version', { method: 'HEAD' })).text).toBe('');
    expect((await ask(`${maps}/none`)).json()).toMatchObject({ kind: 'Status', code: 404, reason: 'NotFound' });
  });

  it('takes as many as it says', async () => {
    const { session } = await start({ http2: { maxStreams: 3 } });
    expect(session.remoteSettings.maxConcurrentStreams).toBe(3);
    await server.close();
    expect((await start()).session.remoteSettings.maxConcurrentStreams).toBe(100);
  });

  it('knows who shows a certificate', async () => {
    await start({
      authenticate: ({ peerCertificate }) => ({ user: { name: String(peerCertificate?.subject['CN']), groups: [] } }),
      authorize: ({ user }) => ({ allowed: user.name === 'jane', reason: '' }),
    });
    const { certPem: cert, keyPem: key } = issue(server.authority, {
      commonName: 'jane',
      usages: ['client'],
      clock: systemClock,
    });
    expect((await (await client({ cert, key })).ask(maps)).status).toBe(200);
    expect((await (await client()).ask(maps)).json()['message']).toContain('User "undefined" cannot list');
  });

  it('gives a header that comes several times in as many fields, and reads such', async () => {
    const { ask } = await start();
    const { headers, status } = await ask(maps, {
      method: 'POST',
      json: { ...map('a'), one: 1, two: 2, metadata: { name: 'a', three: 3 } },
    });
    expect([status, headers['warning']]).toEqual([
      201,
      '299 - "unknown field \\"metadata.three\\"", 299 - "unknown field \\"one\\"", 299 - "unknown field \\"two\\""',
    ]);
    const groups = await ask(maps, { headers: { 'Impersonate-User': 'a', 'Impersonate-Group': ['g,1', 'g2'] } });
    expect(groups.status).toBe(200);
  });

  it('asks for a body that its sender keeps until then', async () => {
    const { open } = await start();
    const stream = open(
      { ':path': maps, ':method': 'POST', 'content-type': 'application/json', expect: '100-continue' },
      false,
    );
    await once(stream, 'continue');
    stream.end(JSON.stringify(map('late')));
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(201);
  });

  it('leaves what needs a connection of its own to HTTP/1.1', async () => {
    await start();
    const socket = new WebSocket(`wss://127.0.0.1:${String(server.port)}${maps}?watch=1`, { ca: server.caPem });
    const seen = once(socket, 'message');
    await once(socket, 'open');
    await server.ask(maps, post('seen'));
    const [message] = (await seen) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'seen' } } });
    socket.terminate();
  });
});

describe('a watch over HTTP/2', () => {
  it('tells what happens when it happens, beside others on its connection, and ends in time', async () => {
    const { open, ask } = await start();
    const watches = Array.from({ length: 50 }, () => eventsOf(open({ ':path': `${maps}?watch=1` })));
    const short = open({ ':path': `${maps}?watch=1&timeoutSeconds=1` });
    await ask(maps, post('a'));
    await ask(`${maps}/a`, { method: 'DELETE' });
    const both = [
      { type: 'ADDED', name: 'a' },
      { type: 'DELETED', name: 'a' },
    ];
    for (const events of watches) await vi.waitFor(() => expect(events).toEqual(both));
    expect((await buffer(short)).toString().split('\n')).toHaveLength(3);
    expect(short.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it.each([constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR])(
    'is over on the server when the client gives it up with code %d',
    async (code) => {
      const { open } = await start();
      const stream = open({ ':path': `${maps}?watch=1` });
      stream.on('error', () => undefined);
      await once(stream, 'response');
      await vi.waitFor(async () => expect(await openWatches()).toBe('1'));
      stream.close(code);
      await vi.waitFor(async () => expect(await openWatches()).toBe('0'));
    },
  );

  it('loses nothing for a client that does not read for a while', async () => {
    const { open, ask } = await start();
    const stream = open({ ':path': `${maps}?watch=1` });
    await once(stream, 'response');
    stream.pause();
    const names = Array.from({ length: 300 }, (_, i) => `m${String(i)}`);
    for (const name of names) await server.ask(maps, post(name, 'x'.repeat(10_000)));
    expect((await ask('/livez')).text).toBe('ok');
    const events = eventsOf(stream);
    stream.resume();
    await vi.waitFor(() => expect(events.map(({ name }) => name)).toEqual(names), 5000);
  });
});

describe('bad peers over HTTP/2', () => {
  it.each([constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR])(
    'takes no part of a body for the whole when it is broken off with code %d',
    async (code) => {
      await start();
      const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem, ALPNProtocols: ['h2'] });
      socket.resume();
      // What comes so far is an object. Node's own client would end the body, too.
      const body = Buffer.from('kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: cut\n');
      const headers = { ':method': 'POST', ':scheme': 'https', ':path': maps, 'content-type': 'application/yaml' };
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      socket.write(frame('SETTINGS', 0, Buffer.alloc(0)));
      socket.write(frame('HEADERS', 1, literalHeaders({ ':authority': 'here', ...headers })));
      socket.write(frame('DATA', 1, body));
      await vi.waitFor(async () => expect(await inFlight()).toBe('1'));
      const reason = Buffer.alloc(4);
      reason.writeUInt32BE(code);
      socket.write(frame('RST_STREAM', 1, reason));
      await vi.waitFor(async () => expect(await inFlight()).toBe('0'));
      expect((await server.ask(`${maps}/cut`)).status).toBe(404);
      socket.destroy();
    },
  );

  it('knows requests that are taken back at once, and methods that nobody has', async () => {
    const { open, ask } = await start({ http2: { maxStreams: 2 ** 31 - 1 } });
    const hasty = { ':path': maps, ':method': 'POST', expect: '100-continue' };
    const taken = Array.from({ length: 20 }, () => {
      const stream = open(hasty, false);
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      return stream;
    });
    for (const stream of taken) if (!stream.destroyed) await once(stream, 'close');
    expect((await ask('/version', { method: 'BREW' })).status).toBe(405);
    expect((await ask(maps, { method: 'TRACE' })).status).toBe(405);
    const tunnel = open({ ':method': 'CONNECT', ':authority': 'elsewhere:443' }, false);
    const [headers] = (await once(tunnel, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(405);
    tunnel.destroy();
    expect((await ask('/livez')).text).toBe('ok');
  });

  it('answers without a body that it does not want, and holds no place for it', async () => {
    const { open } = await start({ authorize: ({ verb }) => ({ allowed: verb !== 'create', reason: '' }) });
    const stream = open({ ':path': maps, ':method': 'POST', 'content-type': 'application/json' }, false);
    stream.write('{"kind":');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(403);
    expect(JSON.parse((await buffer(stream)).toString())).toMatchObject({ reason: 'Forbidden' });
    if (!stream.closed) await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    expect(await inFlight()).toBe('0');
  });

  it.each([
    ['nobody', { user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } }, 200],
    ['a bad credential', undefined, 401],
  ])('has one request of %s on a connection, and as many as they like of others', async (_, who, status) => {
    await start({
      authenticate: ({ authorization }) => (authorization === 'known' ? { user: { name: 'jane', groups: [] } } : who),
    });
    const [known, stranger] = [await client(), await client()];
    for (let i = 0; i < 3; i++)
      expect((await known.ask('/livez', { headers: { Authorization: 'known' } })).status).toBe(200);
    expect(known.session.closed).toBe(false);
    const ended = once(stranger.session, 'close');
    expect((await stranger.ask('/livez')).status).toBe(status);
    await ended;
  });

  it('fills no log with requests that were taken back while they waited', async () => {
    const errors: unknown[] = [];
    const logger = {
      ...silentLogger,
      error: (_message: string, fields: unknown) => errors.push(fields),
      with: () => logger,
    };
    let go = failsAtOnce as () => void;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { open } = await start({
      logger,
      limits: { maxInFlight: 0 },
      authenticate: () => held.then(() => ({ user: { name: 'jane', groups: [] } })),
    });
    const taken = Array.from({ length: 20 }, () => {
      const stream = open({ ':path': maps });
      stream.on('error', () => undefined);
      return stream;
    });
    const refused = open({ ':path': maps });
    await new Promise((resolve) => setImmediate(resolve));
    const gone = taken.map((stream) => once(stream, 'close'));
    for (const stream of taken) stream.close(constants.NGHTTP2_CANCEL);
    await Promise.all(gone);
    go();
    const [headers] = (await once(refused, 'response')) as [Record<string, unknown>];
    expect([headers[':status'], errors]).toEqual([429, []]);
  });

  it('refuses a body over the limit while it is being sent', async () => {
    const { open } = await start({ limits: { maxBodyBytes: 10_000 } });
    const stream = open({ ':path': maps, ':method': 'POST', 'content-type': 'application/json' }, false);
    stream.write(Buffer.alloc(200_000, 32));
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect([headers[':status'], JSON.parse((await buffer(stream)).toString())]).toEqual([
      413,
      expect.objectContaining({ reason: 'RequestEntityTooLarge' }),
    ]);
  });

  it('gives up a body that does not come to its end', async () => {
    const { open } = await start({ limits: { requestMs: 300 } });
    const stream = open({ ':path': maps, ':method': 'POST', 'content-type': 'application/json' }, false);
    stream.write('{');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(504);
    stream.resume();
    if (!stream.closed) await once(stream, 'close');
    expect(await inFlight()).toBe('0');
  });

  it('cuts off an answer that nobody reads, and only that', async () => {
    const { open, ask } = await start({ limits: { stalledMs: 300 } });
    for (let i = 0; i < 8; i++) await server.ask(maps, post(`m${String(i)}`, 'x'.repeat(500_000)));
    const stream = open({ ':path': maps });
    let code: number | undefined;
    stream.on('error', () => undefined);
    stream.on('close', () => (code = stream.rstCode));
    await once(stream, 'response');
    stream.pause();
    await vi.waitFor(() => expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL), 3000);
    expect((await ask('/livez')).text).toBe('ok');
    stream.resume();
    await vi.waitFor(() => expect(code).toBe(constants.NGHTTP2_CANCEL));
  });

  it('breaks off an answer that it cannot finish, so that nobody takes it for whole', async () => {
    const { open } = await start({
      connect: () => (call) => {
        call.response?.writeHead(200, { 'Content-Type': 'text/plain' });
        call.response?.write('half');
        throw new Error('the rest is lost');
      },
    });
    await server.ask('/api/v1/namespaces/default/pods', {
      method: 'POST',
      json: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'p' },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      },
    });
    const stream = open({ ':path': '/api/v1/namespaces/default/pods/p/log' });
    await expect(buffer(stream)).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
  });

  it('ends connections that speak it badly, or say nothing for long', async () => {
    const { session } = await start({ limits: { keepAliveMs: 300 } });
    const garbage = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem, ALPNProtocols: ['h2'] });
    garbage.on('error', () => undefined);
    garbage.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10));
    garbage.resume();
    await once(garbage, 'close');
    if (!session.destroyed) await once(session, 'close');
    const { open } = await client();
    const stream = open({ ':path': `${maps}?watch=1&timeoutSeconds=1` });
    // Longer than a connection without a request.
    expect((await buffer(stream)).toString()).toBe('');
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

describe('a connection of HTTP/2 that comes to its end', () => {
  it('is told so when the server stops, and gets the answers that it waits for', async () => {
    let go = failsAtOnce as () => void;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { ask, open, session } = await start({
      authorize: ({ path }) => (path === `${maps}/slow` ? held.then(() => allowed) : allowed),
    });
    const idle = await client();
    const watch = open({ ':path': `${maps}?watch=1` });
    await once(watch, 'response');
    const slow = ask(`${maps}/slow`);
    await ask('/livez');
    const away = Promise.all([once(session, 'goaway'), once(idle.session, 'close')]);
    const stopped = server.server.stop();
    await away;
    expect((await buffer(watch)).toString()).toBe('');
    expect(watch.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    await expect(ask('/livez')).rejects.toThrow();
    go();
    expect((await slow).status).toBe(404);
    await stopped;
    if (!session.destroyed) await once(session, 'close');
  });

  it('is cut off when its time is over', async () => {
    const { ask } = await start({ limits: { graceMs: 100 }, authorize: () => new Promise(() => undefined) });
    const outcome = expect(ask(maps)).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.server.stop();
    await outcome;
  });

  it('ends by chance where it is to, with the answer to what it was asked last', async () => {
    const { ask, session } = await start({ http2: { goawayChance: 1 } });
    const away = once(session, 'goaway');
    expect((await ask('/livez')).text).toBe('ok');
    expect((await away)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    if (!session.destroyed) await once(session, 'close');
    const next = await client();
    expect((await next.ask('/livez')).text).toBe('ok');
  });
});
