import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { kubectlPath, maskOutput, parseTranscript, reckonProgram, run } from '@reckon/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from './program-process';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/apart.md'), 'utf8');

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
  const env = { PATH: `${dirname(kubectlPath())}:${process.env['PATH'] ?? ''}`, HOME: folder };

  afterAll(async () => {
    for (const program of running.reverse()) await program.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has commands that do what it says', async () => {
    const blocks = [...page.matchAll(/^```(sh|console)\n([\s\S]*?)^```$/gm)];
    let exported = '';
    let compared = 0;
    for (const [, kind, block = ''] of blocks) {
      if (kind === 'console') {
        for (const { command, expected } of parseTranscript(block)) {
          if (command.startsWith('export ')) exported = `${command}; `;
          const ran = await run('/bin/bash', ['-c', `cd ${folder}; ${exported}${command}`], { env });
          expect(maskOutput(ran.stdout + ran.stderr), command).toBe(expected);
          compared++;
        }
        continue;
      }
      for (const line of block
        .trim()
        .split('\n')
        .filter((one) => one.startsWith('reckon '))) {
        const args = line.split(' ').slice(1);
        const own = elsewhere[args[0] ?? ''];
        if (own !== undefined) running.push(await startProgram([...args, ...own], folder));
        else {
          const ran = await run('/bin/bash', [
            '-c',
            `cd ${folder}; ${process.execPath} ${reckonProgram} ${args.join(' ')}`,
          ]);
          expect(ran, line).toMatchObject({ code: 0, stderr: '' });
        }
      }
    }
    expect(running).toHaveLength(5);
    expect(compared).toBe(6);
  });
});
