import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ReckonProcess,
  pageBlocks,
  parseTranscript,
  renderTranscript,
  replay,
  startReckon,
} from '@reckon/testkit';

/** The first console block whose commands are kubectl's. */
const transcript = pageBlocks('README.md').find(
  ({ kind, text }) => kind === 'console' && text.startsWith('$ kubectl'),
)?.text;

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
