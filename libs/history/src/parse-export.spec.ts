import { describe, expect, it } from 'vitest';
import { exportHistory } from './export-history';
import { HistoryError } from './history-error';
import { parseExport } from './parse-export';
import { ArrayHistory, collect, leases, pods } from './testing/array-history.suite';

/** The lines of an export, without their newlines: a header, eight with entries or holes, the checksum. */
async function exported(): Promise<string[]> {
  const history = new ArrayHistory();
  history.add(leases, 'l', 'create');
  for (let i = 0; i < 3; i++) {
    history.add(pods, `p${String(i)}`, 'create', { big: 'ä"\\' });
    history.add(leases, 'l', 'update', { i });
  }
  history.add(pods, 'last', 'create');
  history.compact(leases, 3);
  const lines = await collect(exportHistory(history));
  return lines.map((line) => line.toString('utf8').trimEnd());
}

/** As the first format had it: no checksum. */
const unsealed = ([header = '', ...lines]: readonly string[]): string[] => [
  header.replace('reckon-export/v2', 'reckon-export/v1'),
  ...lines.slice(0, -1),
];

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Which lines were read, or why one was not. */
async function parse(bytes: string | Buffer, chunkSize = 100): Promise<number | string> {
  const whole = Buffer.from(bytes);
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < whole.length; at += chunkSize) yield whole.subarray(at, at + chunkSize);
  };
  try {
    const { lines } = await parseExport(chunks());
    return (await collect(lines)).length;
  } catch (error) {
    if (error instanceof HistoryError && error.code === 'NotAnExport') return error.message;
    throw error;
  }
}

describe('an export that is read', () => {
  it('is whole, in chunks of any size, with its checksum or older than it', async () => {
    const lines = await exported();
    expect(lines).toHaveLength(10);
    for (const chunkSize of [1, 7, 100, 1e6]) {
      expect(await parse(textOf(lines), chunkSize)).toBe(8);
      expect(await parse(textOf(unsealed(lines)), chunkSize)).toBe(8);
    }
  });

  it('has not lost, doubled or moved a line', async () => {
    const lines = await exported();
    const refused: string[] = [];
    for (let i = 0; i < lines.length; i++)
      for (const changed of [
        lines.toSpliced(i, 1),
        lines.toSpliced(i, 0, lines[i]!),
        [...lines.slice(0, i), ...lines.slice(i, i + 2).reverse(), ...lines.slice(i + 2)],
      ])
        if (changed.join() !== lines.join()) refused.push(String(await parse(textOf(changed))));
    expect(refused).toHaveLength(10 + 10 + 9);
    expect(refused.filter((why) => !why.startsWith('line '))).toEqual([]);
  });

  it('has not one changed bit', async () => {
    const bytes = Buffer.from(textOf(await exported()));
    const taken: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      if (typeof (await parse(changed, 1e6)) === 'number') taken.push(at);
    }
    expect(taken).toEqual([]);
  });

  it('is refused wherever it ends too early', async () => {
    const bytes = Buffer.from(textOf(await exported()));
    const taken: number[] = [];
    for (let length = 0; length < bytes.length; length++)
      if (typeof (await parse(bytes.subarray(0, length), 1e6)) === 'number') taken.push(length);
    expect(taken).toEqual([]);
  });

  it.each<[string, (lines: string[]) => string, string]>([
    [
      'a changed value',
      (lines) => textOf(lines).replace('"name":"p0"', '"name":"p9"').replace('"name":"p0"', '"name":"p9"'),
      'line 10: the lines before it were changed: their SHA-256 is ',
    ],
    ['its checksum missing', (lines) => textOf(lines.slice(0, -1)), 'line 9: the file ends here, without its checksum'],
    ['lines after its checksum', (lines) => textOf([...lines, lines[8]!]), 'line 11: it follows the checksum'],
    [
      'an entry that another program wrote anew',
      (lines) => textOf(lines.with(4, JSON.stringify(JSON.parse(lines[4]!), null, 1).replaceAll('\n', ' '))),
      'line 5: another program wrote it anew: its spaces, the order of its fields or its escapes differ',
    ],
    [
      'the fields of an entry in another order',
      (lines) => textOf(lines.with(4, lines[4]!.replace(/("verb":"\w+"),("group":"")/, '$2,$1'))),
      'line 5: another program wrote it anew',
    ],
    ['a space after an entry', (lines) => textOf(lines.with(4, `${lines[4]!} `)), 'line 5: another program'],
    ['a line that is no entry', (lines) => textOf(lines.with(4, '{"a":1}')), 'line 5: it is no entry: one has a'],
    ['a line that is a number', (lines) => textOf(lines.with(4, '5')), 'line 5: it is no entry: one has a'],
    ['a byte order mark', (lines) => `\ufeff${textOf(lines)}`, 'line 1: it begins with a byte order mark'],
    ['the line ends of Windows', (lines) => textOf(lines).replaceAll('\n', '\r\n'), 'line 1: it ends with a carriage'],
    ['a blank line', (lines) => textOf(lines.toSpliced(4, 0, '')), 'line 5: it is empty'],
    ['a blank line at the end', (lines) => `${textOf(lines)}\n`, 'line 11: it is empty'],
    ['no last line end', (lines) => textOf(lines).slice(0, -1), 'line 10: it has no line end'],
  ])('is refused with %s', async (_, change, why) => {
    const lines = await exported();
    expect(await parse(change(lines))).toContain(why);
    // The same is said of an export from before checksums, where it can be seen.
    if (!why.includes('checksum') && !why.startsWith('line 1')) {
      const old = unsealed(lines);
      expect(await parse(change([...old, '']).replace(/\n$/, ''))).toContain(why);
    }
  });

  it('is refused where it is not text, and no byte of it reaches the terminal as it is', async () => {
    expect(await parse(Buffer.from([0x50, 0x4b, 0xff, 0xfe, 0x0a]))).toBe('line 1: it is not UTF-8');
    const escape = await parse(String.raw`{"\u001b[2J\u0007\u009b\u202e": 1}`.concat('\n'));
    expect(escape).toContain(String.raw`\x1b[2J\x07\x9b\u202e`);
    expect(escape).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(await parse('\u001b[31m\n')).toMatch(/^line 1: it is not JSON \(.*\\x1b\[31m/);
    expect(String(await parse(`${JSON.stringify({ ['x'.repeat(10_000)]: 1 })}\n`)).length).toBeLessThan(600);
  });

  it('is refused where a line is longer than any entry, without being read to its end', async () => {
    let given = 0;
    const chunks = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        given += 2 ** 22;
        yield Buffer.alloc(2 ** 22, 'x');
      }
    };
    await expect(parseExport(chunks())).rejects.toThrow('line 1: it is longer than 67108864 bytes');
    expect(given).toBeLessThan(2 ** 27);
  });
});
