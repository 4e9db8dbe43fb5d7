import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PageShell, pageBlocks, parseTranscript } from '@reckon/testkit';
import { afterAll, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

const folder = mkdtempSync(join(tmpdir(), 'reckon-devices-'));
const shell = new PageShell(folder);
let up: ProgramProcess | undefined;
afterAll(async () => {
  await up?.end();
  rmSync(folder, { recursive: true, force: true });
});

it('docs/devices.md has commands that do what it says', async () => {
  let compared = 0;
  for (const { kind, text } of pageBlocks('docs/devices.md')) {
    if (kind === 'yaml') writeFileSync(join(shell.folder, 'cards.yaml'), text);
    if (kind === 'sh') up = await startProgram([...text.trim().split(' ').slice(1), '--port', '0'], shell.folder);
    if (kind !== 'console') continue;
    for (const { command, expected } of parseTranscript(text)) {
      const { stdout, stderr } = await shell.run(command);
      expect(stdout + stderr, command).toBe(expected);
      compared++;
    }
  }
  expect(compared).toBe(11);
});
