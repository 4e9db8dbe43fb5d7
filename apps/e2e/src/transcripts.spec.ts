import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReckonProcess, parseTranscript, renderTranscript, replay, startReckon } from '@reckon/testkit';

const folder = join(import.meta.dirname, 'transcripts');

/** `RECKON_UPDATE=1 npx vitest run --project e2e transcripts` records anew; read the diff. */
const isUpdate = process.env['RECKON_UPDATE'] === '1';

describe('real kubectl against a fresh cluster', () => {
  let reckon: ReckonProcess;

  beforeAll(async () => {
    reckon = await startReckon();
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  for (const file of readdirSync(folder).filter((f) => f.endsWith('.txt'))) {
    it(`prints what ${file} holds`, async () => {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      const remarks = /^(#.*\n)*/.exec(text)?.[0] ?? '';
      const steps = parseTranscript(text);
      expect(steps.length).toBeGreaterThan(0);
      const got = renderTranscript(await replay(steps, reckon), remarks);
      if (isUpdate) writeFileSync(path, got);
      expect(got).toBe(isUpdate ? got : text);
    });
  }
});
