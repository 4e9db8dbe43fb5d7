import { StatusError, isStatus, memberSpan } from '@reckon/api/machinery';

export interface WatchEventOf<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

const typeStart = Buffer.from('{"type":"');
const objectStart = Buffer.from('","object":');
const brace = 125;

/**
 * Reads a line of a watch; an ERROR event is thrown as its StatusError. `parse` is given the text of the object, where the line is
 * written as every known server writes it, so that a reader of several watches need not parse the same object twice; where `unread`
 * leads to a member, the text has null for it.
 */
export function watchEventOf<T>(
  line: Buffer,
  parse: (text: string) => unknown = JSON.parse,
  unread?: readonly string[],
): WatchEventOf<T> {
  const event =
    inParts(line, parse, unread) ?? (JSON.parse(line.toString('utf8')) as { type: string; object: unknown });
  if (event.type !== 'ERROR') return event as WatchEventOf<T>;
  if (isStatus(event.object)) throw new StatusError(event.object);
  throw new Error('a watch sent an ERROR event that is not a Status');
}

/** Of `{"type":"ADDED","object":{…}}`, written without spaces; undefined for any other form. */
function inParts(
  line: Buffer,
  parse: (text: string) => unknown,
  unread: readonly string[] | undefined,
): { type: string; object: unknown } | undefined {
  const end = line[line.length - 1] === brace ? line.length - 1 : -1;
  if (end === -1 || line.compare(typeStart, 0, typeStart.length, 0, typeStart.length) !== 0) return undefined;
  const typeEnd = line.indexOf(34, typeStart.length);
  const from = typeEnd + objectStart.length;
  if (typeEnd === -1 || from >= end) return undefined;
  if (line.compare(objectStart, 0, objectStart.length, typeEnd, from) !== 0) return undefined;
  const type = line.toString('latin1', typeStart.length, typeEnd);
  if (line[end - 1] !== brace || type === 'ERROR') return undefined;
  try {
    return { type, object: parse(textWithout(line.subarray(from, end), unread)) };
  } catch {
    // Not one object: more follows it, or the line is broken, which the caller finds out.
    return undefined;
  }
}

function textWithout(object: Buffer, unread: readonly string[] | undefined): string {
  const span = unread === undefined ? undefined : memberSpan(object, unread);
  if (span === undefined) return object.toString();
  return `${object.toString('utf8', 0, span.start)}null${object.toString('utf8', span.end)}`;
}
