import { describe, expect, it } from 'vitest';
import { escapeFieldValue, parseFieldSelector, unescapeFieldValue } from './field-selector';
import { SelectorError } from './selector-error';

describe('parseFieldSelector', () => {
  it('reads conditions in sorted order', () => {
    const selector = parseFieldSelector('spec.nodeName!=b,metadata.name==a,,status.phase=Running');
    expect(selector.requirements).toEqual([
      { field: 'metadata.name', operator: '=', value: 'a' },
      { field: 'spec.nodeName', operator: '!=', value: 'b' },
      { field: 'status.phase', operator: '=', value: 'Running' },
    ]);
    expect(selector.toString()).toBe('metadata.name=a,spec.nodeName!=b,status.phase=Running');
    expect(selector.exactValue('metadata.name')).toBe('a');
    expect(selector.exactValue('spec.nodeName')).toBeUndefined();
  });

  it('matches absent fields as empty text', () => {
    expect(parseFieldSelector('spec.nodeName=').matches({})).toBe(true);
    expect(parseFieldSelector('spec.nodeName!=').matches({ 'spec.nodeName': 'n' })).toBe(true);
    expect(parseFieldSelector('constructor!=').matches({})).toBe(false);
    expect(parseFieldSelector('a=1,b=2').matches({ a: '1', b: '3' })).toBe(false);
    expect(parseFieldSelector('').empty).toBe(true);
  });

  it('honours escapes', () => {
    expect(parseFieldSelector('a=x\\,y\\=z\\\\').requirements[0]?.value).toBe('x,y=z\\');
    expect(parseFieldSelector('a=x\\,y').toString()).toBe('a=x\\,y');
    expect(unescapeFieldValue(escapeFieldValue('a,b=c\\'))).toBe('a,b=c\\');
  });

  it.each([
    ['nope', "invalid selector: 'nope'; can't understand 'nope'"],
    ['a=b,nope', "invalid selector: 'a=b,nope'; can't understand 'nope'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('refuses %j', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
  });

  it('takes a term of nothing for no condition', () => {
    for (const text of ['=', '!=', ',==,']) expect(parseFieldSelector(text).empty).toBe(true);
    expect(parseFieldSelector('=,a=b').toString()).toBe('a=b');
  });
});
