import { describe, expect, it } from 'vitest';
import { compileCel } from '../evaluate/compile-cel';
import { schemaEnvironment } from '../scope/schema-environment';
import { type BoundedSchema, maxCardinality, sizedType } from './sized-type';

const schema: BoundedSchema = {
  type: 'object',
  required: ['text'],
  properties: {
    text: { type: 'string', maxLength: 10 },
    long: { type: 'string' },
    color: { type: 'string', enum: ['red', 'green'] },
    number: { type: 'integer' },
    when: { type: 'string', format: 'date-time' },
    texts: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 5 } },
    numbers: { type: 'array', items: { type: 'integer' } },
    map: { type: 'object', maxProperties: 4, additionalProperties: { type: 'integer' } },
    objects: {
      type: 'array',
      maxItems: 3,
      items: { type: 'object', properties: { a: { type: 'string', maxLength: 2 } } },
    },
  },
};

function estimate(expression: string): number {
  const environment = schemaEnvironment(schema, { isResource: false });
  const size = sizedType(schema, false);
  if (environment === undefined || size === undefined) throw new Error('the schema has a type');
  const { program, problem } = compileCel(expression, environment);
  if (program === undefined) throw new Error(problem);
  return program.estimateCost(() => size);
}

describe('what an expression may cost', () => {
  it.each<[string, number]>([
    ['true', 0],
    ['self.number > 1', 3],
    // Numbers take nothing to compare.
    ['self.number == 1', 2],
    ['has(self.text)', 1],
    // Ten characters can be forty bytes.
    ["self.text == 'abcdefghijklmnopqrst'", 2 + 2],
    ['self.text == self.text', 4 + 4],
    ["self.text.startsWith('abcdefghijk')", 2 + 2],
    ["self.text.contains('ab')", 2 + 4],
    ["self.text.matches('^[a-z]*$')", 2 + 5 * 2],
    ["self.color == 'green'", 2 + 1],
    ['self.when > timestamp("2026-01-01T00:00:00Z")', 2 + 1 + 1],
    ['self.texts.size() > 1', 4],
    ['type(self.when) == google.protobuf.Timestamp', 4],
    ['type(self.number) == int', 4],
    ['isQuantity(self.text)', 2 + 4],
    ['quantity(self.text) == quantity(self.text)', 6 + 6 + 1],
    ["ip(self.text) == ip('1.2.3.4')", 6 + 1 + 1],
    ['ip.isCanonical(self.text)', 2 + 8],
    ['self.texts.slice(0, 2).size() > 0', 2 + 13 + 2],
    ['self.numbers.slice(0, 2).sort().size() > 0', 2 + 13 + (4 * 2 + 11) + 2],
    ['lists.range(5).size() > 0', 16 + 2],
    ['self.texts.reverse().size() > 0', 2 + 21 + 2],
    ['self.texts.sortBy(t, t).size() > 0', 10 + 2 + 2 + 11 + 10 * 13 + (100 * 2.1 + 11) + 2],
    ["optional.of('a').optMap(v, v == 'value').hasValue()", 29],
    ['self.texts.all(x, x.size() > 1)', 2 + 1 + 10 * (3 + 3)],
    ['self.texts.exists(x, true)', 2 + 1 + 10 * 4],
    ['self.texts.exists_one(x, true)', 2 + 2 + 10 * 2],
    ["self.texts.filter(x, x == 'a').size() > 0", 2 + 11 + 10 * (1 + 1 + 13) + 2],
    ['self.texts.map(x, x + x).size() > 0', 2 + 11 + 10 * (12 + 2 + 4) + 2],
    ["self.texts.map(x, x).exists(y, y == 'abcdefghijklmnopqrstuvwxyz')", 2 + 11 + 10 * 13 + 1 + 10 * (4 + 1 + 2)],
    ['self.map.all(k, self.map[k] > 0)', 2 + 1 + 4 * (3 + 5)],
    ['self.map.all(k, v, v > 0)', 2 + 1 + 4 * (3 + 2)],
    ['self.objects.all(o, o.a.size() == 1)', 2 + 1 + 3 * (3 + 2 + 1 + 1)],
    ["'a' in self.texts", 2 + 10],
    ['true || self.number > 1', 3],
    ['true ? self.number : self.texts.size()', 3],
    ['[1, 2].all(x, x > 0)', 10 + 1 + 2 * (3 + 2)],
    ["self.text.replace('a', 'b') == ''", 2 + 8],
    ['self.texts.join() == self.text', 2 + 20 + 2 + 4],
    ['ip(self.text).family() == 4', 2 + 4 + 1 + 1],
  ])('%s', (expression, cost) => {
    expect(estimate(expression)).toBe(cost);
  });

  it('has no end without bounds', () => {
    expect(estimate('self.long + self.long == self.long')).toBeGreaterThan(600_000);
    expect(estimate('self.numbers.all(x, self.numbers.all(y, x == y))')).toBeGreaterThan(1e12);
    expect(estimate('string(self.number) + string(self.number) == self.long')).toBeGreaterThan(1e17);
  });

  it('counts how often a value can be in a request', () => {
    expect(sizedType(schema, false)?.minSerializedSize).toBe(2 + 4 + 2 + 4);
    expect(maxCardinality(1)).toBe(1_572_864);
    expect(sizedType({ type: 'array', items: { type: 'integer' } }, false)?.maxElements).toBe(1_572_863);
  });
});
