import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PageShell,
  type Step,
  eventually,
  maskOutput,
  pageBlocks,
  parseTranscript,
  renderTranscript,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from './apart/program-process';

const page = pageBlocks('docs/operating.md');
const blocks = (kind: string): string[] => page.flatMap((block) => (block.kind === kind ? [block.text] : []));
const transcript = blocks('console').join('');

/** What differs from run to run, besides what `maskOutput` knows. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/^ *\d+(?= {2}\d{4}-\d\d-\d\dT)/gm, '<revision>'],
  [/\d+(?= entries)|(?<=newest revision )\d+|(?<=removed=|recentChanges":)\d+|^\d+$/gm, '<n>'],
  [/(?<=too old resource version: )\d+ \(\d+\)/g, '<n> (<n>)'],
  [/(?<=data directory )\S+(?=\/demo)/g, '<folder>'],
];
const masked = (text: string): string => maskOutput(masks.reduce((t, [pattern, by]) => t.replace(pattern, by), text));

describe('docs/operating.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-operating-'));
  const shell = new PageShell(folder);
  /** The command of the page, without the shell's quotes. */
  const command = (blocks('sh')[0] ?? '').trim().replaceAll("'", '').split(' ').slice(1);
  let up: ProgramProcess;

  beforeAll(async () => {
    expect(blocks('sh')).toHaveLength(1);
    expect(command[0]).toBe('up');
    up = await startProgram([...command, '--port', '0'], shell.folder);
  });
  afterAll(async () => {
    await up.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows what the commands print', async () => {
    const steps = parseTranscript(transcript);
    expect(steps.length).toBeGreaterThan(10);
    const replayed: Step[] = [];
    for (const step of steps) {
      const { stdout, stderr } = await shell.run(step.command);
      const printed = masked(stdout + stderr);
      replayed.push({ ...step, expected: printed === '' || printed.endsWith('\n') ? printed : `${printed}\n` });
    }
    expect(renderTranscript(replayed)).toBe(transcript);
  });

  it('shows the log as it is, in both formats', async () => {
    const [text = ''] = blocks('text');
    expect(masked(up.output())).toContain(maskOutput(text));
    expect(await up.end('SIGINT')).toBe(0);

    const shown = JSON.parse(blocks('json')[0] ?? '') as Record<string, unknown>;
    const asJson = command.map((word) => (word === 'text' ? 'json' : word.replace('configmaps=5s', 'leases=1s')));
    up = await startProgram([...asJson, '--port', '0'], shell.folder);
    const line = await eventually(() => {
      const found = up
        .output()
        .split('\n')
        .find((one) => one.includes('"history compacted"'));
      expect(found).toBeDefined();
      return found ?? '';
    });
    const written = JSON.parse(line) as Record<string, unknown>;
    expect(Object.keys(written)).toEqual(Object.keys(shown));
    expect({ ...written, time: 0, removed: 0 }).toEqual({ ...shown, time: 0, removed: 0 });
  });
});
