import * as z from 'zod';
import { splitLine } from './entry-lines';
import { type ExportHeader, exportFormat } from './export-history';
import type { HistoryEntry } from './history-entry';
import { HistoryError } from './history-error';

const revision = z.number().int().positive();

const headerSchema = z.strictObject({
  format: z.literal(exportFormat),
  id: z.string().min(1).max(100),
  head: z.number().int().nonnegative(),
  floors: z.array(z.strictObject({ prefix: z.string().regex(/^\/[^/]+\/[^/]+\/$/), floor: revision })),
});

const removedSchema = z.strictObject({ removed: z.tuple([revision, revision]) });

const keyPart = z.string().regex(/^[^/]*$/);

const entrySchema = z.strictObject({
  revision,
  at: z.iso.datetime({ precision: 3 }),
  verb: z.enum(['create', 'update', 'delete']),
  group: keyPart,
  version: z.string(),
  resource: keyPart.min(1),
  namespace: keyPart,
  name: keyPart.min(1),
  previous: z.number().int().nonnegative(),
  actor: z.string(),
  agent: z.string(),
  manager: z.string(),
  request: z.string(),
});

const objectSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), resourceVersion: z.string() }),
});

export type ExportLine =
  | { readonly kind: 'entry'; readonly entry: Omit<HistoryEntry, 'object'>; readonly object: Buffer }
  | { readonly kind: 'removed'; readonly first: number; readonly last: number };

export interface ParsedExport {
  readonly header: ExportHeader;
  /** The rest, each with the number of its line. Throws `HistoryError` at the first that is no line of an export. */
  readonly lines: AsyncIterable<ExportLine & { readonly number: number }>;
}

/** Reads an export. What the lines hold together (revisions, chains) is for who writes them into a log. */
export async function parseExport(lines: AsyncIterable<Buffer>): Promise<ParsedExport> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw notAnExport(1, 'the file is empty');
  const header = checked(headerSchema, parsed(first.value, 1), 1);
  return { header, lines: rest(iterator) };
}

async function* rest(iterator: AsyncIterator<Buffer>): AsyncGenerator<ExportLine & { readonly number: number }> {
  for (let number = 2; ; number++) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield { ...lineOf(next.value, number), number };
  }
}

function lineOf(line: Buffer, number: number): ExportLine {
  if (line.toString('latin1', 0, 11) === '{"removed":') {
    const [first, last] = checked(removedSchema, parsed(line, number), number).removed;
    if (last < first) throw notAnExport(number, `removes from ${first} to ${last}`);
    return { kind: 'removed', first, last };
  }
  // The whole line, so that nothing hides between the parts.
  parsed(line, number);
  let split;
  try {
    split = splitLine(line);
  } catch (error) {
    throw notAnExport(number, 'it is no entry', error);
  }
  const entry = checked(entrySchema, split.entry, number);
  const { metadata } = checked(objectSchema, parsed(split.object, number), number);
  if (metadata.resourceVersion !== String(entry.revision))
    throw notAnExport(number, `its object is stamped ${metadata.resourceVersion}, not ${entry.revision}`);
  if (metadata.name !== entry.name || (metadata.namespace ?? '') !== entry.namespace)
    throw notAnExport(
      number,
      `its object is ${metadata.namespace ?? ''}/${metadata.name}, not ${entry.namespace}/${entry.name}`,
    );
  return { kind: 'entry', entry, object: split.object };
}

function parsed(line: Buffer, number: number): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (error) {
    throw notAnExport(number, `it is not JSON (${error instanceof Error ? error.message : ''})`, error);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, number: number): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`.replace(/^: /, ''));
  throw notAnExport(number, issues.join('; '));
}

/** What an import says of a line that it cannot take. */
export function notAnExport(line: number, why: string, cause?: unknown): HistoryError {
  return new HistoryError(
    'NotAnExport',
    `line ${line}: ${why}`,
    'Only what `reckon export` wrote can be imported, whole and unchanged. Nothing was imported.',
    cause === undefined ? {} : { cause },
  );
}
