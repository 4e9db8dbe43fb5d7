import { isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import * as z from 'zod';
import { type ExportHeader, exportFormat, exportFormats } from './export-history';
import { exportLines, type NumberedLine } from './export-lines';
import type { HistoryEntry } from './history-entry';
import { notAnExport } from './not-an-export';

const revision = z.number().int().positive();

const headerSchema = z.strictObject({
  format: z.enum(exportFormats),
  id: z.string().min(1).max(100),
  head: z.number().int().nonnegative(),
  floors: z.array(z.strictObject({ prefix: z.string().regex(/^\/[^/]+\/[^/]+\/$/), floor: revision })),
});

const removedSchema = z.strictObject({ removed: z.tuple([revision, revision]) });

const sealSchema = z.strictObject({ sha256: z.string() });

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

/** Reads the bytes of an export. What the lines hold together (revisions, chains) is for who writes them into a log. */
export async function parseExport(chunks: AsyncIterable<Buffer>): Promise<ParsedExport> {
  const iterator = exportLines(chunks);
  const first = await iterator.next();
  if (first.done === true) throw notAnExport(1, 'the file is empty');
  const { line } = first.value;
  const header = checked(headerSchema, parsed(line, 1), 1);
  demandOwnBytes(line, JSON.stringify(header), 1);
  return { header, lines: header.format === exportFormat ? sealed(iterator, line) : unsealed(iterator) };
}

type ParsedLine = ExportLine & { readonly number: number };

async function* unsealed(lines: AsyncIterable<NumberedLine>): AsyncGenerator<ParsedLine> {
  for await (const { line, number } of lines) yield { ...lineOf(line, number), number };
}

async function* sealed(lines: AsyncIterable<NumberedLine>, header: Buffer): AsyncGenerator<ParsedLine> {
  const sum = addLine(createHash('sha256'), header);
  let isWhole = false;
  let last = 1;
  for await (const { line, number } of lines) {
    if (isWhole) throw notAnExport(number, 'it follows the checksum, with which an export ends');
    last = number;
    if (startsWith(line, '{"sha256":')) {
      demandSum(line, sum.digest('hex'), number);
      isWhole = true;
      continue;
    }
    addLine(sum, line);
    yield { ...lineOf(line, number), number };
  }
  if (!isWhole) throw notAnExport(last, 'the file ends here, without its checksum: the rest is missing');
}

const addLine = (sum: Hash, line: Buffer): Hash => sum.update(line).update('\n');

function demandSum(line: Buffer, found: string, number: number): void {
  const { sha256 } = checked(sealSchema, parsed(line, number), number);
  if (sha256 !== found)
    throw notAnExport(number, `the lines before it were changed: their SHA-256 is ${found}, and was ${sha256}`);
  demandOwnBytes(line, JSON.stringify({ sha256 }), number);
}

const startsWith = (line: Buffer, text: string): boolean => line.toString('latin1', 0, text.length) === text;

/** Throws unless the bytes are those that an export has for the same. */
function demandOwnBytes(bytes: Buffer, own: string, number: number): void {
  if (!bytes.equals(Buffer.from(own)))
    throw notAnExport(
      number,
      'another program wrote it anew: its spaces, the order of its fields or its escapes differ',
    );
}

function lineOf(line: Buffer, number: number): ExportLine {
  // The whole line, so that nothing hides between the parts.
  const whole = parsed(line, number);
  if (isRecord(whole) && 'removed' in whole) {
    const { removed } = checked(removedSchema, whole, number);
    const [first, last] = removed;
    if (last < first) throw notAnExport(number, `removes from ${first} to ${last}`);
    demandOwnBytes(line, JSON.stringify({ removed }), number);
    return { kind: 'removed', first, last };
  }
  if (!isRecord(whole) || !('revision' in whole && 'object' in whole))
    throw notAnExport(number, 'it is no entry: one has a revision and an object');
  const fields = Object.entries(whole).filter(([name]) => name !== 'object');
  const entry = checked(entrySchema, Object.fromEntries(fields), number);
  const head = `${JSON.stringify(entry).slice(0, -1)},"object":`;
  const start = Buffer.byteLength(head);
  demandOwnBytes(line.subarray(0, start), head, number);
  demandOwnBytes(line.subarray(-1), '}', number);
  const object = line.subarray(start, -1);
  const { metadata } = checked(objectSchema, parsed(object, number), number);
  if (metadata.resourceVersion !== String(entry.revision))
    throw notAnExport(number, `its object is stamped ${metadata.resourceVersion}, not ${entry.revision}`);
  if (metadata.name !== entry.name || (metadata.namespace ?? '') !== entry.namespace)
    throw notAnExport(
      number,
      `its object is ${metadata.namespace ?? ''}/${metadata.name}, not ${entry.namespace}/${entry.name}`,
    );
  return { kind: 'entry', entry, object };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(line: Buffer, number: number): unknown {
  if (!isUtf8(line)) throw notAnExport(number, 'it is not UTF-8');
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
