import { describe, expect, it } from 'vitest';
import { labelSelectorFromMap, parseLabelSelector } from './label-selector';
import { SelectorError } from './selector-error';

const name =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const value =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const operators = 'in, notin, =, ==, !=, gt, lt';

/** As kubectl v1.36 refuses them (it reads with upstream's parser). */
const refused: Record<string, string> = {
  '!!': "unable to parse requirement: found '!', expected: identifier",
  'a b': `unable to parse requirement: found 'b', expected: ${operators}`,
  'a in b': "unable to parse requirement: found 'b' expected: '('",
  'a in (b': "unable to parse requirement: found '', expected: ',' or ')'",
  'a in (b c)': "unable to parse requirement: found 'c', expected: ',' or ')'",
  'a=b,': "found '', expected: identifier after ','",
  ',a': "found ',', expected: !, identifier, or 'end of string'",
  'a=(b': "unable to parse requirement: found '(', expected: identifier",
  '!a in (b)': "found 'in', expected: ',' or 'end of string'",
  'a=b!': "found '!', expected: ',' or 'end of string'",
  'a=b%': `unable to parse requirement: values[0][a]: Invalid value: "b%": ${value}`,
  'a%': `unable to parse requirement: <nil>: Invalid value: "a%": ${name}`,
  'a>x': `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  'a>%': `unable to parse requirement: [values[0]: Invalid value: "%": for 'Gt', 'Lt' operators, the value must be an integer, values[0][a]: Invalid value: "%": ${value}]`,
  'a in (=)': "unable to parse requirement: found '=', expected: ',', ')' or identifier",
  'a in (b,': "unable to parse requirement: found '', expected: ',', or identifier",
  'a notin': "unable to parse requirement: found '' expected: '('",
  '=a': "found '=', expected: !, identifier, or 'end of string'",
  'a==b==c': "found '==', expected: ',' or 'end of string'",
  'a===b': "unable to parse requirement: found '=', expected: identifier",
  'a!b': `unable to parse requirement: found '!', expected: ${operators}`,
  '(a)': "found '(', expected: !, identifier, or 'end of string'",
  '!': "unable to parse requirement: found '', expected: identifier",
  'a,,b': "found ',', expected: identifier after ','",
  '/a': 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty',
  'a in (x%,y%)': `unable to parse requirement: [values[0][a]: Invalid value: "x%": ${value}, values[1][a]: Invalid value: "y%": ${value}]`,
  '"a"=b': `unable to parse requirement: <nil>: Invalid value: "\\"a\\"": ${name}`,
};

const canonical: Record<string, string> = {
  '': '',
  '  ': '',
  'a =  b , c': 'a=b,c',
  'a\tin\n(b,  c)': 'a in (b,c)',
  'x notin (),y': 'x notin (),y',
  'z=1,b in (y,x,x),!a,c': '!a,b in (x,y),c,z=1',
  'b==2,b!=3': 'b==2,b!=3',
  'a in (b,,c)': 'a in (,b,c)',
  'x in (,)': 'x in ()',
  'a in (in,notin)': 'a in (in,notin)',
  in: 'in',
  'a=notin': 'a=notin',
  'a=': 'a=',
  'a>1,b<2': 'a>1,b<2',
  'example.com/a=b': 'example.com/a=b',
};

describe('parseLabelSelector', () => {
  it.each(Object.entries(refused))('refuses %j with upstream’s words', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
  });

  it.each(Object.entries(canonical))('reads %j as %j', (text, answer) => {
    const selector = parseLabelSelector(text);
    expect(selector.toString()).toBe(answer);
    expect(parseLabelSelector(answer).toString()).toBe(answer);
    expect(selector.empty).toBe(answer === '');
  });

  it.each([
    ['a=b', true],
    ['a==b', true],
    ['a!=b', false],
    ['c!=b', true],
    ['a in (b,c)', true],
    ['a notin (b)', false],
    ['c notin (b)', true],
    ['a', true],
    ['!a', false],
    ['!c', true],
    ['c', false],
    ['n>4', true],
    ['n>5', false],
    ['n<6', true],
    ['a>1', false],
    ['c<1', false],
    ['a=b,n=5', true],
    ['a=b,n=6', false],
    ['a=', false],
    ['toString', false],
    ['', true],
  ])('says of {a: b, n: 5} that %j is %s', (text, expected) => {
    expect(parseLabelSelector(text).matches({ a: 'b', n: '5' })).toBe(expected);
  });

  it('matches objects without labels only where nothing must be there', () => {
    expect(parseLabelSelector('a!=b').matches(undefined)).toBe(true);
    expect(parseLabelSelector('a').matches(null)).toBe(false);
  });
});

describe('labelSelectorFromMap', () => {
  it('demands every entry', () => {
    const selector = labelSelectorFromMap({ b: '2', a: '1' });
    expect(selector.toString()).toBe('a=1,b=2');
    expect(selector.matches({ a: '1', b: '2', c: '3' })).toBe(true);
    expect(selector.matches({ a: '1' })).toBe(false);
  });
});
