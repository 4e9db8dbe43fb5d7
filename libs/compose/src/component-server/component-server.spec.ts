import { fakeClock, silentLogger, systemClock, systemTimers, MetricsRegistry } from '@reckon/kernel';
import { RestClient } from '@reckon/client/rest';
import { createAuthority, issue } from '@reckon/pki';
import { type Server, createServer } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathAttributes } from './component-guard';
import { type ComponentServer, startComponentServer } from './component-server';
import { componentPagesOf } from './component-pages-of';
import { delegatedGuard } from './delegated-guard';
import { servingCertificate } from './serving-certificate';

/** An apiserver that only reviews: the token `good` is jane's, and jane may read /metrics. */
let api: { server: Server; rest: RestClient; asked: string[]; isAway: boolean };
let component: ComponentServer;
const monotonic = fakeClock();
const noFlags = { 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' };
const ca = createAuthority({ commonName: 'clients', clock: systemClock });

beforeEach(async () => {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    void json(incoming).then((body) => {
      const { kind, spec } = body as {
        kind: string;
        spec: { token?: string; user?: string; nonResourceAttributes?: { path: string } };
      };
      asked.push(kind);
      if (api.isAway) {
        response.writeHead(500).end();
        return;
      }
      const status =
        kind === 'TokenReview'
          ? { authenticated: spec.token === 'good', user: { username: 'jane', groups: ['dev'] } }
          : { allowed: spec.user === 'jane' && spec.nonResourceAttributes?.path === '/metrics', reason: 'because' };
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ kind, status }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const rest = new RestClient(
    { server: `http://127.0.0.1:${String(port)}`, userAgent: 'test' },
    { clock: systemClock, timers: systemTimers },
  );
  api = { server, rest, asked, isAway: false };
  const metrics = new MetricsRegistry();
  metrics.gauge('answer', 'The answer.').set(42);
  let isWell = false;
  component = await startComponentServer(
    componentPagesOf({
      name: 'kube-test',
      clock: fakeClock(),
      flags: { v: '2', 'bind-address': '0.0.0.0' },
      guard: delegatedGuard({
        tokenReviewer: rest,
        accessReviewer: rest,
        anonymous: true,
        tokenKeepMs: 10_000,
        allowedKeepMs: 10_000,
        refusedKeepMs: 1_000,
        attributesOf: pathAttributes([
          '/healthz',
          '/readyz',
          '/livez',
          '/open/*',
          '/flagz',
          '/statusz',
          '/metrics/slis',
        ]),
        clock: { elapsedMs: () => monotonic.elapsedMs(), wallMs: () => systemClock.wallMs() },
        logger: silentLogger,
      }),
      health: [
        {
          name: 'late',
          endpoints: ['readyz'],
          check: () => {
            if (!isWell) {
              isWell = true;
              throw new Error('not yet');
            }
          },
        },
      ],
      metrics,
      configz: () => ({ 'test.config': { a: 1 } }),
    }),
    { host: '127.0.0.1', port: 0, tls: servingCertificate(noFlags, 'test', systemClock) },
  );
});
afterEach(async () => {
  await component.stop();
  await api.rest.close();
  api.server.close();
});

function get(
  path: string,
  options: { token?: string; accept?: string; cert?: string; key?: string } = {},
): Promise<{ status: number; body: string }> {
  const { token, accept, ...credentials } = options;
  return new Promise((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port: component.port,
        path,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(accept === undefined ? {} : { accept }),
        },
        agent: new Agent({ rejectUnauthorized: false, ...credentials }),
      },
      (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body });
        }, reject);
      },
    )
      .on('error', reject)
      .end();
  });
}

