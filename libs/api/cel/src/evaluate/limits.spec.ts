import { describe, expect, it } from 'vitest';
import { admissionEnvironment } from '../scope/admission-environment';
import { celJson, CelJsonError } from '../value/cel-json';
import { type CelResult, type CelVariables, compileCel } from './compile-cel';
import { celLazyFields } from './lazy-fields';

const environment = admissionEnvironment({ hasParams: false, hasAuthorizer: false, variables: new Map() });

function run(expression: string, variables: CelVariables = {}, costLimit?: number): CelResult {
  const { program, problem } = compileCel(expression, environment);
  if (program === undefined) throw new Error(problem);
  return program.evaluate(variables, costLimit === undefined ? {} : { costLimit });
}

const overCost = { error: 'operation cancelled: actual cost limit exceeded', isOverCost: true };
const numbers = Array.from({ length: 2000 }, (_, i) => i);
const long = 'a'.repeat(100_000);

describe('what an expression costs', () => {
  it.each<[string, number]>([
    ['1', 0],
    ['1 + 1', 1],
    ['object.a', 2],
    ['object.a + object.b', 5],
    ['object.a == object.b', 5],
    ['has(object.a)', 1],
    ['[1, 2]', 0],
    ['[object.b, object.a]', 14],
    ["{'a': 1}", 0],
    ["{'a': object.a}", 32],
    ["int('5') + 1", 1],
    ['true || object.a > 0', 0],
    ['[1, 2].all(x, x > 0)', 11],
    ['[1, 2, 3].exists(x, x == 1)', 10],
    ['[1, 2].exists_one(x, x == 1)', 8],
    ['[1, 2].map(x, x)', 27],
    ['[1, 2].filter(x, x > 1)', 18],
    ['object.a in [1, 2, 3]', 2],
    ['true ? object.a : 1', 1],
    ['object.?c.optMap(x, x + 1).hasValue()', 5],
    ['object.?a.optMap(x, x + 1).hasValue()', 10],
    ["'%s'.format([object.a])", 13],
    ['object.?c.orValue(1)', 1],
    ['[2, 1].sort()', 19],
    ["['b', 'a'].sortBy(e, e)", 48],
    ['lists.range(4)', 15],
    ['[1, 2, 3, 4].slice(1, 3)', 13],
    ['sets.contains([1, 2], [2])', 3],
    ["'aaaaaaaaaaaaaaaaaaaa'.startsWith('b')", 1],
    ["'b'.startsWith('aaaaaaaaaaaaaaaaaaaa')", 2],
    ["['a', 'b', 'c'].join('-')", 1],
    ["'hello world'.replace('world', 'CEL')", 3],
    ["'aaaaaaaaaaaaaaaaaaaa' + 'aaaaaaaaaaaaaaaaaaaa'", 4],
    ["'aaaaaaaaaaaaaaaaaaa'.matches('aaaaaaaa')", 4],
    ['1 in [1, 2, 3]', 0],
  ])('%s', (expression, cost) => {
    expect(run(expression, { object: { a: 1, b: 2 } })).toMatchObject({ cost });
  });

  it('ends it at a limit, whatever would make the error go away', () => {
    expect(run('1 + 1 == 2', {}, 1)).toMatchObject(overCost);
    expect(run('object.all(x, object.all(y, x + y >= 0)) || true', { object: numbers })).toMatchObject(overCost);
    expect(run('[0].exists(z, object.all(x, object.all(y, true)))', { object: numbers })).toMatchObject(overCost);
  });

  it.each<[string, string, unknown]>([
    ['nested comprehensions', 'object.map(x, object.map(y, object.map(z, x + y + z))).size() > 0', numbers],
    ['a text that is put into itself', "object.replace('', object).replace('', object).size() > 0", long],
    [
      'a text that is doubled',
      `${Array.from({ length: 12 }, () => 'object').join(' + ')} == ''`,
      'a'.repeat(2_000_000),
    ],
    ['texts that are joined', 'object.map(x, object[0]).join(object[0]) == ""', Array(2000).fill(long)],
    ['a pattern with counts', "object.matches('^(a{1,1000}){10}b$')", long],
    [
      'a pattern that others would try in all ways',
      "object.matches('^(a|a|aa|a*)*b(c{500})*$')",
      'a'.repeat(3_000_000),
    ],
    ['a search in a large text', 'object.contains(object + "b")', 'a'.repeat(40_000)],
    ['sets', 'sets.contains(object, object.map(x, 7999 - x))', Array.from({ length: 8000 }, (_, i) => i)],
    ['a list in itself', 'object.map(x, object == object).all(y, y)', Array(3000).fill(numbers)],
    ['a pattern that reads on for each match', "object.findAll('a(.*b)?').size() > 0", 'a'.repeat(20_000)],
    ['findAll', "object.findAll('a*?b*?').map(x, object.findAll('(a|b){100}')).size() > 0", 'a'.repeat(20_000)],
  ])('stops %s soon', (_, expression, object) => {
    // A tenth of the budget, for the time that the tests take; what is not charged would take minutes.
    expect(run(expression, { object }, 100_000)).toMatchObject(overCost);
  });

  it('counts what a value that is shared costs when it is written out', () => {
    const fields = new Map<string, () => CelResult>();
    const variables: Record<string, unknown> = { variables: celLazyFields(fields) };
    const types = new Map<string, { name: string; parameters: readonly [] }>();
    const evaluate = (expression: string): CelResult => {
      const compiled = compileCel(
        expression,
        admissionEnvironment({ hasParams: false, hasAuthorizer: false, variables: types }),
      );
      if (compiled.program === undefined) throw new Error(compiled.problem);
      return compiled.program.evaluate(variables, { costLimit: 10_000 });
    };
    types.set('v0', { name: 'dyn', parameters: [] });
    fields.set('v0', () => evaluate('[1]'));
    for (let i = 1; i <= 40; i++) {
      types.set(`v${String(i)}`, { name: 'dyn', parameters: [] });
      fields.set(`v${String(i)}`, () => evaluate(`[variables.v${String(i - 1)}, variables.v${String(i - 1)}]`));
    }
    expect(evaluate('variables.v40 == variables.v40')).toMatchObject(overCost);
    expect(evaluate("'%s'.format([variables.v40]) == ''")).toMatchObject(overCost);
    const { value } = evaluate('variables.v40');
    expect(() => celJson(value ?? null)).toThrow(CelJsonError);
  });
});

