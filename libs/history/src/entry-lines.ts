import type { KubeObject } from '@reckon/api/machinery';
import type { HistoryEntry } from './history-entry';

/** Where the object begins in a line. Nothing before it can hold this text: a quote inside a string has a backslash before it. */
const objectMark = Buffer.from(',"object":');

/** A line of a history taken apart: everything but the object, and the object's bytes as they are. */
export interface EntryLine {
  readonly entry: Omit<HistoryEntry, 'object'>;
  readonly object: Buffer;
}

/** Throws `SyntaxError` for what is no line of a history. What the fields hold is not looked at. */
export function splitLine(line: Buffer): EntryLine {
  const mark = line.indexOf(objectMark);
  const end = line.lastIndexOf('}');
  if (mark === -1 || end <= mark) throw new SyntaxError('no object in it');
  const entry = JSON.parse(`${line.toString('utf8', 0, mark)}}`) as EntryLine['entry'];
  return { entry, object: line.subarray(mark + objectMark.length, end) };
}

/** What a line begins with; undefined for one that is no entry. */
export function revisionOf(line: Buffer): number | undefined {
  const match = /^\{"revision":(\d{1,16}),/.exec(line.toString('latin1', 0, 32));
  // One that is cut off has no end.
  return match === null || line.at(-1) !== 0x7d ? undefined : Number(match[1]);
}

export async function* parsedEntries(lines: AsyncIterable<Buffer>): AsyncGenerator<HistoryEntry> {
  for await (const line of lines) {
    const { entry, object } = splitLine(line);
    yield { ...entry, object: JSON.parse(object.toString('utf8')) as KubeObject };
  }
}
