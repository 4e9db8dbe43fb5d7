import { describe, expect, it } from 'vitest';
import { logText } from './log-text';

const at = Date.UTC(2026, 0, 31, 12);
const told = (fields: object, isColoured = false): string =>
  logText(`${JSON.stringify({ level: 40, time: at, component: 'apiserver', ...fields })}\n`, { isColoured });
const head = '2026-01-31T12:00:00.000Z WARN  apiserver:';

describe('a line of the log for people', () => {
  it('has time, level, component, message and fields', () => {
    expect(told({ removed: 12, dryRun: false, floor: null, name: 'web-0', msg: 'history compacted' })).toBe(
      `${head} history compacted removed=12 dryRun=false floor=null name=web-0\n`,
    );
  });

  it.each([
    [20, 'DEBUG'],
    [30, 'INFO '],
    [50, 'ERROR'],
    [35, '35'],
  ])('says of level %d that it is %s', (level, name) => {
    expect(told({ level, msg: 'm' })).toBe(`2026-01-31T12:00:00.000Z ${name} apiserver: m\n`);
  });

  it.each([
    ['a value with spaces', { error: 'disk is full' }, 'error="disk is full"'],
    ['an empty one', { user: '' }, 'user=""'],
    ['one that looks like a field', { query: 'a=b' }, 'query="a=b"'],
    ['one with quotes', { text: 'say"so' }, 'text="say\\"so"'],
    ['nested objects as JSON', { key: { ns: 'a b', n: [1, { x: null }] } }, 'key={"ns":"a b","n":[1,{"x":null}]}'],
    ['a stack trace in one line', { error: 'Error: no\n    at f (x.ts:1)' }, 'error="Error: no\\n    at f (x.ts:1)"'],
    ['a name of a field that is odd', { 'a b': 1 }, '"a b"=1'],
    [
      'what is called as the members of objects are',
      JSON.parse('{"__proto__":1,"constructor":2}') as object,
      '__proto__=1 constructor=2',
    ],
  ])('quotes what needs it: %s', (_, fields, wanted) => {
    expect(
      logText(
        `{"level":40,"time":${String(at)},"component":"apiserver",${JSON.stringify(fields).slice(1, -1)},"msg":"m"}`,
        {
          isColoured: false,
        },
      ),
    ).toBe(`${head} m ${wanted}\n`);
  });

  it('is one line, and steers no terminal', () => {
    const line = told({ a: 'x\u001B[2Jy', b: '1\u2028 2', c: '\u007F\u0085', msg: 'first\nsecond\r' });
    expect(line).toBe(`${head} first\\nsecond\\u000d a=x\\u001b[2Jy b="1\\u2028 2" c=\\u007f\\u0085\n`);
  });

  it('is coloured for a terminal, and otherwise the same', () => {
    const line = told({ n: 1, msg: 'm' }, true);
    expect(line).toContain('\u001B[33mWARN \u001B[0m');
    expect(line.replace(/\u001B\[\d+m/g, '')).toBe(`${head} m n=1\n`);
  });
});
