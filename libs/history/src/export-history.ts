import { createHash } from 'node:crypto';
import { revisionOf, splitLine } from './entry-lines';
import { HistoryError } from './history-error';
import { type Floor, type HistorySource, type LogPosition, prefixOf } from './history-source';
import { mergeByRevision } from './merge-by-revision';
import type { ResourceInfo } from './resource-names';

/** The second ends with its checksum; the first, which is still read, had none. */
export const exportFormats = ['reckon-export/v1', 'reckon-export/v2'] as const;
export const exportFormat = 'reckon-export/v2';

/** The first line of an export. */
export interface ExportHeader {
  readonly format: (typeof exportFormats)[number];
  /** Id of the log: the cluster id. */
  readonly id: string;
  /** Revision of the last entry. */
  readonly head: number;
  readonly floors: readonly Floor[];
}

const newline = Buffer.from('\n');

/**
 * A whole history as lines, each with its newline: the header, then every entry that is kept, in order, and where compaction has
 * removed some `{"removed":[first,last]}`, so that a line that gets lost is missed; last `{"sha256":…}`, over all bytes before it. An
 * export that was given up has no such line.
 */
export async function* exportHistory(source: HistorySource): AsyncGenerator<Buffer> {
  const sum = createHash('sha256');
  for await (const line of unsealed(source)) {
    sum.update(line);
    yield line;
  }
  yield Buffer.from(`${JSON.stringify({ sha256: sum.digest('hex') })}\n`);
}

/**
 * What is being compacted (it has a floor) is read first and held in memory: a compaction in the middle of a long export would
 * otherwise tear the history of an object. Those are the few resources with a short history.
 */
async function* unsealed(source: HistorySource): AsyncGenerator<Buffer> {
  const start = await source.position();
  const { head } = start;
  const resources = await source.resources();
  const compacted = await readCompacted(source, resources, start);
  const header: ExportHeader = { format: exportFormat, id: start.id, head, floors: compacted.floors };
  yield Buffer.from(`${JSON.stringify(header)}\n`);

  const isCompacted = new Set(compacted.floors.map(({ prefix }) => prefix));
  const others = async function* (): AsyncGenerator<Line> {
    for await (const line of source.lines({ to: head })) {
      const read = { revision: revisionOf(line) ?? 0, line };
      if (!isCompacted.has(prefixOf(splitLine(line).entry))) yield read;
    }
  };
  let last = 0;
  for await (const { revision, line } of mergeByRevision([others(), iterate(compacted.lines)])) {
    if (revision > last + 1) yield Buffer.from(`{"removed":[${last + 1},${revision - 1}]}\n`);
    yield Buffer.concat([line, newline]);
    last = revision;
  }
  const { floors } = await source.position();
  const torn = floors.find(({ prefix }) => !isCompacted.has(prefix));
  if (torn !== undefined || last !== head)
    throw new HistoryError(
      'Compacted',
      `the history of ${torn?.prefix ?? 'the newest entry'} was compacted while it was exported`,
      'Export it again.',
    );
}

interface Line {
  readonly revision: number;
  readonly line: Buffer;
}

interface Compacted {
  readonly floors: readonly Floor[];
  /** In order of revision. */
  readonly lines: readonly Line[];
}

const attempts = 5;

/** Everything that is kept of what has a floor, all of it between two compactions. */
async function readCompacted(
  source: HistorySource,
  resources: readonly ResourceInfo[],
  { head, ...start }: LogPosition,
): Promise<Compacted> {
  let { floors } = start;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lines: Line[] = [];
    for (const { prefix } of floors) {
      const [resource, ...others] = resources.filter((r) => prefixOf(r) === prefix);
      if (resource === undefined)
        throw new HistoryError(
          'Refused',
          `${prefix} has a floor, but nothing serves it`,
          'Export the data directory with --data-dir.',
        );
      // Asked for by one of several versions, objects would come in that one: of everything they come as they are stored.
      const scope = others.length > 0 ? {} : { scope: { resource, namespace: '', name: '' } };
      for await (const line of source.lines({ ...scope, to: head }))
        if (prefixOf(splitLine(line).entry) === prefix) lines.push({ revision: revisionOf(line) ?? 0, line });
    }
    const after = (await source.position()).floors;
    if (JSON.stringify(after) === JSON.stringify(floors))
      return { floors, lines: lines.sort((a, b) => a.revision - b.revision) };
    floors = after;
  }
  throw new HistoryError(
    'Compacted',
    'the history is compacted faster than it can be read',
    'Stop the cluster and export its data directory with --data-dir.',
  );
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
