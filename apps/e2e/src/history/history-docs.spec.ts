import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  kubectlPath,
  maskOutput,
  parseTranscript,
  reckonProgram,
  renderTranscript,
  run,
  type Step,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HistoryCluster, startHistoryCluster } from './history-cluster.suite';

const file = join(import.meta.dirname, '../../../../docs/history.md');
const page = readFileSync(file, 'utf8');
const transcript = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((block) => block[1] ?? '').join('');

/** Revisions are other ones each time. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/^ *\d+(?= {2}\d{4}-\d\d-\d\dT)/gm, '<revision>'],
  [/(?<=Z {3})\d+$/gm, '<revision>'],
  [/\brevision-\d+/g, 'revision-<n>'],
  [/\d+(?= entries)|(?<=newest revision )\d+/g, '<n>'],
  [/(?<=into )\S+(?=\/copy)/g, '<folder>'],
];

describe('docs/history.md', () => {
  let cluster: HistoryCluster;

  beforeAll(async () => {
    cluster = await startHistoryCluster();
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  it('shows what the commands print', async () => {
    const bin = join(cluster.folder, 'bin');
    const work = join(cluster.folder, 'work');
    for (const folder of [bin, work]) mkdirSync(folder);
    writeFileSync(join(bin, 'reckon'), `#!/bin/sh\nexec '${process.execPath}' '${reckonProgram}' "$@"\n`);
    chmodSync(join(bin, 'reckon'), 0o755);
    writeFileSync(join(bin, 'begin'), `cd '${work}'\n`);
    const steps = parseTranscript(transcript);
    expect(steps.length).toBeGreaterThan(10);
    const env = {
      KUBECONFIG: cluster.reckon.kubeconfig,
      HOME: cluster.folder,
      // Each command runs in a shell of its own: it begins where the last one was.
      BASH_ENV: join(bin, 'begin'),
      PATH: `${bin}:${dirname(kubectlPath())}:${process.env['PATH'] ?? ''}`,
    };
    const replayed: Step[] = [];
    for (const step of steps) {
      const { stdout, stderr } = await run('/bin/bash', ['-c', step.command], { env });
      replayed.push({
        ...step,
        expected: maskOutput(masks.reduce((text, [pattern, by]) => text.replace(pattern, by), stdout + stderr)),
      });
    }
    expect(renderTranscript(replayed)).toBe(transcript);
  });
});
