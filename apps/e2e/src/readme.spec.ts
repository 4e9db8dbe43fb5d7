import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReckonProcess, parseTranscript, renderTranscript, replay, startReckon } from '@reckon/testkit';

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');

/** The first console block whose commands are kubectl's. */
const transcript = [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)]
  .map((block) => block[1] ?? '')
  .find((block) => block.startsWith('$ kubectl'));

describe('the README', () => {
  let reckon: ReckonProcess;

  beforeAll(async () => {
    reckon = await startReckon();
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  it('shows what kubectl prints', async () => {
    const steps = parseTranscript(transcript ?? '');
    expect(steps.length).toBeGreaterThan(3);
    expect(renderTranscript(await replay(steps, reckon))).toBe(transcript);
  });
});
