import { describe, expect, it } from 'vitest';
import { warningHeaders } from './warning-header';

const long = (length: number, of = 'x'): string => of.repeat(length);

describe('warning headers', () => {
  it('quote and drop what cannot be sent', () => {
    expect(warningHeaders(['say "a\\b"', '', 'two\nlines', '\u0085'])).toEqual(['299 - "say \\"a\\\\b\\""']);
    expect(warningHeaders(['é'])).toEqual([Buffer.from('299 - "é"').toString('latin1')]);
  });

  it.each<[string, readonly string[], readonly number[]]>([
    ['all fit', [long(4095), 'y'], [4095, 1]],
    ['one too many cuts all up to it', [long(3000), long(1000), long(97)], [256, 256, 97]],
    ['one that is long alone is cut', [long(5000)], [256]],
    [
      'the cut ones go on until they come to as much',
      Array.from({ length: 40 }, () => long(1000)),
      Array.from({ length: 16 }, () => 256),
    ],
    ['characters count, not halves', [long(2048, '😀'), long(2048, '😀')], [2048, 2048]],
    ['characters are cut whole', [long(4000, '😀'), long(100)], [256, 100]],
  ])('%s', (_, texts, lengths) => {
    const shown = warningHeaders(texts).map((header) => Buffer.from(header, 'latin1').toString().slice(7, -1));
    expect(shown.map((text) => Array.from(text).length)).toEqual(lengths);
  });
});
