import { describe, expect, it } from 'vitest';
import { unifiedDifference } from './unified-difference';

const lines = (count: number): string[] => Array.from({ length: count }, (_, n) => `line ${String(n)}`);

describe('unifiedDifference', () => {
  it('of equal texts is empty', () => {
    expect(unifiedDifference(lines(9), lines(9))).toBe('');
  });

  it('shows three lines around each change', () => {
    const b = lines(20);
    b[9] = 'other';
    expect(unifiedDifference(lines(20), b)).toBe(
      [
        '@@ -7,7 +7,7 @@',
        ' line 6',
        ' line 7',
        ' line 8',
        '-line 9',
        '+other',
        ' line 10',
        ' line 11',
        ' line 12',
        '',
      ].join('\n'),
    );
  });

  it('joins changes that are near and parts those that are far', () => {
    const near = lines(20);
    near[5] = 'a';
    near[11] = 'b';
    expect(unifiedDifference(lines(20), near).match(/@@ /g)).toHaveLength(1);
    const far = lines(20);
    far[2] = 'a';
    far[12] = 'b';
    expect(unifiedDifference(lines(20), far).match(/^@@ .* @@$/gm)).toEqual(['@@ -1,6 +1,6 @@', '@@ -10,7 +10,7 @@']);
  });

  it.each([
    [[], ['a'], '@@ -0,0 +1 @@\n+a\n'],
    [['a'], [], '@@ -1 +0,0 @@\n-a\n'],
    [['a', 'b'], ['b'], '@@ -1,2 +1 @@\n-a\n b\n'],
    [['a'], ['a', 'b'], '@@ -1 +1,2 @@\n a\n+b\n'],
    [['a', 'x', 'b'], ['a', 'y', 'z', 'b'], '@@ -1,3 +1,4 @@\n a\n-x\n+y\n+z\n b\n'],
  ])('from %j to %j', (a, b, expected) => {
    expect(unifiedDifference(a, b)).toBe(expected);
  });
});
