import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { revision } from '@reckon/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relayProblems } from './relay-problem';
import { testConnection } from './testing/feed-reader.suite';
import { startNatsServer } from './testing/nats-server.suite';
import type { NatsServer } from './testing/nats-server.suite';
import { runRelay, TestLog, until } from './testing/relay-fixture.suite';
import type { RunningRelay } from './testing/relay-fixture.suite';

const root = path.resolve(import.meta.dirname, '../../../..');
/** Not the command `tsx`: it runs the script in a process of its own, which would outlive it. */
const loader = pathToFileURL(path.join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const page = readFileSync(path.join(root, 'docs/feed.md'), 'utf8');
/** The commands of the page that run an example. */
const commands = [...page.matchAll(/^npx tsx (docs\/examples\/.*)$/gm)].map(([, command]) => command ?? '');

let nats: NatsServer;
let test: TestLog;
let relay: RunningRelay;
let folder: string;
let running: ChildProcess[];
beforeEach(async () => {
  nats = await startNatsServer();
  test = new TestLog();
  relay = runRelay(test.log, { servers: nats.url });
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-feed-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) await end(child);
  await relay.stop();
  await nats.dispose();
  rmSync(folder, { recursive: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** Runs a command of the page as it stands there, but for the server's address. */
function replay(script: string, ...more: string[]): { readonly child: ChildProcess; readonly lines: () => string[] } {
  const command = commands.find((text) => text.includes(script));
  if (command === undefined) throw new Error(`docs/feed.md does not run ${script}`);
  const [file = '', ...words] = command.split(' ');
  const args = words.map((word) => word.replace('nats://127.0.0.1:4222', `nats://${nats.url}`));
  const child = spawn(process.execPath, ['--import', loader, path.join(root, file), ...args, ...more], {
    cwd: folder,
  });
  running.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += `stderr: ${chunk.toString()}`));
  return { child, lines: () => text.split('\n').slice(0, -1) };
}

const pod = (name: string, phase?: string): { key: string; object: Record<string, unknown> } => ({
  key: `/core/pods/default/${name}`,
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    ...(phase === undefined ? {} : { status: { phase } }),
  },
});
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));

describe('print-feed.ts', () => {
  it('prints every revision once and in order, over a restart of NATS and a stream that is made again', async () => {
    await test.write(pod('a', 'Pending'), pod('b', 'Pending'));
    const { lines } = replay('print-feed.ts');
    await until(() => lines().length === 2, lines);
    expect(lines()[0]).toBe('1 2023-11-14T22:13:20.001Z jane created /core/pods/default/a');
    await nats.kill();
    await test.write(pod('a', 'Running'));
    await nats.start();
    await until(() => lines().length >= 3, lines);
    const connection = await testConnection(nats.url);
    await (await jetstreamManager(connection)).streams.delete('RECKON');
    await connection.close();
    await test.write({ key: '/core/pods/default/b', verb: 'delete' });
    await relay.caughtUp();
    await until(() => lines().length >= 4, lines);
    await test.write(pod('c'));
    await until(() => lines().length >= 5, lines);
    expect(lines().map((line) => line.split(' ')[0])).toEqual(numbers(5));
    expect(lines()[3]).toContain('jane deleted /core/pods/default/b');
  }, 60_000);
});

describe('pods-by-phase.ts', () => {
  it('counts on where it was killed', async () => {
    await test.write(pod('a', 'Pending'), pod('b', 'Pending'), { key: '/core/configmaps/default/c' });
    const first = replay('pods-by-phase.ts');
    await until(() => first.lines().at(-1)?.endsWith(' Pending=2') === true, first.lines);
    await test.write(pod('a', 'Running'));
    await until(() => first.lines().at(-1) === '4 Pending=1 Running=1', first.lines);
    await end(first.child);
    await test.write(pod('b', 'Running'), pod('c', 'Failed'), { key: '/core/pods/default/a', verb: 'delete' });
    const second = replay('pods-by-phase.ts');
    await until(() => second.lines().at(-1) === '7 Failed=1 Running=1', second.lines);
    expect(second.lines()[0]).toBe('5 Running=2');
  }, 60_000);

  it('asks the apiserver for a list when the history of pods was gone before it read it', async () => {
    await test.write(pod('a', 'Running'), pod('b', 'Running'));
    const first = replay('pods-by-phase.ts');
    await until(() => first.lines().at(-1) === '2 Running=2', first.lines);
    await end(first.child);
    await relay.stop();
    await test.write({ key: '/core/pods/default/a', verb: 'delete' }, pod('c', 'Pending'), pod('c', 'Running'));
    await test.write(pod('d', 'Failed'));
    await test.log.compact([{ prefix: '/core/pods/', floor: revision(5) }]);
    relay = runRelay(test.log, { servers: nats.url });

    const asked: string[] = [];
    const api = createServer((request, response) => {
      asked.push(request.url ?? '');
      const items = [pod('b', 'Running').object, pod('c', 'Running').object, pod('d', 'Failed').object];
      response.end(JSON.stringify({ metadata: { resourceVersion: '6' }, items }));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const second = replay('pods-by-phase.ts', `http://127.0.0.1:${(api.address() as AddressInfo).port}`);
    await until(() => second.lines().at(-1)?.endsWith(' Failed=1 Running=2') === true, second.lines);
    expect(asked).toEqual(['/api/v1/pods']);
    await test.write(pod('d', 'Running'));
    await until(() => second.lines().at(-1) === '7 Running=3', second.lines);
    await end(second.child);
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
  }, 60_000);
});

describe('docs/feed.md', () => {
  it('names every problem that the relay can wait for, and no other', () => {
    const named = [...page.slice(page.indexOf('## When it waits')).matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
    expect(named).toEqual(Object.keys(relayProblems));
  });
});
