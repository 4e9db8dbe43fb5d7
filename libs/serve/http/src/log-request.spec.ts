import { type Logger, silentLogger } from '@reckon/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type TestServer, startTestServer } from './testing/test-server.suite';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const maps = '/api/v1/namespaces/default/configmaps';

async function serverThatLogs(logsRequests: boolean) {
  const lines: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (message, fields) => lines.push([message, fields]),
    with: () => logger,
  };
  server = await startTestServer({ logger, logsRequests });
  return { lines, ask: server.ask };
}

describe('a line for each request', () => {
  it('says who asked what from where, and how it went', async () => {
    const { lines, ask } = await serverThatLogs(true);
    await ask(`${maps}?limit=5`, { headers: { 'User-Agent': 'kubectl/v1.36', 'Audit-Id': 'mine' } });
    await ask(`${maps}/none`, { headers: { 'Audit-Id': 'x'.repeat(100) } });
    await ask(maps, { method: 'DELETE' });
    await ask('/nowhere', { method: 'OPTIONS' });
    await vi.waitFor(() => {
      expect(lines).toHaveLength(4);
    });
    expect(lines[0]).toEqual([
      'HTTP',
      {
        verb: 'LIST',
        URI: `${maps}?limit=5`,
        latency: expect.stringMatching(/^[\d.]+m?s$/),
        userAgent: 'kubectl/v1.36',
        'audit-ID': 'mine',
        srcIP: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        resp: 200,
      },
    ]);
    expect(lines.slice(1)).toMatchObject([
      ['HTTP', { verb: 'GET', 'audit-ID': 'x'.repeat(64), resp: 404 }],
      ['HTTP', { verb: 'DELETE', resp: 200 }],
      ['HTTP', { verb: 'other', resp: 404 }],
    ]);
  });

  it('is not written unless it is asked for', async () => {
    const { lines, ask } = await serverThatLogs(false);
    await ask(maps);
    await ask(maps);
    expect(lines).toEqual([]);
  });
});
