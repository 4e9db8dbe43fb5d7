import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { keepManagedFields } from './keep-managed-fields';

const good = { manager: 'm', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };

function after(before: object[] | undefined, changed: object[] | undefined): { fields: unknown; warnings: number } {
  const of = (managedFields: object[] | undefined): KubeObject => ({
    metadata: managedFields === undefined ? {} : { managedFields },
  });
  const object = of(changed);
  const warnings: string[] = [];
  keepManagedFields(of(before), object, { warn: (text) => void warnings.push(text) });
  return { fields: object.metadata.managedFields, warnings: warnings.length };
}

describe('managed fields that somebody changed from outside', () => {
  it('are taken if they can be read, or are gone', () => {
    expect(after([], [good])).toEqual({ fields: [good], warnings: 0 });
    expect(after([good], undefined)).toEqual({ fields: undefined, warnings: 0 });
  });

  it.each([
    ['operation', { ...good, operation: 'Own' }],
    ['form', { ...good, fieldsType: 'FieldsV2' }],
    ['fields', { ...good, fieldsV1: null }],
  ])('stay as they were with another %s, and the client is warned', (_, bad) => {
    expect(after([good], [bad])).toEqual({ fields: [good], warnings: 1 });
    expect(after(undefined, [good, bad])).toEqual({ fields: undefined, warnings: 1 });
  });
});
