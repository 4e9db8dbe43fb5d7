import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, freePort, start, until } from '../processes';
import type { Program } from '../processes';
import type { Target } from '../target';
import { podBody } from '../objects';
import { openClient } from './client';
import { closedLoop } from './closed-loop';
import { watchLoad } from './watch-load';

const authority = createAuthority({ commonName: 'bench', clock: systemClock });
const leaf = issue(authority, { commonName: 'x', ipAddresses: ['127.0.0.1'], usages: ['server'], clock: systemClock });

describe('the loads against the floor', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-bench-'));
  let program: Program;
  let target: Target;
  beforeAll(async () => {
    const { floor } = await bundle();
    writeFileSync(path.join(folder, 'server.crt'), leaf.certPem);
    writeFileSync(path.join(folder, 'server.key'), leaf.keyPem);
    const port = await freePort();
    program = start(process.execPath, [floor, folder, String(port)]);
    target = { host: '127.0.0.1', port, ca: authority.certPem };
    await until(program, 20, () => program.output().includes('listening'));
  });
  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });

  it('creates, reads, patches and lists', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const { sent } = await closedLoop(target, {
      clients: 4,
      seconds: 20,
      total: 50,
      warmupSeconds: 0,
      send: (client, i) => client.request('POST', pods, podBody(`p-${String(i)}`)),
    });
    expect(sent).toBe(50);
    const client = openClient(target);
    const patch = Buffer.from('{"metadata":{"labels":{"app":null,"round":"1"}}}');
    await client.request('PATCH', `${pods}/p-7`, patch, 'application/merge-patch+json');
    const one = JSON.parse((await client.request('GET', `${pods}/p-7`)).body.toString()) as {
      metadata: { labels: object; resourceVersion: string };
    };
    expect(one.metadata.labels).toEqual({ tier: 'backend', 'pod-template-hash': '6d4b75cb6d', round: '1' });
    expect(one.metadata.resourceVersion).toBe('51');
    const list = JSON.parse((await client.request('GET', pods)).body.toString()) as { items: unknown[] };
    expect(list.items).toHaveLength(50);
    expect(Buffer.byteLength(JSON.stringify(list.items[0]))).toBeGreaterThan(2000);
    client.close();
  });

  it('counts every event of every watcher', async () => {
    const figure = await watchLoad(target, { watchers: 5, creates: 40, clients: 4, prefix: 'w' });
    expect(figure.value).toBeGreaterThan(0);
    expect(figure.p99).toBeGreaterThanOrEqual(figure.p50 ?? 0);
  });

  it('fails when the server refuses', async () => {
    const missing = closedLoop(target, {
      clients: 1,
      seconds: 1,
      warmupSeconds: 0,
      send: (client) => client.request('GET', '/api/v1/namespaces/default/pods/missing'),
    });
    await expect(missing).rejects.toThrow('404');
  });
});
