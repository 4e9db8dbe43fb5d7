import { describe, expect, it } from 'vitest';
import { negotiate, parseAccept, parseMediaType } from './media-type';

const offers = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const table = { group: 'meta.k8s.io', version: 'v1', kind: 'Table' };
const allowsTable = { allows: (w: typeof table): boolean => w.kind === 'Table' && w.version === 'v1' };

describe('negotiate', () => {
  it.each([
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/yaml', 'application/yaml'],
    ['application/vnd.kubernetes.protobuf, application/json', 'application/vnd.kubernetes.protobuf'],
    ['application/json;q=0.5,application/yaml', 'application/yaml'],
    // The order of two that differ in both depends on how they came.
    ['*/*, application/yaml;q=0.5', 'application/yaml'],
    ['application/yaml;q=0.5, */*', 'application/json'],
    ['*/*;q=0.8, application/yaml;q=0.8', 'application/yaml'],
    ['text/html, */*;q=0.1', 'application/json'],
    ['Application/JSON', undefined],
    ['*/json', undefined],
    ['application/json/', 'application/json'],
    ['application/', undefined],
    ['application/xml', undefined],
    ['text/html', undefined],
    ['application/json;q=0', 'application/json'],
    ['application/json;q=x, application/yaml;q=0.1', 'application/yaml'],
    ['garbage', undefined],
  ])('answers %j with %s', (header, mediaType) => {
    expect(negotiate(header, offers)?.mediaType).toBe(mediaType);
  });

  it('reads names with an @, which only Accept headers may have', () => {
    const type = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    expect(parseAccept(`${type}, application/json`).map((range) => range.subtype)).toEqual([
      'com.github.proto-openapi.spec.v2@v1.0+protobuf',
      'json',
    ]);
    expect(parseMediaType(type)).toBeUndefined();
  });

  it('converts where the endpoint can, else goes on', () => {
    const kubectl = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect(negotiate(kubectl, offers, allowsTable)?.as).toEqual(table);
    expect(negotiate(kubectl, offers)).toEqual({
      mediaType: 'application/json',
      as: undefined,
      stream: '',
      isPretty: false,
    });
    expect(negotiate('application/json;as=Table;v=v9;g=meta.k8s.io', offers, allowsTable)).toBeUndefined();
  });

  it('can have a type for converted forms only', () => {
    const rules = { ...allowsTable, allowsPlain: (type: string) => type !== 'application/vnd.kubernetes.protobuf' };
    const protobuf = 'application/vnd.kubernetes.protobuf';
    expect(negotiate(`${protobuf},application/json`, offers, rules)?.mediaType).toBe('application/json');
    expect(negotiate(protobuf, offers, rules)).toBeUndefined();
    expect(negotiate(`${protobuf};as=Table;v=v1;g=meta.k8s.io`, offers, rules)?.mediaType).toBe(protobuf);
  });

  it('knows the stream of a watch', () => {
    expect(negotiate('application/json;stream=watch', offers)?.stream).toBe('watch');
    expect(negotiate('application/json;stream=other', offers)).toBeUndefined();
    expect(negotiate('application/json;pretty=1', offers)?.isPretty).toBe(true);
  });
});

describe('parsing', () => {
  it('reads a content type', () => {
    expect(parseMediaType('Application/JSON; Charset="utf-8;x"')).toEqual({
      type: 'application',
      subtype: 'json',
      parameters: new Map([['charset', 'utf-8;x']]),
    });
    for (const bad of ['', 'json', 'a/b/c', 'a/b;c', 'a b/c', 'a/b;c=1;c=2'])
      expect(parseMediaType(bad)).toBeUndefined();
  });

  it('puts what is exact before what is not, whatever its quality', () => {
    const header = '*/*, a/*;q=0.9, b/c;q=0.9, d/e;q=0.95, f/*, g/h';
    expect(parseAccept(header).map((r) => `${r.type}/${r.subtype}`)).toEqual([
      'g/h',
      'f/*',
      'd/e',
      'b/c',
      'a/*',
      '*/*',
    ]);
  });
});
