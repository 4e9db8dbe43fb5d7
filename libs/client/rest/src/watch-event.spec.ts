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

  it('has null for the member that is not to be read, wherever it stands, and not for one of the same name elsewhere', () => {
    const object = {
      kind: 'x',
      metadata: { annotations: { managedFields: ']"' }, managedFields: [{ f: { ']': '"' } }], 'é"': 'ü' },
      managedFields: [1],
      spec: { metadata: { managedFields: [2] } },
    };
    const path = ['metadata', 'managedFields'];
    const whole = JSON.stringify({ type: 'ADDED', object });
    const expected = { ...object, metadata: { ...object.metadata, managedFields: null } };
    expect(watchEventOf(Buffer.from(whole), JSON.parse, path)).toEqual({ type: 'ADDED', object: expected });
    for (const without of ['{"a":1}', '{"metadata":{}}', '{"metadata":1}', '[]', '{}']) {
      const line = `{"type":"ADDED","object":${without}}`;
      expect(watchEventOf(Buffer.from(line), JSON.parse, path)).toEqual(JSON.parse(line));
    }
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
