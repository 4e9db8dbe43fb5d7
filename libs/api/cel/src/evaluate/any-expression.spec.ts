import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admissionEnvironment } from '../scope/admission-environment';
import { testVariables } from '../testing/run-cel';
import { compileCel } from './compile-cel';

/** Expressions as people write them, right and wrong. */
const expression = fc.letrec<{ any: string }>((tie) => {
  const any = tie('any');
  return {
    any: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('1', '2u', '1.5', "'a'", "b'a'", 'true', 'null', '[]', '{}', 'x', 'object', 'object.spec', 'y'),
      fc.constantFrom(
        'object.spec.names',
        'object.spec.replicas',
        'object.metadata.labels',
        'request',
        "duration('1s')",
      ),
      fc
        .tuple(any, fc.constantFrom('+', '-', '*', '/', '%', '==', '<', '>=', 'in', '&&', '||'), any)
        .map((t) => t.join(' ')),
      fc.tuple(any, any, any).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
      any.map((a) => `(${a})`),
      any.map((a) => `dyn(${a})`),
      any.map((a) => `!(${a})`),
      fc.tuple(any, any).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(any, any).map(([a, b]) => `{${a}: ${b}}`),
      fc.tuple(any, any).map(([a, b]) => `(${a})[${b}]`),
      fc
        .tuple(any, fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter'), any)
        .map(([a, macro, b]) => `(${a}).${macro}(x, ${b})`),
      fc
        .tuple(any, fc.constantFrom('size', 'trim', 'sum', 'min', 'isSorted', 'getHours', 'join'))
        .map(([a, name]) => `(${a}).${name}()`),
      fc
        .tuple(
          fc.constantFrom('int', 'string', 'double', 'quantity', 'ip', 'cidr', 'url', 'semver', 'size', 'type'),
          any,
        )
        .map(([name, a]) => `${name}(${a})`),
      fc.tuple(any, fc.constantFrom('.spec', '.?spec', '.names', '.a')).map(([a, field]) => `(${a})${field}`),
    ),
  };
}).any;

const environment = admissionEnvironment({ hasParams: true, hasAuthorizer: false });

describe('any expression', () => {
  it('is refused, or comes to a value or an error, and to the same one again', () => {
    fc.assert(
      fc.property(expression, (text) => {
        const { program, problem } = compileCel(text, environment);
        if (program === undefined) {
          expect(problem).toMatch(/^(?:compilation failed: ERROR: <input>:|program instantiation failed: )/);
          return;
        }
        const first = program.evaluate(testVariables);
        expect(first.error ?? typeof first.value).toBe(program.evaluate(testVariables).error ?? typeof first.value);
        expect(first.cost).toBeLessThan(1_100_000);
        expect(Number.isNaN(program.estimateCost(() => undefined))).toBe(false);
      }),
      { numRuns: 1500 },
    );
  });

  it('is refused in words when it is no expression at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const { program, problem } = compileCel(text, environment);
        expect(program !== undefined || (problem?.length ?? 0) > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
