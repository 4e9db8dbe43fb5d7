import { fieldPath } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { validateConditions } from './condition-checks';
import type { Errors } from './field-checks';

const good = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Fine', message: '' };

const refusals = (...conditions: Record<string, unknown>[]): string[] => {
  const errors: Errors = [];
  const all = conditions.map((condition) => ({ ...good, ...condition }));
  validateConditions(errors, fieldPath('status', 'conditions'), all);
  return errors.map(String);
};

describe('conditions', () => {
  it('are accepted when whole', () => {
    expect(refusals({}, { type: 'example.com/Other', reason: 'A:b_1' })).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ status: '' }, 'status: Unsupported value: "": supported values: "False", "True", "Unknown"'],
    [{ observedGeneration: -1 }, 'observedGeneration: Invalid value: -1: must be greater than or equal to zero'],
    [{ lastTransitionTime: null }, 'lastTransitionTime: Required value: must be set'],
    [{ reason: '' }, 'reason: Required value: must be set'],
    [
      { reason: 'no good' },
      "reason: Invalid value: \"no good\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    ],
    [{ reason: 'a'.repeat(1025) }, 'reason: Too long: may not be more than 1024 bytes'],
    [{ message: 'a'.repeat(32 * 1024 + 1) }, 'message: Too long: may not be more than 32768 bytes'],
  ])('with %j', (changes, message) => {
    expect(refusals(changes)).toEqual([`status.conditions[0].${message}`]);
  });

  it('have a type of their own', () => {
    expect(refusals({}, {})).toEqual(['status.conditions[1].type: Duplicate value: "Ready"']);
    expect(refusals({ type: 'a b' })).toHaveLength(1);
  });
});
