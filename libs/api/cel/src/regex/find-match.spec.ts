import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGoPattern } from './go-pattern';

/** Patterns that Go and JavaScript agree on: both prefer the first alternative, and repeat as often as they can. */
const pattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\w', 'ab'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{1,2}', '{2}', '{1,2}?'))
      .map(([a, times]) => `(?:${a})${times}`),
    tie('pattern').map((a) => `\\b(?:${a})`),
    tie('pattern').map((a) => `(?:${a})$`),
  ),
})).pattern;
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\u00e9', '\u{1f600}'), maxLength: 12 });

/** Where an empty round would end a loop, the two engines differ in what they take. */
const canLoopOnNothing = (source: string): boolean =>
  new RegExp(`^(?:${source})$`, 'su').test('') && /[*+{]/.test(source);

describe('the first match of a pattern', () => {
  it('is the one that a backtracking engine finds', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        fc.pre(!canLoopOnNothing(source) && !/\(\?:\(\?:[^)]*\)[*?{]/.test(source));
        const compiled = compileGoPattern(`(?s)${source}`);
        if (compiled.problem !== undefined) throw new Error(compiled.problem);
        const expected = new RegExp(source, 'su').exec(subject);
        const found = compiled.find(subject, 0);
        expect(compiled.matches(subject)).toBe(expected !== null);
        expect(found === undefined ? undefined : [found.start, subject.slice(found.start, found.end)]).toEqual(
          expected === null ? undefined : [expected.index, expected[0]],
        );
      }),
      { numRuns: 400 },
    );
  });

  it.each<[string, string, string | undefined]>([
    ['a|ab', 'ab', 'a'],
    ['ab|a', 'ab', 'ab'],
    ['a*', 'baa', ''],
    ['a+?', 'aaa', 'a'],
    ['(a+)(b+)', 'xaabby', 'aabb'],
    ['^b', 'ab', undefined],
    ['(?m)^b', 'a\nb', 'b'],
    ['\\bfoo\\b', 'a foo b', 'foo'],
    ['(?i)FOO', 'xfoo', 'foo'],
    ['.', '\u{1f600}', '\u{1f600}'],
  ])('%s in %j is %j', (source, subject, expected) => {
    const compiled = compileGoPattern(source);
    const found = compiled.problem === undefined ? compiled.find(subject, 0) : undefined;
    expect(found === undefined ? undefined : subject.slice(found.start, found.end)).toBe(expected);
  });
});
