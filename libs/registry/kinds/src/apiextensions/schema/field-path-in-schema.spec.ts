import { describe, expect, it } from 'vitest';
import { fieldPathIn } from './field-path-in-schema';
import type { JsonSchema } from './json-schema';

const text: JsonSchema = { type: 'string' };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { a: text, "it's.b": text } },
    labels: { type: 'object', additionalProperties: text },
  },
};

describe('a path in a schema', () => {
  it.each<[string, string]>([
    ['.spec.a', '.spec.a'],
    [".spec['a']", '.spec.a'],
    [".spec['it\\'s.b']", ".spec.it's.b"],
    [".labels['x.y/z']", '.labels[x.y/z]'],
    ["['spec'].a", '.spec.a'],
  ])('%s leads to a text', (path, steps) => {
    expect(fieldPathIn(schema, path, { brackets: 'allowed' })).toMatchObject({ schema: text, text: steps });
  });

  it.each<[string, string]>([
    ['spec', 'expected [ or . but got: spec'],
    ['.spec.', 'unexpected end of JSON path'],
    ['.spec[', 'unexpected end of JSON path'],
    [".spec['a'", 'unexpected end of JSON path'],
    [".spec['a'x", 'expected ] but got x'],
    ['.spec[a]', 'expected single quoted string but got a'],
    [".spec['\\q']", 'invalid string literal: invalid escape char \\q'],
    [".spec['none']", 'does not refer to a valid field'],
    ['.spec.a.b', 'does not refer to a valid field'],
  ])('%s leads nowhere: %s', (path, problem) => {
    expect(fieldPathIn(schema, path, { brackets: 'allowed' })).toEqual({ problem });
  });
});
