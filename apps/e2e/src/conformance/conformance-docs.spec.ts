import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testNames } from './test-names';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/conformance.md'), 'utf8');
const own = 'conformance-docs.spec.ts';

/** The cells of every row below a heading. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, after = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (-+|line) +\|/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

const shown = rowsUnder('Shown').map(([line = '', file = '']) => `${file.replaceAll('`', '')}: ${line}`);

describe('docs/conformance.md', () => {
  it('has a row for every test of a line, and a test for every row', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.spec.ts') && file !== own)
      .flatMap((file) => testNames(join(import.meta.dirname, file)).map((name) => `${file}: ${name}`));
    expect(shown.toSorted()).toEqual(tests.toSorted());
    expect(new Set(tests).size).toBe(tests.length);
    expect(tests.length).toBeGreaterThan(150);
  });

  it('leaves out no line that is shown', () => {
    const names = shown.map((row) => row.slice(row.indexOf(': ') + 2));
    const leftOut = rowsUnder('Left out').map(([line = '']) => line);
    expect(leftOut.length).toBeGreaterThan(20);
    expect(leftOut.filter((line) => names.includes(line))).toEqual([]);
  });

  it('says how many there are', () => {
    expect(page).toContain(`${String(shown.length)} lines`);
  });
});
