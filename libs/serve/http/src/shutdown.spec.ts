import { afterEach, describe, expect, it, vi } from 'vitest';
import { type TestServer, startTestServer } from './testing/test-server.suite';

const maps = '/api/v1/namespaces/default/configmaps';
const allowed = { allowed: true, reason: '' };

/** Waits until it is opened. */
function gate(): [opened: Promise<void>, open: () => void] {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, open];
}

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('a server that is asked to stop', () => {
  it('is not ready, but serves as before, for as long as it is told to', async () => {
    server = await startTestServer({ shutdown: { delayMs: 1500 } });
    const stopped = server.server.stop();
    expect((await server.ask('/readyz/shutdown')).text).toBe('internal server error: process is shutting down\n');
    expect((await server.ask('/readyz')).status).toBe(500);
    expect((await server.ask('/livez')).status).toBe(200);
    const answer = await server.ask(maps);
    expect([answer.status, answer.headers.connection]).toEqual([200, 'keep-alive']);
    await stopped;
    await expect(server.ask(maps)).rejects.toThrow();
  });

  it('sends whoever comes to another one while answers in flight are finished', async () => {
    const [held, go] = gate();
    const [arrived, arrive] = gate();
    server = await startTestServer({
      shutdown: { sendsRetryAfter: true },
      authorize: ({ path }) => {
        if (path !== maps) return allowed;
        arrive();
        return held.then(() => allowed);
      },
    });
    const inFlight = server.ask(maps);
    await arrived;
    const stopped = server.server.stop();
    const refused = await server.ask('/version');
    expect([refused.status, refused.headers['retry-after'], refused.headers.connection, refused.text]).toEqual([
      429,
      '5',
      'close',
      'The apiserver is shutting down, please try again later.\n',
    ]);
    expect((await server.ask('/livez')).text).toBe('ok');
    expect((await server.ask('/version', { headers: { 'User-Agent': 'kube-apiserver/v1.36' } })).status).toBe(200);
    go();
    expect((await inFlight).status).toBe(200);
    await stopped;
  });

  it('ends watches one after the other where it has time for it', async () => {
    server = await startTestServer({ shutdown: { watchGraceMs: 300 } });
    const { ask } = server;
    const ended: number[] = [];
    const watches = Array.from({ length: 4 }, async () => {
      await ask(`${maps}?watch=1`);
      ended.push(performance.now());
    });
    await vi.waitFor(async () => {
      expect((await ask('/metrics')).text).toMatch(/^apiserver_longrunning_requests\{verb="WATCH".*\} 4$/m);
    });
    await server.server.stop();
    await Promise.all(watches);
    expect(Math.max(...ended) - Math.min(...ended)).toBeGreaterThan(150);
  });
});

describe('scripts on pages of other servers', () => {
  const asks = (origin: string, method = 'GET') =>
    server?.ask(maps, { method, headers: { Origin: origin } }) ?? Promise.reject(new Error('no server'));

  it('may read answers where the origin is allowed, refusals too', async () => {
    server = await startTestServer({
      allowsOrigin: (origin) => origin === 'https://console.example.com',
      authorize: () => ({ allowed: false, reason: 'no' }),
    });
    const { status, headers } = await asks('https://console.example.com');
    expect(status).toBe(403);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://console.example.com',
      'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
      'access-control-allow-headers':
        'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
      'access-control-expose-headers': 'Date',
      'access-control-allow-credentials': 'true',
    });
    expect((await asks('https://evil.example.com')).headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('may ask beforehand without a name', async () => {
    server = await startTestServer({
      allowsOrigin: (origin) => origin === 'https://console.example.com',
      authenticate: () => undefined,
    });
    const asked = await asks('https://console.example.com', 'OPTIONS');
    expect([asked.status, asked.text, asked.headers['audit-id']]).toEqual([204, '', expect.stringMatching(/-/)]);
    expect((await asks('https://evil.example.com', 'OPTIONS')).status).toBe(401);
  });
});
