import { reasonOf, statusErrors } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { watchEventOf } from './watch-event';

const read = (text: string, parse?: (text: string) => unknown): unknown => watchEventOf(Buffer.from(text), parse);

describe('an event of a watch', () => {
  it.each([
    '{"type":"ADDED","object":{"metadata":{"name":"ä","labels":{}}}}',
    '{"type":"BOOKMARK","object":{}}',
    '{ "type": "MODIFIED", "object": { "a": "}" } }',
    '{"object":{"a":1},"type":"DELETED"}',
    '{"type":"DELETED","object":{"a":1} }',
    '{"type":"ADDED","object":{"a":1},"more":{}}',
    '{"type":"ADDED","more":1,"object":{}}',
  ])('is read as it is written: %s', (line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: unknown };
    expect(read(line)).toMatchObject({ type, object });
  });

  it('gives the text of its object to the one that parses it', () => {
    const texts: string[] = [];
    const parse = (text: string): unknown => texts.push(text);
    expect(read('{"type":"ADDED","object":{"a":{"b":1}}}', parse)).toEqual({ type: 'ADDED', object: 1 });
    expect(texts).toEqual(['{"a":{"b":1}}']);
  });

  it('is thrown when it is an error', () => {
    const { status } = statusErrors.expired('too old');
    const line = JSON.stringify({ type: 'ERROR', object: status });
    let thrown: unknown;
    try {
      read(line);
    } catch (error) {
      thrown = error;
    }
    expect(reasonOf(thrown)).toBe('Expired');
    expect(() => read('{"type":"ERROR","object":{}}')).toThrow('not a Status');
  });
});
