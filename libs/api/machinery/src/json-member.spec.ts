import { describe, expect, it } from 'vitest';
import { memberSpan } from './json-member';

const at = (json: string, ...path: string[]): string | undefined => {
  const bytes = Buffer.from(json);
  const span = memberSpan(bytes, path);
  return span === undefined ? undefined : bytes.toString('utf8', span.start, span.end);
};

describe('memberSpan', () => {
  it.each([
    ['{"a":1}', ['a'], '1'],
    ['{"a":{"b":[1,{"c":2}],"c":"x"}}', ['a', 'c'], '"x"'],
    ['{"x":"\\"a\\":1","a":true}', ['a'], 'true'],
    ['{"x":{"a":1},"a":null,"b":2}', ['a'], 'null'],
    [' { "é\\\\" : [ ] , "a" : { "b" : -1.5e3 } } ', ['a', 'b'], '-1.5e3'],
    ['{"ab":1,"a":2}', ['a'], '2'],
    ['{}', ['a'], undefined],
    ['{"a":[]}', ['a', 'b'], undefined],
    ['{"a":{}}', ['a', 'b'], undefined],
    ['[]', ['a'], undefined],
    ['', ['a'], undefined],
  ])('finds %s at %j', (json, path, expected) => {
    expect(at(json, ...path)).toBe(expected);
  });
});