describe('a text of a client', () => {
  const digits = '1'.repeat(200_000);

  it.each([
    ["quantity(object + 'x') == quantity('1')", digits],
    ["isQuantity(object + 'x')", '0'.repeat(200_000)],
    ["double(object + 'x') > 0.0", digits],
    ["duration(object + 'x') > duration('1s')", digits],
    ["timestamp('2026-01-01T00:00:00.' + object + 'x') > timestamp(0)", digits],
    ["('a' + object + 'a').trim() == ''", ' '.repeat(200_000)],
    ['isIP(object) || isCIDR(object) || isURL(object) || isSemver(object)', ':'.repeat(200_000)],
    ['format.dns1123Subdomain().validate(object).hasValue()', 'a-'.repeat(3000)],
    ["object.split('1').size() > 0", digits],
  ])('is gone through once by %s', (expression, object) => {
    const { cost } = run(expression, { object });
    expect(cost).toBeLessThan(1_000_000);
  });
});

describe('lazy fields', () => {
  it('are evaluated once, when they are asked for, and charged to who asked first', () => {
    let times = 0;
    const fields = celLazyFields(
      new Map<string, () => CelResult>([
        [
          'a',
          () => {
            times++;
            return { value: 5n, cost: 100 };
          },
        ],
        ['bad', () => ({ error: 'no such key: x', cost: 1, isOverCost: false })],
      ]),
    );
    const int = { name: 'int', parameters: [] };
    const types = new Map([
      ['a', int],
      ['bad', int],
    ]);
    const own = admissionEnvironment({ hasParams: false, hasAuthorizer: false, variables: types });
    const evaluate = (expression: string): CelResult | undefined =>
      compileCel(expression, own).program?.evaluate({ variables: fields });
    expect(evaluate('true')).toMatchObject({ value: true });
    expect(times).toBe(0);
    expect(evaluate('variables.a + variables.a == 10')).toEqual({ value: true, cost: 106 });
    expect(evaluate('variables.a == 5')).toEqual({ value: true, cost: 3 });
    expect(times).toBe(1);
    expect(evaluate('variables.bad == 1')).toMatchObject({
      error: 'composited variable "bad" fails to evaluate: no such key: x',
    });
    expect(evaluate('variables.bad == 1 || true')).toMatchObject({ value: true });
  });
});
