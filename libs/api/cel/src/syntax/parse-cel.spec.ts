import { describe, expect, it } from 'vitest';
import { problemText } from './cel-problem-text';
import { parseCel } from './parse-cel';

const firsts = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const operand = `{'[', '{', '(', '.', '-', '!', ${firsts}`;

/** Line, column and message of each problem, without the lines shown. */
const problems = (text: string): string[] =>
  problemText(text, parseCel(text).problems)
    .split('\n')
    .filter((line) => line.startsWith('ERROR'))
    .map((line) => line.replace('ERROR: <input>:', ''));

describe('the syntax of CEL', () => {
  it.each([
    'a',
    'a.b.c[0]["d"].e(1, 2)',
    '.a.b',
    "a.?b[?0].orValue('x')",
    'a.`b-c/d`',
    'a ? b : c ? d : e',
    '!a && !!b || -c > - -1',
    '1 + 2u * 3.5 / .5e3 % 0x1F - -9223372036854775808',
    'x in [1, 2, ?y,]',
    '{"a": 1, ?"b": c,}',
    '[]',
    '{}',
    'Object.spec{a: 1, ?b: 2, `c-d`: 3,}',
    `'\\n\\x41\\u00e9\\U0001F600\\101' + r'\\d' + """a"b\nc""" + R'''x'''`,
    `b'abc' == B"\\xff"`,
    'true || false || null == null // why',
    ' a // the first\n && b ',
    'has(a.b) && a.all(x, x.y)',
  ])('takes %s', (text) => {
    expect(parseCel(text).problems).toEqual([]);
  });

  it.each<[string, ...string[]]>([
    ['', `1:1: Syntax error: mismatched input '<EOF>' expecting ${operand}`],
    ['object.(', "1:8: Syntax error: no viable alternative at input '.('"],
    ['object.', "1:8: Syntax error: no viable alternative at input '.'"],
    ['.1a(', "1:3: Syntax error: mismatched input 'a' expecting <EOF>"],
    ['.(', "1:2: Syntax error: no viable alternative at input '.('"],
    ['a <', `1:4: Syntax error: mismatched input '<EOF>' expecting ${operand}`],
    ['a && && b', `1:6: Syntax error: extraneous input '&&' expecting ${operand}`],
    ['a ==\n == b', `2:2: Syntax error: extraneous input '==' expecting ${operand}`],
    ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
    ['a b c', "1:3: Syntax error: mismatched input 'b' expecting <EOF>"],
    ['(a))', "1:4: Syntax error: extraneous input ')' expecting <EOF>"],
    ['(a', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['f(a', "1:4: Syntax error: missing ')' at '<EOF>'"],
    ['f(a b)', "1:5: Syntax error: extraneous input 'b' expecting ')'"],
    ['f(', `1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', ${firsts}`],
    ['a[1', "1:4: Syntax error: missing ']' at '<EOF>'"],
    ['a[', `1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', ${firsts}`],
    ['[1, 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
    [
      '{',
      `1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '}', '(', '.', ',', '-', '!', '?', ${firsts}`,
    ],
    ['{a', "1:3: Syntax error: mismatched input '<EOF>' expecting ':'"],
    ['A{1: 2}', "1:3: Syntax error: mismatched input '1' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"],
    ['a.?1', "1:4: Syntax error: mismatched input '1' expecting {IDENTIFIER, ESC_IDENTIFIER}"],
    ['a ? b', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
    ['!', `1:2: Syntax error: extraneous input '<EOF>' expecting ${operand}`],
    [
      'a = b',
      "1:3: Syntax error: token recognition error at: '= '",
      "1:5: Syntax error: extraneous input 'b' expecting <EOF>",
    ],
    [
      "'abc",
      "1:1: Syntax error: token recognition error at: ''abc'",
      `1:5: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
    ],
    [
      "a + '\\d'",
      "1:5: Syntax error: token recognition error at: ''\\d'",
      "1:8: Syntax error: token recognition error at: '''",
      `1:9: Syntax error: mismatched input '<EOF>' expecting ${operand}`,
    ],
    ['for', '1:1: reserved identifier: for'],
    ['9223372036854775808', '1:1: invalid int literal'],
    ['18446744073709551616u', '1:1: invalid uint literal'],
    ['1e999', '1:1: invalid double literal'],
  ])('refuses %j', (text, ...messages) => {
    expect(problems(text)).toEqual(messages);
  });

  it('binds tighter from || to the sign', () => {
    const shape = (text: string): unknown => {
      const render = (node: ReturnType<typeof parseCel>['node']): unknown =>
        node.kind === 'call' ? [node.name, ...node.arguments.map(render)] : node.kind === 'ident' ? node.name : 1;
      return render(parseCel(text).node);
    };
    expect(shape('a || b && c == d + e * -f')).toEqual([
      '_||_',
      'a',
      ['_&&_', 'b', ['_==_', 'c', ['_+_', 'd', ['_*_', 'e', ['-_', 'f']]]]],
    ]);
    expect(shape('a - b - c')).toEqual(['_-_', ['_-_', 'a', 'b'], 'c']);
    expect(shape('a && b && c')).toEqual(['_&&_', ['_&&_', 'a', 'b'], 'c']);
    expect(shape('a ? b : c ? d : e')).toEqual(['_?_:_', 'a', 'b', ['_?_:_', 'c', 'd', 'e']]);
  });

  it('ends somewhere', () => {
    const tooDeep = 'expression recursion limit exceeded: 250';
    expect(problems('('.repeat(10_000))).toEqual([`1:251: ${tooDeep}`]);
    expect(problems(`a${'.a'.repeat(2000)}`)[0]).toContain(tooDeep);
    expect(problems(`1${' + 1'.repeat(2000)}`)[0]).toContain(tooDeep);
    expect(problems(`a${' && a'.repeat(2000)}`)).toEqual([]);
    expect(problems('a'.repeat(100_001))).toEqual([
      '-1:0: expression code point size exceeds limit: size: 100001, limit 100000',
    ]);
  });

  it('shows no more than the first mistakes, of a text that is wrong everywhere', () => {
    const lines = problemText('`'.repeat(50_000), parseCel('`'.repeat(50_000)).problems).split('\n');
    expect(lines.filter((line) => line.startsWith('ERROR'))).toHaveLength(100);
  });

  it('shows the place of a problem', () => {
    const show = (text: string): string => problemText(text, parseCel(text).problems);
    expect(show('a &&\n\t"\u65e5" b')).toBe(
      `ERROR: <input>:2:6: Syntax error: extraneous input 'b' expecting <EOF>\n |  "\u65e5" b\n | ..\uff0e..^`,
    );
  });
});
