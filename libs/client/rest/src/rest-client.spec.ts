import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatusError, reasonOf, statusErrors } from '@reckon/api/machinery';
import { MetricsRegistry, fakeClock, systemClock, systemTimers } from '@reckon/kernel';
import { type FakeApi, startFakeApi } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOf } from './line-stream';
import { refs, resourcePath } from './resource-ref';
import { RequestMetrics } from './request-metrics';
import { RestClient } from './rest-client';

let api: FakeApi;
let rest: RestClient;
beforeEach(async () => {
  api = await startFakeApi();
  rest = new RestClient(api.config, { clock: systemClock, timers: systemTimers });
});
afterEach(async () => {
  await rest.close();
  await api.stop();
});

describe('a REST client', () => {
  it('creates, reads, changes and deletes', async () => {
    const maps = rest.resource(refs.configMaps);
    const made = await maps.create({ metadata: { namespace: 'default', name: 'a' }, data: { x: '1' } });
    expect(made).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: expect.any(String) },
    });
    const updated = await maps.update({ ...made, data: { x: '2' } });
    const patched = await maps.patch('default', 'a', { type: 'merge', body: { data: { y: '3' } } });
    expect(patched['data']).toEqual({ x: '2', y: '3' });
    await expect(maps.update({ ...updated, data: {} })).rejects.toMatchObject({ code: 'Conflict' });
    expect((await maps.list('default')).items).toHaveLength(1);
    await maps.delete('default', 'a', { preconditions: { uid: made.metadata.uid ?? '' } });
    await expect(maps.get('default', 'a')).rejects.toThrow('configmaps "a" not found');
  });

  it('throws what the server refuses as a StatusError', async () => {
    api.refuse(() => statusErrors.forbidden({ group: '', resource: 'pods' }, 'x', 'no'));
    const error: unknown = await rest
      .resource(refs.pods)
      .get('default', 'x')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StatusError);
    expect([reasonOf(error), (error as StatusError).status.code]).toEqual(['Forbidden', 403]);
  });

  it.each([
    [404, 'NotFound'],
    [410, ''],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('gives a refusal in plain text, %i, the reason that its code stands for', async (code, reason) => {
    const plain = createServer((_, response) => response.writeHead(code).end('404 page not found\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const client = new RestClient(
      { ...api.config, server: `http://127.0.0.1:${String(port)}` },
      { clock: systemClock, timers: systemTimers },
    );
    const error: unknown = await client
      .resource(refs.pods)
      .get('default', 'x')
      .catch((e: unknown) => e);
    expect([reasonOf(error), (error as Error).message]).toEqual([reason, '404 page not found']);
    await client.close();
    plain.close();
  });

  it('throws a failure of the transport as it is', async () => {
    await api.stop();
    const error: unknown = await rest
      .resource(refs.pods)
      .get('default', 'x')
      .catch((e: unknown) => e);
    expect(reasonOf(error)).toBeUndefined();
  });

  it('lets what may trail wait for itself only', async () => {
    const held: ServerResponse[] = [];
    const slow = createServer((request, response) => {
      if (request.url?.endsWith('/events') === true) held.push(response);
      else response.end('{}');
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const client = new RestClient(
      { ...api.config, server: `http://127.0.0.1:${String(port)}` },
      { clock: systemClock, timers: systemTimers, maxConnections: 1 },
    );
    const events = Array.from({ length: 20 }, () =>
      client.trailingResource(refs.events).create({ metadata: { namespace: 'default' } }),
    );
    await expect(client.resource(refs.pods).get('default', 'x')).resolves.toEqual({});
    let answered = 0;
    for (const event of events) void event.then(() => answered++);
    while (answered < 20) {
      expect(held.length).toBeLessThanOrEqual(4);
      for (const response of held.splice(0)) response.end('{}');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await client.close();
    slow.closeAllConnections();
    slow.close();
  });

  it('waits and tries again when the server says so', async () => {
    const clock = fakeClock();
    const patient = new RestClient(api.config, {
      clock,
      timers: {
        ...clock,
        sleep: async (ms) => {
          clock.jump(ms);
        },
      },
    });
    let left = 3;
    api.refuse(() => (left-- > 0 ? statusErrors.tooManyRequests('slow down', 2) : undefined));
    const before = clock.nowMs();
    expect((await patient.resource(refs.pods).list('default')).items).toEqual([]);
    expect([api.requests.length, clock.nowMs() - before]).toEqual([4, 6000]);
    await patient.close();
  });

  it('watches until it is told to stop', async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, object } of rest.resource(refs.configMaps).watch('', { signal: abort.signal })) {
        seen.push(`${type} ${object.metadata.name ?? ''}`);
        if (seen.length === 2) abort.abort();
      }
    })();
    api.store.put(refs.configMaps, { metadata: { namespace: 'a', name: 'one' } });
    api.store.put(refs.configMaps, { metadata: { namespace: 'b', name: 'two' } });
    await expect(watching).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual(['ADDED one', 'ADDED two']);
  });
});

