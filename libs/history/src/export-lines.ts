import { notAnExport } from './not-an-export';

/** Bytes of a line. Nothing that an API server stores comes near it: a file without line ends must not fill the memory. */
const longestLine = 64 * 2 ** 20;

const newline = 0x0a;
const carriageReturn = 0x0d;

export interface NumberedLine {
  /** Without its newline. */
  readonly line: Buffer;
  /** From 1. */
  readonly number: number;
}

/**
 * The lines of an export. Throws `HistoryError` for what `reckon export` does not write, whether or not a reader of JSON would mind:
 * a byte order mark, a carriage return at the end of a line, an empty line, a last line without its newline.
 */
export async function* exportLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<NumberedLine> {
  let pieces: Buffer[] = [];
  let length = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      const line = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
      pieces = [];
      length = 0;
      demandPlain(line, number);
      yield { line, number: number++ };
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw notAnExport(number, `it is longer than ${longestLine} bytes`);
  }
  if (pieces.length === 0) return;
  demandPlain(Buffer.concat(pieces), number);
  throw notAnExport(number, 'it has no line end: the rest is missing');
}

function demandPlain(line: Buffer, number: number): void {
  if (number === 1 && line.toString('latin1', 0, 3) === '\u00ef\u00bb\u00bf')
    throw notAnExport(number, 'it begins with a byte order mark: another program wrote it anew');
  if (line.length === 0) throw notAnExport(number, 'it is empty');
  if (line.at(-1) === carriageReturn)
    throw notAnExport(number, 'it ends with a carriage return: another program changed its line ends');
}
