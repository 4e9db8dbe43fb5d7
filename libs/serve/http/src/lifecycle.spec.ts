import { systemClock } from '@reckon/kernel';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the life of the server', () => {
  it('serves the same over a unix socket that only its owner may open', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reckon-http-'));
    const unixSocket = path.join(folder, 'api.sock');
    const server = await startTestServer({ unixSocket });
    expect((await stat(unixSocket)).mode & 0o777).toBe(0o600);
    const text = await new Promise<string>((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      get({ socketPath: unixSocket, path: maps, agent }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => {
          resolve(body);
        });
      }).on('error', reject);
    });
    expect(JSON.parse(text)).toMatchObject({ kind: 'ConfigMapList' });
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('ends watches and lets answers in flight finish when it stops', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const server = await startTestServer({
      authorize: ({ path: asked }) =>
        asked === `${maps}/slow` ? held.then(() => ({ allowed: true, reason: '' })) : { allowed: true, reason: '' },
    });
    const watch = server.ask(`${maps}?watch=1&timeoutSeconds=600`);
    const slow = server.ask(`${maps}/slow`);
    await pause(200);
    const stopped = server.server.stop();
    expect((await watch).status).toBe(200);
    await expect(server.ask(maps)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
    go();
    expect((await slow).status).toBe(404);
    await stopped;
    await server.storage.stop();
  });

  it('stops at once beside connections that are kept alive or have not finished their handshake', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let arrived = 0;
    let bothArrived: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      bothArrived = resolve;
    });
    const server = await startTestServer({
      authorize: () => {
        arrived++;
        if (arrived === 2) bothArrived();
        return held.then(() => ({ allowed: true, reason: '' }));
      },
    });
    const silent = connect(server.port, '127.0.0.1');
    silent.on('error', () => undefined);
    const unused = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem });
    unused.on('error', () => undefined);
    const asked = [server.ask(maps), server.ask(maps)];
    await waiting;
    const stopped = server.server.stop();
    go();
    const began = performance.now();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
    await stopped;
    expect(performance.now() - began).toBeLessThan(3_000);
    await server.storage.stop();
  });

  it('does not wait for ever: who is not done in time is cut off', async () => {
    const server = await startTestServer({
      limits: { graceMs: 100 },
      authorize: () => new Promise(() => undefined),
    });
    const stuck = server.ask(maps);
    const outcome = expect(stuck).rejects.toThrow();
    await pause(100);
    await server.server.stop();
    await outcome;
    await server.storage.stop();
  });

  it('cuts off a peer that sends its headers or its body too slowly', async () => {
    const server = await startTestServer({ limits: { requestMs: 300 } });
    const sendSlowly = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem }, () => {
          socket.write(text);
        });
        let answer = '';
        socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        socket.on('error', () => undefined);
        socket.on('close', () => {
          resolve(answer);
        });
      });
    const [headers, body] = await Promise.all([
      sendSlowly('GET / HTTP/1.1\r\nHost: x\r\nX-'),
      sendSlowly(
        `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind"`,
      ),
    ]);
    expect(headers).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(body).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await server.ask(maps)).status).toBe(200);
    await server.close();
  });

  it('takes garbage, plain HTTP and half-open connections without harm', async () => {
    const server = await startTestServer();
    const plain = connect(server.port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    const halfOpen = connect(server.port, '127.0.0.1');
    halfOpen.on('error', () => undefined);
    const garbage = await new Promise<string>((resolve) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem }, () => {
        socket.write('\u0000\u0001garbage\r\n\r\n');
      });
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve(answer);
      });
    });
    expect(garbage).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect((await server.ask(maps)).status).toBe(200);
    plain.destroy();
    halfOpen.destroy();
    await server.close();
  });

  it('survives a client that goes away in the middle of its body', async () => {
    const server = await startTestServer();
    await new Promise<void>((resolve) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: server.caPem }, () => {
        socket.write(`POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"kind"`, () => {
          socket.destroy();
          resolve();
        });
      });
    });
    await pause(100);
    expect((await server.ask(maps)).status).toBe(200);
    await server.close();
  });

  it('answers a failure of ours with an id, not with what failed', async () => {
    const lines: unknown[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (_message: string, fields: unknown) => lines.push(fields),
      with: () => logger,
    };
    const server = await startTestServer({
      logger,
      authorize: () => {
        throw new Error('secret detail');
      },
    });
    const { status, headers, text } = await server.ask(maps);
    expect([status, text.includes('secret')]).toEqual([500, false]);
    expect(text).toContain(headers['audit-id']);
    expect(lines).toHaveLength(1);
    await server.close();
  });
});

describe('under /at/', () => {
  it('shows the world as it was, by revision and by time', async () => {
    const server = await startTestServer();
    const write = (method: string, target: string, x: string) =>
      server.ask(target, {
        method,
        json: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { x } },
      });
    const first = (await write('POST', maps, '1')).json<{
      metadata: { resourceVersion: string };
    }>();
    await pause(5);
    const between = new Date(systemClock.wallMs()).toISOString();
    await pause(5);
    await write('PUT', `${maps}/a`, '2');
    const revision = first.metadata.resourceVersion;
    expect((await server.ask(`/at/${revision}${maps}/a`)).json().data).toEqual({ x: '1' });
    const list = (await server.ask(`/at/${revision}${maps}`)).json<{ metadata: object; items: { data: object }[] }>();
    expect([list.metadata, list.items[0]?.data]).toEqual([{ resourceVersion: revision }, { x: '1' }]);
    expect((await server.ask(`/at/${encodeURIComponent(between)}${maps}/a`)).json().data).toEqual({ x: '1' });
    expect((await server.ask(`/at/${revision}/api/v1`)).status).toBe(200);
    for (const path of [maps, '/version', '/api', '/api/v1', '/'])
      expect([path, (await server.ask(`/at/999999${path}`)).json().message]).toEqual([
        path,
        expect.stringMatching(/^Timeout: Too large resource version: 999999, current: \d+$/),
      ]);
    await server.close();
  });
});
