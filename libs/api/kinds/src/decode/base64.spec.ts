import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBase64 } from './base64';

describe('readBase64', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        const text = Buffer.from(data).toString('base64');
        expect(readBase64(text)).toEqual({ canonical: text });
        expect(readBase64(text.replace(/(.{5})/g, '$1\r\n'))).toEqual({ canonical: text });
      }),
    );
  });

  it.each([
    ['***', 0],
    ['aGk*', 3],
    ['aGk', 0],
    ['aGkaG', 4],
    ['a===', 1],
    ['aG=k', 2],
    ['aGk=x', 4],
    ['aG=', 3],
    ['=', 0],
  ])('finds the fault of %s at %i', (text, corruptAt) => {
    expect(readBase64(text)).toEqual({ corruptAt });
  });

  it('forgets bits that mean nothing', () => {
    expect(readBase64('aGl=')).toEqual({ canonical: 'aGk=' });
  });
});
