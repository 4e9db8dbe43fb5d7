import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { checkRules } from './check-rules';
import { validateOpenApiSchema } from './openapi-schema.validation';
import type { JsonSchema } from './json-schema';

const tolerance = { invalidTypes: false, nonAtomicSets: false, badMapKeys: false };

function problems(schema: JsonSchema): readonly string[] {
  return validateOpenApiSchema(fieldPath('s'), schema, tolerance, {
    check: checkRules,
    stored: new Set(),
    isUnchanged: false,
    costs: [],
  }).map(String);
}

type Rule = NonNullable<JsonSchema['x-kubernetes-validations']>[number];

const withRule = (schema: JsonSchema, rule: Rule): JsonSchema => ({ ...schema, 'x-kubernetes-validations': [rule] });
const shown = (rule: string, messageExpression = '', optionalOldSelf: boolean | null = null): string =>
  JSON.stringify({
    Rule: rule,
    Message: '',
    MessageExpression: messageExpression,
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: optionalOldSelf,
  });

describe('rules of custom resources', () => {
  it.each<[JsonSchema, Rule]>([
    [{ type: 'integer' }, { rule: 'self > 0' }],
    [
      { type: 'string', maxLength: 9 },
      { rule: 'self >= oldSelf', messageExpression: "'was ' + oldSelf" },
    ],
    [{ type: 'integer' }, { rule: 'self >= oldSelf.orValue(0)', optionalOldSelf: true }],
    [{ type: 'object', properties: { a: { type: 'string' } } }, { rule: "!has(self.a) || self.a.startsWith('x')" }],
    [{ type: 'object', 'x-kubernetes-embedded-resource': true }, { rule: "self.metadata.name == 'x'" }],
    [{ 'x-kubernetes-int-or-string': true }, { rule: 'type(self) == int' }],
    [{ type: 'array', maxItems: 3, items: { type: 'string' } }, { rule: 'self == oldSelf' }],
  ])('%j may have %j', (schema, rule) => {
    expect(problems({ type: 'object', properties: { p: withRule(schema, rule) } })).toEqual([]);
  });

  it.each<[JsonSchema, Rule, ...string[]]>([
    [
      { type: 'integer' },
      { rule: "self == 'a'" },
      `s.x-kubernetes-validations[0].rule: Invalid value: ${shown("self == 'a'")}: compilation failed: ERROR: <input>:1:6: found no matching overload for '_==_' applied to '(int, string)'\n | self == 'a'\n | .....^`,
    ],
    [
      { type: 'integer' },
      { rule: 'self + 1' },
      `s.x-kubernetes-validations[0].rule: Invalid value: ${shown('self + 1')}: cel expression must evaluate to a bool`,
    ],
    [
      { type: 'integer' },
      { rule: 'true', messageExpression: 'self' },
      `s.x-kubernetes-validations[0].messageExpression: Invalid value: ${shown('true', 'self')}: messageExpression must evaluate to a string`,
    ],
    [
      { type: 'integer' },
      { rule: 'true', messageExpression: 'x' },
      `s.x-kubernetes-validations[0].messageExpression: Invalid value: ${shown('true', 'x')}: messageExpression compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^`,
    ],
    [
      { type: 'integer' },
      { rule: 'self > 1', optionalOldSelf: true },
      's.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    ],
  ])('%j may not have %j', (schema, rule, ...messages) => {
    // At the root it would be a resource.
    expect(problems(withRule(schema, rule))).toEqual(messages);
  });

  it('may not look back where nothing is known again', () => {
    const schema: JsonSchema = {
      type: 'array',
      maxItems: 3,
      items: withRule({ type: 'string' }, { rule: 'self == oldSelf' }),
    };
    expect(problems({ type: 'object', properties: { p: schema } })).toEqual([
      's.properties[p].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[p]',
    ]);
  });

  it('need a type to speak of', () => {
    const schema = withRule(
      { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
      { rule: 'true' },
    );
    expect(problems({ type: 'object', properties: { p: schema } })).toEqual([
      's.properties[p].x-kubernetes-validations: Internal error: internal error: failed to retrieve type information for x-kubernetes-validations',
    ]);
  });

  const costs = (what: string): string =>
    `Forbidden: ${what} exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;

  it('may not cost too much', () => {
    const list: JsonSchema = { type: 'array', items: { type: 'string' } };
    const rule = "self.all(x, x.contains('gpu'))";
    const under = (schema: JsonSchema): readonly string[] => problems({ type: 'object', properties: { p: schema } });
    expect(under(withRule(list, { rule }))).toEqual([
      `s.properties[p].x-kubernetes-validations[0].rule: ${costs('estimated rule cost')}`,
    ]);
    expect(under(withRule({ ...list, maxItems: 100, items: { type: 'string', maxLength: 100 } }, { rule }))).toEqual(
      [],
    );
    // What a number is as a text has no bound that anybody has told.
    expect(
      under(withRule({ type: 'integer' }, { rule: 'self > 0', messageExpression: "'is ' + string(self)" })),
    ).toEqual([
      `s.properties[p].x-kubernetes-validations[0].messageExpression: ${costs('estimated messageExpression cost')}`,
    ]);
  });

  it('may run as often as the lists and maps around them are long', () => {
    const text = withRule({ type: 'string', maxLength: 1000 }, { rule: "self.startsWith('a') && self.size() > 1" });
    const list = (items: JsonSchema, maxItems?: number): JsonSchema => ({
      type: 'object',
      properties: { p: { type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) } },
    });
    expect(problems(list(text, 10))).toEqual([]);
    const nested: JsonSchema = { type: 'array', maxItems: 5000, items: text };
    expect(problems(list(nested, 5000))).toEqual([
      's.properties[p].items.items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 12.5x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ]);
  });
});
