import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '@reckon/kernel';
import { type Condition, findCondition, isConditionTrue, withCondition } from './condition';
import { deepCopy } from './deep-copy';
import { semanticEqual } from './deep-equal';
import { generateName } from './generate-name';
import { parseIntOrString, percentValue, scaledIntOrPercent } from './int-or-string';
import { controllerOf, isControlledBy, newControllerReference } from './owner-reference';

describe('semanticEqual', () => {
  it.each([
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, true],
    [{ a: null }, {}, true],
    [{ a: [] }, {}, true],
    [{ labels: {} }, {}, true],
    [{}, { metadata: null, nodeSelector: {} }, true],
    [{ emptyDir: {} }, {}, false],
    [{ podSelector: {} }, {}, false],
    [{ a: 0 }, {}, false],
    [{ a: '' }, {}, false],
    [[1, 2], [2, 1], false],
    [[{}], [], false],
    [[], {}, false],
    [1, '1', false],
    [undefined, null, true],
    [{ constructor: 1 }, {}, false],
    [{}, { toString: 1 }, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(semanticEqual(a, b)).toBe(expected);
    expect(semanticEqual(b, a)).toBe(expected);
  });

  it('finds a copy equal and shares nothing with it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = deepCopy(value);
        expect(semanticEqual(copy, value)).toBe(true);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('copies __proto__ as an ordinary key', () => {
    const copy = deepCopy(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect(copy['polluted']).toBeUndefined();
  });
});

describe('generateName', () => {
  it('cuts the base to 58 and adds five characters', () => {
    const random = seededRandom(1);
    for (let i = 0; i < 100; i++)
      expect(generateName('web-', random)).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(generateName('a'.repeat(100), random)).toMatch(/^a{58}.{5}$/);
  });
});

describe('scaledIntOrPercent', () => {
  it.each([
    [3, 10, 'up', 3],
    ['25%', 10, 'up', 3],
    ['25%', 10, 'down', 2],
    ['100%', 7, 'down', 7],
    ['0%', 7, 'up', 0],
  ] as const)('%s of %d rounded %s is %d', (value, total, rounding, expected) => {
    expect(scaledIntOrPercent(value, total, rounding)).toBe(expected);
  });

  it('refuses other text', () => {
    expect(() => scaledIntOrPercent('5', 1, 'up')).toThrow(
      'invalid value for IntOrString: invalid type: string is not a percentage',
    );
    expect(() => scaledIntOrPercent('x%', 1, 'up')).toThrow(
      'invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax',
    );
  });

  it('reads text', () => {
    expect(parseIntOrString('80')).toBe(80);
    expect(parseIntOrString('http')).toBe('http');
    expect(parseIntOrString('99999999999')).toBe('99999999999');
    expect(percentValue('12%')).toBe(12);
    expect(percentValue(12)).toBeUndefined();
  });
});

describe('owners and conditions', () => {
  it('finds the controller by uid', () => {
    const owner = { metadata: { name: 'r', uid: 'u' } };
    const reference = newControllerReference(owner, { apiVersion: 'apps/v1', kind: 'ReplicaSet' });
    const pod = { metadata: { ownerReferences: [{ ...reference, controller: false, uid: 'x' }, reference] } };
    expect(controllerOf(pod)).toEqual(reference);
    expect(isControlledBy(pod, owner)).toBe(true);
    expect(isControlledBy(pod, { metadata: { name: 'r', uid: 'other' } })).toBe(false);
    expect(isControlledBy({ metadata: {} }, { metadata: {} })).toBe(false);
  });

  it('moves the transition time only when the status changes', () => {
    const first = withCondition<Condition>([], { type: 'Ready', status: 'False' }, 't1');
    expect(first).toEqual([{ type: 'Ready', status: 'False', lastTransitionTime: 't1' }]);
    expect(withCondition(first, { type: 'Ready', status: 'False' }, 't2')).toBe(first);
    expect(withCondition(first, { type: 'Ready', status: 'False', reason: 'r' }, 't2')[0]?.lastTransitionTime).toBe(
      't1',
    );
    const ready = withCondition(first, { type: 'Ready', status: 'True' }, 't3');
    expect(ready[0]?.lastTransitionTime).toBe('t3');
    expect(isConditionTrue(ready, 'Ready')).toBe(true);
    expect(findCondition(null, 'Ready')).toBeUndefined();
  });
});
