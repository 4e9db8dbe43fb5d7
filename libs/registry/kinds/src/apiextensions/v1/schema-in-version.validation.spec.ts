import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import type { Errors } from '../../field-checks';
import type { JsonSchema } from '../schema/json-schema';
import { validateSchema } from './schema-in-version.validation';
import { noTolerance } from './tolerance';

/** What is said of a schema whose properties have one rule each, that costs as much. */
function refusals(costs: readonly number[]): readonly string[] {
  const errors: Errors = [];
  const rules = [{ rule: 'true' }];
  const properties = Object.fromEntries(
    costs.map((_, i): [string, JsonSchema] => [`p${String(i)}`, { type: 'string', 'x-kubernetes-validations': rules }]),
  );
  const left = [...costs];
  validateSchema(
    errors,
    { type: 'object', properties },
    {
      path: fieldPath('schema'),
      hasStatus: false,
      mustBeStructural: true,
      isUnchanged: false,
      tolerance: noTolerance,
      checkRules: (_errors, { path }) => [{ path, cost: left.shift() ?? 0 }],
    },
  );
  return errors.map(String);
}

describe('all rules of a schema', () => {
  const million = 1_000_000;

  it('may cost so much together', () => {
    expect(refusals([60 * million, 40 * million])).toEqual([]);
  });

  it('are told when they cost more, the dearest first', () => {
    const share =
      'Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const total = refusals([10 * million, 80 * million, 0.5 * million, 30 * million, 20 * million, 9.5 * million]);
    expect(total.slice(0, -1)).toEqual(
      [1, 3, 4, 0].map((i) => `schema.openAPIV3Schema.properties[p${String(i)}]: ${share}`),
    );
    expect(total.at(-1)).toBe(
      'schema.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.5x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    );
  });
});
