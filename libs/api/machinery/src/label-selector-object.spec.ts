import { describe, expect, it } from 'vitest';
import { fieldPath } from './field-error';
import { formatLabelSelector, labelSelectorFromObject, validateLabelSelector } from './label-selector-object';

const errors = (...args: Parameters<typeof validateLabelSelector>): string[] =>
  validateLabelSelector(...args).map((e) => e.toString());

describe('labelSelectorFromObject', () => {
  it('matches nothing when absent and everything when empty', () => {
    expect(labelSelectorFromObject(undefined).matches({})).toBe(false);
    expect(labelSelectorFromObject(undefined).requirements).toBeUndefined();
    expect(labelSelectorFromObject({}).matches(undefined)).toBe(true);
  });

  it('joins labels and expressions', () => {
    const selector = labelSelectorFromObject({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'zone', operator: 'Exists' },
        { key: 'x', operator: 'NotIn', values: ['y'] },
      ],
    });
    expect(selector.toString()).toBe('app=web,!old,tier in (a,b),x notin (y),zone');
    expect(selector.matches({ app: 'web', tier: 'a', zone: 'z' })).toBe(true);
    expect(selector.matches({ app: 'web', tier: 'a', zone: 'z', old: '' })).toBe(false);
  });

  it('refuses an unknown operator', () => {
    expect(() => labelSelectorFromObject({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] })).toThrow(
      '"Gt" is not a valid label selector operator',
    );
  });

  it('prints what tables show', () => {
    expect(formatLabelSelector({})).toBe('<none>');
    expect(formatLabelSelector(null)).toBe('<none>');
    expect(formatLabelSelector({ matchLabels: { a: 'b' } })).toBe('a=b');
    expect(formatLabelSelector({ matchLabels: { a: 'b%' } })).toBe('<error>');
  });
});

describe('validateLabelSelector', () => {
  const path = fieldPath('spec', 'selector');

  it('says what each expression lacks', () => {
    const found = errors(
      {
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'b', operator: 'Exists', values: ['x'] },
          { key: 'c', operator: 'Nope' },
        ],
      },
      path,
    );
    expect(found).toEqual([
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Nope": not a valid selector operator',
    ]);
  });

  it('checks keys and values, unless old values are allowed', () => {
    const selector = { matchExpressions: [{ key: 'a b', operator: 'In', values: ['ok', 'b c'] }] };
    expect(errors(selector, path).map((e) => e.split(': ')[0])).toEqual([
      'spec.selector.matchExpressions[0].key',
      'spec.selector.matchExpressions[0].values[1]',
    ]);
    expect(errors(selector, path, { allowInvalidValues: true })).toHaveLength(1);
    expect(errors({ matchLabels: { 'x y': 'a b' } }, path)).toHaveLength(2);
    expect(errors(undefined, path)).toEqual([]);
  });
});
