import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { annotations } from './annotations';
import { defaultStages } from './default-stages';

describe('the annotations', () => {
  it('are those of the table in DESIGN.md', () => {
    const text = readFileSync(new URL('../../DESIGN.md', import.meta.url), 'utf8');
    const listed = [...text.matchAll(/^\| `(reckon\.dev\/[^`]+)`/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.values(annotations).sort());
  });

  it('are all asked after by a stage', () => {
    const stages = JSON.stringify(defaultStages);
    for (const name of Object.values(annotations)) expect(stages).toContain(name);
  });
});
