import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff';

const names = { before: 'a', after: 'b' };
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** What `patch` would make of it. */
function patched(before: string, diff: string): string {
  const a = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const out: string[] = [];
  let next = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$/.exec(line);
    if (hunk !== null) {
      const start = hunk[2] === '0' ? Number(hunk[1]) : Number(hunk[1]) - 1;
      out.push(...a.slice(next, start));
      next = start;
      continue;
    }
    const content = line.slice(1);
    if (line.startsWith('+')) out.push(content);
    else {
      expect(a[next]).toBe(content);
      next++;
      if (line.startsWith(' ')) out.push(content);
    }
  }
  return text([...out, ...a.slice(next)]);
}

describe('a unified diff', () => {
  it('shows changes with three lines around, as diff -u does', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${String(i + 1)}`);
    const after = lines.with(4, 'changed');
    after.splice(18, 0, 'new');
    expect(unifiedDiff(text(lines), text(after), names)).toBe(
      `--- a\n+++ b\n@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+changed\n line 6\n line 7\n line 8\n@@ -16,5 +16,6 @@\n line 16\n line 17\n line 18\n+new\n line 19\n line 20\n`,
    );
  });

  it('shows what was made and what is gone', () => {
    expect(unifiedDiff('', 'x\ny\n', names)).toBe('--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n');
    expect(unifiedDiff('x\n', '', names)).toBe('--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n');
  });

  it('is empty for equal texts, and else makes the new of the old', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '- x', '+ y', ''), { maxLength: 30 }).map(text);
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = unifiedDiff(before, after, names);
        expect(diff === '').toBe(before === after);
        if (diff !== '') expect(patched(before, diff)).toBe(after);
        const changed = diff
          .split('\n')
          .slice(2)
          .filter((line) => line.startsWith('-') || line.startsWith('+'));
        // Never more than all of it.
        expect(changed.length).toBeLessThanOrEqual(before.split('\n').length + after.split('\n').length);
      }),
      { numRuns: 500 },
    );
  });

  it('is the shortest', () => {
    const diff = unifiedDiff(text('a b c a b b a'.split(' ')), text('c b a b a c'.split(' ')), names);
    expect(diff.split('\n').filter((line) => /^[-+].$/.test(line))).toHaveLength(5);
  });

  it('copes with texts that have nothing in common', () => {
    const many = (prefix: string): string => text(Array.from({ length: 5000 }, (_, i) => prefix + String(i)));
    const diff = unifiedDiff(many('a'), many('b'), names);
    expect(patched(many('a'), diff)).toBe(many('b'));
  });
});
