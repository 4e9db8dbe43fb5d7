import { describe, expect, it } from 'vitest';
import { requestedSelectors, reviewedSelectors } from './selector-attributes';

const of = (query: string) => requestedSelectors(new URLSearchParams(query));

describe('the selectors of a request', () => {
  it('are those of its query', () => {
    expect(of('fieldSelector=spec.nodeName%3Da,status.phase!%3DFailed&labelSelector=app in (x)')).toEqual({
      fieldSelector: [
        { field: 'spec.nodeName', operator: '=', value: 'a' },
        { field: 'status.phase', operator: '!=', value: 'Failed' },
      ],
      labelSelector: [{ key: 'app', operator: 'in', values: ['x'] }],
    });
    expect(of('')).toEqual({ fieldSelector: undefined, labelSelector: undefined });
  });

  it('count as none when they cannot be read', () => {
    expect(of('fieldSelector=nonsense&labelSelector=a=b')).toMatchObject({
      fieldSelector: undefined,
      labelSelector: [{ key: 'a' }],
    });
    expect(of('labelSelector==')).toMatchObject({ labelSelector: undefined });
  });

  it('of which the first counts, as where they are applied', () => {
    expect(of('fieldSelector=a%3D1&fieldSelector=a%3D2').fieldSelector).toMatchObject([{ value: '1' }]);
  });
});

describe('the selectors of a review', () => {
  const review = (parts: object) => reviewedSelectors(parts).selectors;
  const problems = (parts: object) => reviewedSelectors(parts).problems;

  it('are given as text or as requirements', () => {
    const wanted = [{ field: 'spec.nodeName', operator: '=', value: 'a' }];
    expect(review({ fieldSelector: { rawSelector: 'spec.nodeName=a' } }).fieldSelector).toEqual(wanted);
    const requirements = [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }];
    expect(review({ fieldSelector: { requirements } }).fieldSelector).toEqual(wanted);
    expect(review({ labelSelector: { rawSelector: '!a' } }).labelSelector).toEqual([
      { key: 'a', operator: '!', values: [] },
    ]);
    const exists = [{ key: 'a', operator: 'Exists' }];
    expect(review({ labelSelector: { requirements: exists } }).labelSelector).toEqual([
      { key: 'a', operator: 'exists', values: [] },
    ]);
    expect(review({ verb: 'get' })).toEqual({});
    expect(reviewedSelectors(undefined)).toEqual({ selectors: {}, problems: [] });
  });

  it('lose what cannot be read, which asks for more', () => {
    const fields = [
      { key: 'a', operator: 'In', values: ['1', '2'] },
      { key: 'b', operator: 'Exists' },
      { key: 'c', operator: 'NotIn', values: ['3'] },
    ];
    expect(review({ fieldSelector: { requirements: fields } }).fieldSelector).toEqual([
      { field: 'c', operator: '!=', value: '3' },
    ]);
    const labels = [
      { key: 'a', operator: 'Is', values: ['1'] },
      { key: '-', operator: 'In', values: ['1'] },
    ];
    expect(review({ labelSelector: { requirements: labels } }).labelSelector).toBeUndefined();
    expect(review({ fieldSelector: { rawSelector: 'nonsense' } }).fieldSelector).toBeUndefined();
    expect(problems({ fieldSelector: { requirements: fields }, labelSelector: { requirements: labels } })).toEqual([
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
      'spec.resourceAttributes.labelSelector ignored due to parse error',
    ]);
    expect(problems({ fieldSelector: { rawSelector: 'nonsense' }, labelSelector: { rawSelector: 'a=b' } })).toEqual([
      'spec.resourceAttributes.fieldSelector ignored due to parse error',
    ]);
  });
});
