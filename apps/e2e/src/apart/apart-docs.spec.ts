import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PageShell, maskOutput, pageBlocks, parseTranscript } from '@reckon/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from './program-process';

/** What makes a program listen where no other does; the last of a flag counts. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  apiserver: ['--bind-address', '127.0.0.1', '--secure-port', '0'],
  'controller-manager': ['--bind-address', '127.0.0.1', '--secure-port', '0'],
  scheduler: ['--bind-address', '127.0.0.1', '--secure-port', '0'],
  kubelet: ['--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
  up: [],
};

describe('docs/apart.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-docs-'));
  const running: ProgramProcess[] = [];
  const shell = new PageShell(folder);

  afterAll(async () => {
    for (const program of running.reverse()) await program.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has commands that do what it says', async () => {
    let compared = 0;
    for (const { kind, text } of pageBlocks('docs/apart.md')) {
      if (kind === 'console') {
        for (const { command, expected } of parseTranscript(text)) {
          const ran = await shell.run(command);
          expect(maskOutput(ran.stdout + ran.stderr), command).toBe(expected);
          compared++;
        }
        continue;
      }
      if (kind === 'yaml') writeFileSync(join(shell.folder, 'packing.yaml'), text);
      if (kind !== 'sh') continue;
      for (const line of text
        .trim()
        .split('\n')
        .filter((one) => one.startsWith('reckon '))) {
        const args = line.split(' ').slice(1);
        const own = elsewhere[args[0] ?? ''];
        if (own !== undefined) running.push(await startProgram([...args, ...own], shell.folder));
        else expect(await shell.run(line), line).toMatchObject({ code: 0, stderr: '' });
      }
    }
    expect(running).toHaveLength(6);
    expect(compared).toBe(9);
  });
});
