import { timeText } from '@reckon/api/machinery';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { applyStage } from '../pods/apply-stage';
import { defaultStages } from './default-stages';
import { type Pod, nextStage } from './next-stage';

const folder = path.join(import.meta.dirname, 'golden');
const inputs = readdirSync(folder).filter((f) => f.endsWith('.input.yaml'));
const seenMs = Date.UTC(2026, 0, 1, 0, 10, 0);

/** What becomes of the pod by its next stage. A moment other than those of the input is `<now>`. */
function outcomeOf(input: string): { stage: string; text: string } {
  const pod = parse(input) as Pod;
  const due = nextStage(defaultStages, pod, () => ({ sinceMs: seenMs, jitterMs: 0 }));
  if (due === undefined) throw new Error('no stage holds for this pod');
  const nowMs = Math.max(due.atMs, seenMs + 1_000);
  const podIp = pod.spec?.hostNetwork === true ? '10.64.0.2' : '10.244.0.9';
  const outcome = applyStage(pod, due.stage, { nowMs, hostIp: '10.64.0.2', podIp });
  const afterMs = due.atMs - seenMs;
  const text = stringify(
    { stage: due.stage.name, afterMs, ...outcome },
    {
      aliasDuplicateObjects: false,
      lineWidth: 0,
      singleQuote: true,
    },
  );
  return { stage: due.stage.name, text: text.replaceAll(timeText(nowMs), '<now>') };
}

describe('the stages', () => {
  it.each(inputs)('do with %s what its output says', (file) => {
    const { text } = outcomeOf(readFileSync(path.join(folder, file), 'utf8'));
    const expected = path.join(folder, file.replace('.input.', '.output.'));
    if (process.env['RECKON_UPDATE'] === '1') writeFileSync(expected, text);
    expect(parse(text)).toEqual(parse(readFileSync(expected, 'utf8')));
  });

  it('have a pair each, named after them', () => {
    const covered = new Set(inputs.map((file) => outcomeOf(readFileSync(path.join(folder, file), 'utf8')).stage));
    expect([...covered].sort()).toEqual(defaultStages.map((s) => s.name).sort());
    for (const file of inputs)
      expect(file.startsWith(outcomeOf(readFileSync(path.join(folder, file), 'utf8')).stage)).toBe(true);
  });
});
