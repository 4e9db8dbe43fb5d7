import { describe, expect, it } from 'vitest';
import type { FieldFacts } from './facts';
import { keptMergeFacts } from './merge-facts';

const list = (json: string, patchStrategy = '', patchMergeKey = ''): FieldFacts => ({
  go: json,
  json,
  type: { form: 'slice', of: { form: 'basic', name: 'string' } },
  omitempty: true,
  omitzero: false,
  inline: false,
  number: 1,
  patchStrategy,
  patchMergeKey,
});

describe('merge facts without a schema', () => {
  const said: string[] = [];
  const facts = keptMergeFacts(
    {
      structs: {
        'core/v1.A': ['ports []P o 6 list=map:port,protocol patch=merge key=port'],
        'core/v1.B': ['@atomic', '@union type a=A b=B', 'type string - 1'],
      },
    },
    new Map([['core/v1.A', [list('ports'), list('plain'), list('merged', 'merge', 'name'), list('set', 'merge')]]]),
    (text) => said.push(text),
  );

  it('are those of the table for the fields that it has', () => {
    expect(facts.extras('core/v1.A', 'ports')).toEqual(['list=map:port,protocol']);
    expect(facts.isAtomic('core/v1.B')).toBe(true);
    expect(facts.isAtomic('core/v1.A')).toBe(false);
    expect(facts.unions('core/v1.B')).toEqual(['@union type a=A b=B']);
    expect(facts.unions('core/v1.A')).toEqual([]);
    expect(said).toEqual([]);
  });

  it('follow the tags of a new list, and say so', () => {
    expect(facts.extras('core/v1.A', 'merged')).toEqual(['list=map:name']);
    expect(facts.extras('core/v1.A', 'set')).toEqual(['list=set']);
    expect(facts.extras('core/v1.A', 'plain')).toEqual([]);
    expect(said).toHaveLength(3);
    expect(said[0]).toContain('core/v1.A.merged is a new list, taken as list=map:name');
  });
});
