import { describe, expect, it } from 'vitest';
import { stringifyObject } from '../json/stringify-object';
import { readYaml } from './read-yaml';

const read = async (text: string | Buffer): Promise<string> =>
  stringifyObject((await readYaml(Buffer.from(text))).value);
const refusal = (text: string | Buffer): Promise<string> =>
  read(text).then(
    (value) => `accepted: ${value}`,
    (error: unknown) => (error as Error).message,
  );

/** Each level refers to the one below it nine times. */
const laughs = (levels: number): string =>
  Array.from({ length: levels }, (_, i) => {
    const item = i === 0 ? 'x' : `*a${String(i - 1)}`;
    return `a${String(i)}: &a${String(i)} [${Array.from({ length: 9 }, () => item).join(',')}]\n`;
  }).join('');

describe('aliases', () => {
  it.each([
    ['stand for what bore the name last', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', '{"a":1,"b":1,"c":2,"d":2}'],
    [
      'keep what they meant where they stand',
      'a: &a {b: &x 1}\nc: &x 2\nd: *a\ne: *x\n',
      '{"a":{"b":1},"c":2,"d":{"b":1},"e":2}',
    ],
    ['may be keys', '? &a k\n: *a\n*a : v\n', '{"k":"v"}'],
    [
      'are many',
      `a: &a v\nb: [${'*a,'.repeat(5000)}]\n`,
      `{"a":"v","b":[${Array.from({ length: 5000 }, () => '"v"').join(',')}]}`,
    ],
  ])('%s', async (_, text, value) => {
    expect(await read(text)).toBe(value);
  });

  it.each([
    ['a: *b\n', "yaml: unknown anchor 'b' referenced"],
    ['b: *a\na: &a {c: 1}\n', "yaml: unknown anchor 'a' referenced"],
    ['a: &a\n  b: *a\n', "yaml: anchor 'a' value contains itself"],
    ['a: &a [*a]\n', "yaml: anchor 'a' value contains itself"],
    [laughs(9), 'yaml: document contains excessive aliasing'],
    [
      Array.from(
        { length: 40 },
        (_, i) =>
          `a${String(i)}: &a${String(i)} {l: ${i === 0 ? 'x, r: x' : `*a${String(i - 1)}, r: *a${String(i - 1)}`}}\n`,
      ).join(''),
      'yaml: document contains excessive aliasing',
    ],
  ])('%# are refused where they lead nowhere, to themselves or too far', async (text, message) => {
    expect(await refusal(text)).toBe(message);
  });
});

describe('merge keys', () => {
  it.each([
    [
      'win over keys before them, lose to keys after',
      'm: &m {a: 1, b: 1, c: 1}\nx: {a: 0, <<: *m, b: 2}\n',
      '{"a":1,"b":2,"c":1}',
    ],
    ['take several maps, of which the first wins', 'm: &m {a: 1}\nx: {<<: [*m, {a: 2, b: 2}]}\n', '{"a":1,"b":2}'],
    ['are plain text in quotes', 'x: {"<<": 1}\n', '{"<<":1}'],
  ])('%s', async (_, text, value) => {
    expect((JSON.parse(await read(text)) as { x: unknown }).x).toEqual(JSON.parse(value));
  });

  it('refuse what is no map', async () => {
    const message = 'yaml: map merge requires map or sequence of maps as the value';
    expect(await refusal('<<: 5\n')).toBe(message);
    expect(await refusal('a: &x null\n<<:\n- *x\nb: &x {}\n')).toBe(message);
  });
});

describe('values', () => {
  it.each([
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', '18446744073709552000'],
    ['0644', '420'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['-0o1_7', '-15'],
    ['1_000', '1000'],
    ['1:30', '"1:30"'],
    ['2026-01-02', '"2026-01-02"'],
    ['yes', 'true'],
    ['~', 'null'],
    ['!!str 1', '"1"'],
    ['!!float 1', '1'],
    ['!!binary aGVsbG8=', '"hello"'],
    ['!!set {a, b}', '{"a":null,"b":null}'],
    ['!!omap [a: 1]', '[{"a":1}]'],
    ['!other x', '"x"'],
    ['!!js/function "x"', '"x"'],
  ])('%s is %s', async (text, value) => {
    expect(await read(`v: ${text}\n`)).toBe(`{"v":${value}}`);
  });

  it.each([
    ['.inf', 'json: unsupported value: +Inf'],
    ['-.inf', 'json: unsupported value: -Inf'],
    ['.nan', 'json: unsupported value: NaN'],
    ["!!float 'error'", 'yaml: cannot decode !!str `error` as a !!float'],
    ['!!int foo', 'yaml: cannot decode !!str `foo` as a !!int'],
    ['!!binary ==', 'yaml: !!binary value contains invalid base64 data'],
    ['{~: 1}', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
    ['{[a, b]: 1}', 'yaml: invalid map key: []interface {}{"a", "b"}'],
    ['{{a: }: 1}', 'yaml: invalid map key: map[interface {}]interface {}{"a":interface {}(nil)}'],
  ])('%s is refused', async (text, message) => {
    expect(await refusal(`v: ${text}\n`)).toBe(message);
  });

  it('have keys of text: in order, inert', async () => {
    expect(await read('b: 1\ntrue: 2\n1.5: 3\n__proto__: {a: 1}\n')).toBe(
      '{"1.5":3,"__proto__":{"a":1},"b":1,"true":2}',
    );
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});

describe('a body', () => {
  it('ends with its first document', async () => {
    expect(await read('a: 1\n---\n{{{')).toBe('{"a":1}');
    expect(await read('---\n'.repeat(500_000))).toBe('null');
    expect(await read('')).toBe('null');
  });

  it('is UTF-8 or UTF-16', async () => {
    const text = 'a: Größe 日本\n';
    const value = '{"a":"Größe 日本"}';
    expect(await read(`\ufeff${text}`)).toBe(value);
    expect(await read(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe(value);
    expect(await read(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())).toBe(value);
    expect(await refusal(Buffer.from([0x61, 0x3a, 0x20, 0xff]))).toBe('yaml: invalid leading UTF-8 octet');
    expect(await refusal('a: \u0001\n')).toBe('yaml: control characters are not allowed');
  });

  it.each([
    ['lists', '['.repeat(1_000_000)],
    ['maps', `x: ${'{'.repeat(1_000_000)}`],
    ['maps that are closed', `${'{a: '.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['dashes', '- '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['lines', Array.from({ length: 1500 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ])('is refused where it nests too deep: %s', async (_, text) => {
    expect(await refusal(text)).toBe('yaml: exceeded max depth of 10000');
  });

  it.each([
    ['lists', `${'['.repeat(350)}${']'.repeat(350)}`],
    ['maps', `${'{a: '.repeat(190)}1${'}'.repeat(190)}`],
    ['lines', Array.from({ length: 190 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ])('may nest deep: %s', async (_, text) => {
    expect(await refusal(text)).toMatch(/^accepted: /);
  });

  it('tells where it is broken', async () => {
    expect(await refusal('a: 1\nb: c: d\n')).toBe('yaml: line 2: mapping values are not allowed in this context');
    expect(await refusal('a:\n\tb: 1\n')).toMatch(/^yaml: line 2: /);
    expect((await readYaml(Buffer.from('a: 1\n9: 2\n9: 4\na: 5\n'))).duplicates).toBe(
      'yaml: unmarshal errors:\n  line 3: key 9 already set in map\n  line 4: key "a" already set in map',
    );
  });

  it('that is long lets others have their turn', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    await read(`x: [${'1,'.repeat(20_000)}1]\n`);
    expect(turns).toBeGreaterThan(5);
  });
});
