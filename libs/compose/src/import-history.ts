import { type ExportLine, notAnExport, parseExport } from '@reckon/history';
import { type CompactionPlan, keyText, type Revision, StorageError } from '@reckon/store/contract';
import { importLog, lockDataDirectory, type LogImport } from '@reckon/store/log';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dataDirectory, makeDataDirectory, removeSocketFolder } from './data-directory';
import { readEncryption } from './encryption/read-encryption';
import { importedObjects } from './imported-objects';

export interface Imported {
  readonly entries: number;
  readonly head: number;
  readonly folder: string;
}

/**
 * Makes a data directory of the bytes of an export: the same log, with the same revisions. The log appears under its name only when all of it is
 * there and proved, so that an import that was cut short leaves nothing to start from. Throws `HistoryError` naming the first line
 * that no export has there, `LogUnusable` for a folder that holds something.
 */
export async function importHistory(
  folder: string,
  chunks: AsyncIterable<Buffer>,
  encryptionFile?: string,
): Promise<Imported> {
  const encryption = await readEncryption(encryptionFile);
  const directory = dataDirectory(folder);
  const existed = existsSync(directory.folder);
  if (existed && readdirSync(directory.folder).length > 0)
    throw new StorageError('LogUnusable', `${directory.folder} is not empty`, {
      hint: 'An import makes a data directory of its own: name a new one with --data-dir.',
    });
  const { header, lines: rest } = await parseExport(chunks);
  makeDataDirectory(directory);
  const lock = lockDataDirectory(directory.folder);
  const unfinished = `${directory.log}.import`;
  const log = importLog({ file: unfinished, id: header.id, ...(encryption === undefined ? {} : { encryption }) });
  let isDone = false;
  try {
    const counted = await fill(log, rest, header.head);
    log.finish(header.floors as readonly CompactionPlan[]);
    renameSync(unfinished, directory.log);
    isDone = true;
    return { ...counted, folder: directory.folder };
  } finally {
    log.abandon();
    lock.release();
    removeSocketFolder(directory);
    if (!isDone)
      for (const name of readdirSync(directory.folder))
        rmSync(`${directory.folder}/${name}`, { recursive: true, force: true });
    if (!isDone && !existed) rmSync(directory.folder, { recursive: true, force: true });
  }
}

async function fill(
  log: LogImport,
  lines: AsyncIterable<ExportLine & { readonly number: number }>,
  head: number,
): Promise<{ readonly entries: number; readonly head: number }> {
  let entries = 0;
  let last = 0;
  let number = 1;
  const objects = importedObjects();
  for await (const line of lines) {
    ({ number } = line);
    try {
      if (line.kind === 'removed') {
        log.skip(line.first as Revision, line.last as Revision);
        continue;
      }
      const { entry, object } = line;
      const problem = objects.problemOf(entry, object);
      if (problem !== undefined) throw notAnExport(number, problem);
      const { revision, previous, verb, actor, agent, manager, request } = entry;
      const who = { actor, agent, manager, request };
      log.add({
        revision: revision as Revision,
        key: keyText(entry),
        previous: previous as Revision,
        verb,
        object,
        at: Date.parse(entry.at),
        ...who,
      });
      last = revision;
      entries++;
    } catch (error) {
      if (error instanceof StorageError && error.code === 'Conflict') throw notAnExport(number, error.message, error);
      throw error;
    }
  }
  if (last !== head)
    throw notAnExport(number, `it ends at revision ${String(last)}, but goes to ${String(head)}: the rest is missing`);
  return { entries, head };
}
