import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGoPattern } from './go-pattern';

interface Pattern {
  readonly source: string;
  /** Whether it can match the empty string, somewhere. */
  readonly empty: boolean;
}

/**
 * Patterns that Go and JavaScript agree on: both prefer the first alternative, and repeat as often as they can. What
 * can match nothing is not repeated: JavaScript turns back from an empty round, Go takes it.
 */
const pattern = fc
  .letrec<{ pattern: Pattern }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\w', 'ab').map((source) => ({ source, empty: false })),
      fc
        .tuple(tie('pattern'), tie('pattern'))
        .map(([a, b]) => ({ source: a.source + b.source, empty: a.empty && b.empty })),
      fc
        .tuple(tie('pattern'), tie('pattern'))
        .map(([a, b]) => ({ source: `(?:${a.source}|${b.source})`, empty: a.empty || b.empty })),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{1,2}', '{2}', '{1,2}?'))
        .map(([a, times]) =>
          a.empty ? a : { source: `(?:${a.source})${times}`, empty: times.startsWith('*') || times.startsWith('?') },
        ),
      tie('pattern').map((a) => ({ ...a, source: `\\b(?:${a.source})` })),
      tie('pattern').map((a) => ({ ...a, source: `(?:${a.source})$` })),
    ),
  }))
  .pattern.map(({ source }) => source);
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\u00e9', '\u{1f600}'), maxLength: 12 });

describe('the first match of a pattern', () => {
  it('is the one that a backtracking engine finds', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
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