describe('the server of a component', () => {
  it('tells its health to anybody, and what is wrong only to who asks by name', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok' });
    expect(await get('/readyz')).toEqual({
      status: 500,
      body: '[+]ping ok\n[-]late failed: reason withheld\nreadyz check failed\n',
    });
    expect(await get('/readyz?verbose')).toEqual({
      status: 200,
      body: '[+]ping ok\n[+]late ok\nreadyz check passed\n',
    });
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok' });
    expect(api.asked).toEqual([]);
  });

  it('leaves out the checks that it is asked to', async () => {
    expect((await get('/readyz?exclude=late&exclude=log&verbose')).body).toBe(
      '[+]ping ok\n[+]late excluded: ok\nwarn: some health checks cannot be excluded: no matches for "log"\nreadyz check passed\n',
    );
  });

  it('counts how its checks went', async () => {
    await get('/readyz');
    await get('/readyz');
    const { body } = await get('/metrics/slis');
    expect(body).toContain('kubernetes_healthcheck{name="late",type="readyz"} 1\n');
    expect(body).toContain('kubernetes_healthchecks_total{name="late",status="error",type="readyz"} 1\n');
    expect(body).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="readyz"} 2\n');
  });

  it('shows its flags and itself, as text or as an object', async () => {
    expect((await get('/flagz')).body).toMatch(/^\nkube-test flagz\nWarning: .*\nbind-address=0\.0\.0\.0\nv=2\n$/);
    expect((await get('/statusz')).body).toMatch(
      /\nPaths: \/configz \/flagz \/healthz \/livez \/metrics \/readyz \/statusz\n$/,
    );
    const accept = (format: string): string => `application/${format};v=v1beta1;g=config.k8s.io;as=Flagz`;
    expect(JSON.parse((await get('/flagz', { accept: accept('json') })).body)).toEqual({
      kind: 'Flagz',
      apiVersion: 'config.k8s.io/v1beta1',
      metadata: { name: 'kube-test' },
      flags: { v: '2', 'bind-address': '0.0.0.0' },
    });
    expect((await get('/flagz', { accept: accept('yaml') })).body).toMatch(
      /^apiVersion: config\.k8s\.io\/v1beta1\nflags:\n {2}bind-address: 0\.0\.0\.0\n {2}v: "2"\nkind: Flagz\n/,
    );
    expect((await get('/flagz', { accept: 'application/json' })).status).toBe(406);
  });

  it('asks the apiserver who somebody is and what they may, and remembers for a while', async () => {
    expect((await get('/metrics', { token: 'good' })).body).toContain('answer 42\n');
    expect((await get('/metrics', { token: 'good' })).status).toBe(200);
    expect(api.asked).toEqual(['TokenReview', 'SubjectAccessReview']);
    monotonic.jump(11_000);
    expect((await get('/metrics', { token: 'good' })).status).toBe(200);
    expect(api.asked).toHaveLength(4);
  });

  it('refuses strangers, bad tokens and those who may not', async () => {
    expect(JSON.parse((await get('/metrics')).body)).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'forbidden: User "system:anonymous" cannot get path "/metrics": because',
    });
    expect(JSON.parse((await get('/metrics', { token: 'bad' })).body)).toMatchObject({
      code: 401,
      reason: 'Unauthorized',
    });
    expect((await get('/configz', { token: 'good' })).status).toBe(403);
  });

  it('lets nobody in while the apiserver is away', async () => {
    api.isAway = true;
    expect((await get('/metrics', { token: 'good' })).status).toBe(401);
    expect((await get('/metrics')).status).toBe(500);
    expect((await get('/livez')).status).toBe(200);
  });

  it('knows client certificates once it is told their authority', async () => {
    const { certPem: cert, keyPem: key } = issue(ca, {
      commonName: 'root',
      organizations: ['system:masters'],
      usages: ['client'],
      clock: systemClock,
    });
    expect((await get('/configz', { cert, key })).status).toBe(401);
    component.trust(ca.certPem);
    expect(await get('/configz', { cert, key })).toEqual({ status: 200, body: '{"test.config":{"a":1}}' });
    expect(await get('/elsewhere', { cert, key })).toEqual({ status: 404, body: '404 page not found\n' });
  });
});