it('addresses what is namespaced and what is not', () => {
  expect(resourcePath(refs.pods, 'default', 'web', 'status')).toBe('/api/v1/namespaces/default/pods/web/status');
  expect(resourcePath(refs.pods, '')).toBe('/api/v1/pods');
  expect(resourcePath(refs.deployments, 'a b', 'x')).toBe('/apis/apps/v1/namespaces/a%20b/deployments/x');
  expect(resourcePath(refs.nodes, 'ignored', 'n')).toBe('/api/v1/nodes/n');
});

it('splits a stream into lines wherever the chunks end', async () => {
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (const text of ['{"a":', '1}\n{"b":2}\n\n{"c"', ':3', '}\n{"d":4}']) yield Buffer.from(text);
  };
  const lines: string[] = [];
  for await (const some of linesOf(chunks())) lines.push(...some.map(String));
  expect(lines).toEqual(['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}']);
});

describe('the metrics of a REST client', () => {
  it('count what was asked, and how long it took, under upstream’s names', async () => {
    const registry = new MetricsRegistry();
    const requests = new RequestMetrics(registry);
    expect(registry.render()).not.toContain('rest_client');
    const clock = fakeClock();
    const config = { ...api.config, requestRate: { perSecond: 1, burst: 2 } };
    const limited = new RestClient(config, { clock, timers: clock, requests });
    const maps = limited.resource(refs.configMaps);
    await maps.create({ metadata: { namespace: 'default', name: 'a' } });
    await maps.get('default', 'b').catch(() => undefined);
    const third = maps.get('default', 'a');
    await clock.advance(1_000);
    await third;
    // What is streamed takes no token, and Events have their own.
    for await (const chunk of limited.stream('/api/v1/configmaps')) expect(chunk.length).toBeGreaterThan(0);
    await limited.trailingResource(refs.configMaps).get('default', 'a');
    await limited.close();
    await limited.request('GET', '/', { signal: AbortSignal.abort() }).catch(() => undefined);

    const { host } = new URL(api.config.server);
    const lines = registry.render().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        `rest_client_requests_total{code="201",method="POST",host="${host}"} 1`,
        `rest_client_requests_total{code="404",method="GET",host="${host}"} 1`,
        `rest_client_requests_total{code="200",method="GET",host="${host}"} 3`,
        `rest_client_requests_total{code="<error>",method="GET",host="${host}"} 1`,
        `rest_client_request_duration_seconds_bucket{le="0.5",verb="GET",host="${host}"} 3`,
        `rest_client_request_duration_seconds_bucket{le="1",verb="GET",host="${host}"} 4`,
        `rest_client_rate_limiter_duration_seconds_sum{verb="GET",host="${host}"} 1`,
        `rest_client_rate_limiter_duration_seconds_count{verb="POST",host="${host}"} 1`,
      ]),
    );
  });

  it('are one family for all clients of a program', async () => {
    const registry = new MetricsRegistry();
    const requests = new RequestMetrics(registry);
    for (let i = 0; i < 2; i++) {
      const client = new RestClient(api.config, { clock: systemClock, timers: systemTimers, requests });
      await client.request('GET', '/healthz').catch(() => undefined);
      await client.close();
    }
    expect(registry.render()).toMatch(/^rest_client_requests_total\{[^}]*\} 2$/m);
    expect(registry.render()).not.toContain('rest_client_rate_limiter_duration_seconds_count');
  });
});
