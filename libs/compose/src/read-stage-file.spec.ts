import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStageFile } from './read-stage-file';

describe('a stage file', () => {
  let folder = '';
  const file = (text: string): string => {
    const path = join(folder, 'stages.yaml');
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-stages-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read with its defaults', async () => {
    const stages = await readStageFile(
      file('stages:\n- name: slow-start\n  when: {containers: none}\n  after: {delay: 2s}\n  then: {do: start}\n'),
    );
    expect(stages).toMatchObject([
      {
        name: 'slow-start',
        when: { containers: 'none', deleting: false },
        after: { delay: '2s' },
        then: { do: 'start' },
      },
    ]);
  });

  it('is not needed', async () => {
    expect(await readStageFile(undefined)).toBeUndefined();
  });

  it.each([
    [
      'a duration that is none',
      'stages:\n- {name: a, when: {}, after: {delay: soon}, then: {do: start}}\n',
      'stages.0.after.delay',
    ],
    ['an action that is none', 'stages:\n- {name: a, when: {}, then: {do: fly}}\n', 'stages.0.then.do'],
    ['no stage', 'stages: []\n', 'stages'],
    ['what is no YAML', '{', 'cannot read'],
  ])('with %s is refused, and the place is named', async (_, text, place) => {
    await expect(readStageFile(file(text))).rejects.toMatchObject({
      code: 'Option',
      message: expect.stringContaining(place) as string,
    });
  });

  it('that is not there is named', async () => {
    await expect(readStageFile(join(folder, 'none.yaml'))).rejects.toThrow('none.yaml');
  });
});
