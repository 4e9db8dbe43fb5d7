import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FeedEvent, addConsumer, changesOf, natsServerBinary, readFeed } from '@reckon/store/relay/suites';
import { PageShell, RawClient, eventually, pageBlocks } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from './apart/program-process';

const blocks = pageBlocks('docs/feed.md').filter(({ kind }) => kind === 'sh');
const linesFrom = (program: string): string[] =>
  blocks.flatMap(({ text }) => text.trim().split('\n')).filter((line) => line.startsWith(`${program} `));

/** The words of a command, without the shell's quotes. */
const wordsOf = (line: string): string[] => line.replaceAll("'", '').split(' ');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `nats consumer add RECKON pods --filter x --deliver all`: the words up to the first flag, and the flags with their values. */
function parseNats(line: string): { readonly words: readonly string[]; readonly flags: ReadonlyMap<string, string> } {
  const all = wordsOf(line).slice(1);
  const at = all.findIndex((word) => word.startsWith('--'));
  const [words, rest] = at === -1 ? [all, []] : [all.slice(0, at), all.slice(at)];
  const flags = new Map<string, string>();
  for (const [i, word] of rest.entries()) {
    const next = rest[i + 1] ?? '';
    if (word.startsWith('--')) flags.set(word.slice(2), next.startsWith('--') ? '' : next);
  }
  return { words, flags };
}

describe('docs/feed.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-feed-docs-'));
  const shell = new PageShell(folder);
  let nats: ChildProcess;
  let reckon: ProgramProcess;
  let url: string;
  let client: RawClient;

  /** The page's first block as it stands there, but where the default ports would be. */
  beforeAll(async () => {
    const [first = ''] = blocks.map(({ text }) => text);
    const [server = '', up = '', ...more] = first.trim().split('\n');
    expect([wordsOf(server)[0], wordsOf(up).slice(0, 2), more]).toEqual(['nats-server', ['reckon', 'up'], []]);
    const port = await freePort();
    url = `127.0.0.1:${String(port)}`;
    expect(up).toContain('nats://127.0.0.1:4222');
    // What it stores by default would be shared by all who run a nats-server so.
    const elsewhere = ['--addr', '127.0.0.1', '--port', String(port), '--store_dir', join(folder, 'jetstream')];
    nats = spawn(natsServerBinary(), [...wordsOf(server).slice(1), ...elsewhere], { stdio: 'ignore' });
    const args = wordsOf(up.replace('127.0.0.1:4222', url)).slice(1);
    reckon = await startProgram([...args, '--port', '0'], shell.folder);
    client = RawClient.of(join(shell.folder, '.reckon/kubeconfig'));
  });
  afterAll(async () => {
    client.close();
    await reckon.end();
    const exited = new Promise((resolve) => nats.once('exit', resolve));
    nats.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the stream has with this subject, once it has come to where the cluster is. */
  const told = async (filter: string): Promise<FeedEvent[]> => {
    const { body } = await client.send('GET', '/api/v1/namespaces/default/pods');
    const head = Number((body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
    await eventually(async () => {
      expect((await readFeed(url)).at(-1)?.to ?? 0).toBeGreaterThanOrEqual(head);
    });
    return readFeed(url, { filter });
  };

  it('publishes the log of a cluster that is started as its first block says', async () => {
    const everything = await told('>');
    expect(everything.map(({ to }) => to)).toEqual(everything.map((_, i) => i + 1));
    expect((await client.send('GET', '/debug/relay')).body).toMatchObject({ state: 'following' });
  });

  it('names streams, subjects and consumers to the nats command that are there and hold what it says', async () => {
    const pod = await shell.run(
      'KUBECONFIG=.reckon/kubeconfig kubectl run web --image=nginx && KUBECONFIG=.reckon/kubeconfig kubectl wait pod/web --for=condition=Ready --timeout=60s',
    );
    expect(pod).toMatchObject({ code: 0 });
    const lines = linesFrom('nats');
    const done: string[] = [];
    const consumers = new Map<string, Awaited<ReturnType<typeof addConsumer>>>();
    for (const line of lines) {
      const { words, flags } = parseNats(line);
      const [what = '', verb = '', name = '', consumer = ''] = words;
      switch (what === 'subscribe' ? what : `${what} ${verb}`) {
        case 'stream info':
          expect(await changesOf({ url }, name).config(), line).toMatchObject({ name, subjects: ['reckon.>'] });
          break;
        case 'stream view':
          expect((await readFeed(url, { stream: name })).length, line).toBeGreaterThan(0);
          break;
        case 'subscribe':
          expect(
            (await told(verb)).map(({ event }) => event.subject),
            line,
          ).toContain('/core/pods/default/web');
          break;
        case 'consumer add':
          expect([...flags.keys()], line).toEqual(['filter', 'deliver', 'pull', 'ack', 'defaults']);
          consumers.set(
            `${name} ${consumer}`,
            await addConsumer(
              { url },
              {
                stream: name,
                name: consumer,
                filter: flags.get('filter') ?? '',
                deliver: flags.get('deliver') ?? '',
                ack: flags.get('ack') ?? '',
              },
            ),
          );
          break;
        case 'consumer next': {
          const next = (await consumers.get(`${name} ${consumer}`)?.next(Number(flags.get('count')))) ?? [];
          const first = (await told('reckon.core.pods.>')).slice(0, Number(flags.get('count')));
          expect(
            next.map(({ event }) => event.id),
            line,
          ).toEqual(first.map(({ event }) => event.id));
          expect(next[0]?.event).toMatchObject({ type: 'io.reckon.object.created', data: { kind: 'Pod' } });
          break;
        }
        default:
          throw new Error(`the test cannot do: ${line}`);
      }
      done.push(`${what} ${verb}`);
    }
    expect(done).toHaveLength(5);
  });
});
