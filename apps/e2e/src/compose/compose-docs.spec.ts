import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PageShell, maskOutput, pageBlocks, parseTranscript } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProgram } from '../apart/program-process';
import { readComposeFile, readDockerfile, root } from './compose-file';
import { LocalCompose } from './local-compose';

const file = 'docs/compose.md';
const page = readFileSync(join(root, file), 'utf8');
const blocks = pageBlocks(file).filter(({ kind }) => kind === 'sh' || kind === 'console');
const composeLines = blocks
  .filter(({ kind }) => kind === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'))
  .filter((line) => line.startsWith('docker compose '));

/** `docker compose exec -T apiserver cat x > file` */
function readLine(line: string): { verb: string; service?: string; args: string[]; flags: string[]; into?: string } {
  const [command = '', into] = line.split(' > ');
  const [verb = '', ...rest] = command.split(' ').slice(2);
  const at = rest.findIndex((word) => !word.startsWith('-'));
  const [flags, [service, ...args]] = at === -1 ? [rest, []] : [rest.slice(0, at), rest.slice(at)];
  return { verb, flags, args, ...(service === undefined ? {} : { service }), ...(into === undefined ? {} : { into }) };
}

describe('docs/compose.md', () => {
  let compose: LocalCompose;
  let shell: PageShell;
  beforeAll(async () => {
    compose = await LocalCompose.create();
    shell = new PageShell(mkdtempSync(join(compose.folder, 'page-')));
  });
  afterAll(() => compose.dispose());

  it('names the services that are there, and tells of each', () => {
    const services = Object.keys(readComposeFile().services);
    for (const line of composeLines) {
      const { service } = readLine(line);
      if (service !== undefined) expect(services, line).toContain(service);
    }
    const rows = [...page.matchAll(/^\| (`.*?)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
    );
    expect(rows.sort()).toEqual(services.sort());
  });

  it('has commands that do what it says, where Compose is our own', async () => {
    let compared = 0;
    for (const { kind, text } of blocks) {
      if (kind === 'sh') {
        for (const line of text.trim().split('\n')) if (composeLines.includes(line)) await composeDoes(line);
        continue;
      }
      for (const { command, expected } of parseTranscript(text)) {
        const ran = await shell.run(command);
        expect(maskOutput(ran.stdout + ran.stderr), command).toBe(expected);
        compared++;
      }
    }
    expect(compared).toBe(7);
  });

  /** What Compose would do to one service; what concerns all of them at once, or only shows something, is left out. */
  async function composeDoes(line: string): Promise<void> {
    const { verb, service, args, into } = readLine(line);
    if (verb === 'up') return compose.up();
    if (service === undefined || verb === 'logs') return;
    const container = compose.container(service);
    switch (verb) {
      case 'exec': {
        const ran = await container.exec(args);
        expect(ran, line).toMatchObject({ code: 0, stderr: '' });
        if (into !== undefined) writeFileSync(join(shell.folder, into), ran.stdout);
        return;
      }
      case 'stop':
        expect(await container.end(), line).toBe(0);
        return;
      case 'start':
        return compose.start(service);
      case 'restart':
        expect(await container.end(), line).toBe(0);
        return compose.start(service);
      case 'run':
        container.start(args);
        expect([await container.wait(), container.output()], line).toEqual([0, expect.stringMatching(/sound: .*\n$/)]);
        return;
      default:
        throw new Error(`the test cannot do: ${line}`);
    }
  }

  it('tells of an image that by itself starts a cluster', async () => {
    const [, command = '[]'] =
      readDockerfile()
        .stages.at(-1)
        ?.find(([instruction]) => instruction === 'CMD') ?? [];
    const args = (JSON.parse(command) as string[]).map((arg) => (arg === '/data' ? join(compose.folder, 'one') : arg));
    const elsewhere = ['--bind-address', '127.0.0.1', '--port', '0'];
    const program = await startProgram([...args, ...elsewhere]);
    expect(readFileSync(join(compose.folder, 'one/kubeconfig'), 'utf8')).toContain(String(program.port));
    expect(await program.end()).toBe(0);
  });
});
