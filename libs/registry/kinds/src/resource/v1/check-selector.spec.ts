import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import type { Errors } from '../../field-checks';
import { checkSelector } from './check-selector';

function problems(expression: string): readonly string[] {
  const errors: Errors = [];
  checkSelector(errors, fieldPath('e'), expression, 'new');
  return errors.map(String);
}

describe('the selector of a device', () => {
  it.each([
    "device.driver == 'a'",
    "device.attributes['d'].model == 'x'",
    "device.attributes['d'].healthy",
    "device.capacity['d'].memory.isGreaterThan(quantity('1Gi'))",
    "cel.bind(a, device.attributes['d'], a.x && a.y)",
    "device.attributes['d'].version.isGreaterThan(semver('1.0.0'))",
    'device.allowMultipleAllocations',
  ])('may be %s', (expression) => {
    expect(problems(expression)).toEqual([]);
  });

  it.each([
    [
      'noSuchVar',
      `e: Invalid value: "noSuchVar": compilation failed: ERROR: <input>:1:1: undeclared reference to 'noSuchVar' (in container '')\n | noSuchVar\n | ^`,
    ],
    ['device.driver', 'e: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string'],
    [
      "device.capacity['d']",
      'e: Invalid value: "device.capacity[\'d\']": must evaluate to bool or the unknown type, not map(string, kubernetes.Quantity)',
    ],
  ])('may not be %s', (expression, message) => {
    expect(problems(expression)).toEqual([message]);
  });

  it('may not be too much work', () => {
    const keys =
      'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a != b || c == d))))';
    expect(problems(keys)).toEqual(['e: Forbidden: too complex, exceeds cost limit']);
    expect(problems('device.attributes.all(a, device.attributes.all(b, a != b))')).toEqual([]);
  });
});
