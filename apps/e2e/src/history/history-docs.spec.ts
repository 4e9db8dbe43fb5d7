import { PageShell, type Step, maskOutput, pageBlocks, parseTranscript, renderTranscript } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HistoryCluster, startHistoryCluster } from './history-cluster.suite';

const transcript = pageBlocks('docs/history.md')
  .flatMap(({ kind, text }) => (kind === 'console' ? [text] : []))
  .join('');

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
    const shell = new PageShell(cluster.folder, { KUBECONFIG: cluster.reckon.kubeconfig });
    const steps = parseTranscript(transcript);
    expect(steps.length).toBeGreaterThan(10);
    const replayed: Step[] = [];
    for (const step of steps) {
      const { stdout, stderr } = await shell.run(step.command);
      replayed.push({
        ...step,
        expected: maskOutput(masks.reduce((text, [pattern, by]) => text.replace(pattern, by), stdout + stderr)),
      });
    }
    expect(renderTranscript(replayed)).toBe(transcript);
  });
});
