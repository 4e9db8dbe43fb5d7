import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { validateOpenApiSchema } from './openapi-schema.validation';
import type { JsonSchema } from './json-schema';
import type { RulesInSchema } from './rules-checker';

const tolerance = { invalidTypes: false, nonAtomicSets: false, badMapKeys: false };
const rules = [{ rule: 'self == oldSelf' }];
const ruled: JsonSchema = { type: 'string', 'x-kubernetes-validations': rules };

/** What a checker is shown of a schema, and what comes of it when it refuses each. */
function shown(schema: JsonSchema): { readonly seen: readonly RulesInSchema[]; readonly refusals: readonly string[] } {
  const seen: RulesInSchema[] = [];
  const errors = validateOpenApiSchema(fieldPath('s'), schema, tolerance, {
    check: (found, one) => {
      seen.push(one);
      found.push(fieldErrors.forbidden(one.path, 'no'));
      return [];
    },
    stored: new Set(),
    isUnchanged: false,
    costs: [],
  });
  return { seen, refusals: errors.map(String) };
}

describe('who checks rules', () => {
  it('is told where they stand and how often they run', () => {
    const { seen } = shown({
      type: 'object',
      'x-kubernetes-validations': rules,
      properties: {
        list: { type: 'array', maxItems: 5, items: ruled },
        keyed: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: ruled } },
        },
        map: { type: 'object', maxProperties: 3, additionalProperties: { type: 'array', maxItems: 2, items: ruled } },
      },
    });
    expect(
      seen.map(({ path, scope, maxCardinality, uncorrelatable }) => [
        path.toString(),
        scope,
        maxCardinality,
        uncorrelatable?.toString(),
      ]),
    ).toEqual([
      ['s.properties[list].items', 'value', 5, 's.properties[list]'],
      ['s.properties[keyed].items.properties[k]', 'value', undefined, undefined],
      ['s.properties[map].additionalProperties.items', 'value', 6, 's.properties[map].additionalProperties'],
      ['s', 'resource', 1, undefined],
    ]);
  });

  it('is heard after all else, and not asked of what is wrong otherwise or below a junctor', () => {
    const bad: JsonSchema = { ...ruled, id: 'x' };
    const { refusals } = shown({
      type: 'object',
      properties: { a: ruled, b: bad, c: { type: 'string', allOf: [ruled] } },
    });
    expect(refusals).toEqual(['s.properties[b].id: Forbidden: id is not supported', 's.properties[a]: Forbidden: no']);
  });
});
