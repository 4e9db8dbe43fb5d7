import { type ExportLine, notAnExport, parseExport } from '@reckon/history';
import { type CompactionPlan, keyText, type Revision, StorageError } from '@reckon/store/contract';
import { importLog, lockDataDirectory, type LogImport } from '@reckon/store/log';
import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, dataDirectory, makeDataDirectory, removeSocketFolder } from './data-directory';
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
  if (existsSync(directory.folder) && readdirSync(directory.folder).length > 0) throw notEmpty(directory);
  const { header, lines: rest } = await parseExport(chunks);
  const held = holdEmpty(directory);
  try {
    const unfinished = `${directory.log}.import`;
    const log = importLog({ file: unfinished, id: header.id, ...(encryption === undefined ? {} : { encryption }) });
    try {
      const counted = await fill(log, rest, header.head);
      log.finish(header.floors as readonly CompactionPlan[]);
      renameSync(unfinished, directory.log);
      held.keep();
      return { ...counted, folder: directory.folder };
    } finally {
      log.abandon();
    }
  } finally {
    held.release();
  }
}

interface HeldEmpty {
  /** What is in it now stays. */
  keep(): void;
  /** Gives it back; as it was before, unless it was kept. */
  release(): void;
}

/**
 * Makes a data directory and takes its lock. Only who has the lock can know that nothing is in it, and may take away what is: while
 * the first line of an export was waited for, another program may have made a cluster there.
 */
function holdEmpty(directory: DataDirectory): HeldEmpty {
  const { folder, pki } = directory;
  const existed = existsSync(folder);
  makeDataDirectory(directory);
  const lock = lockDataDirectory(folder);
  const others = readdirSync(folder).filter((name) => !isLock(name) && join(folder, name) !== pki);
  if (others.length > 0 || readdirSync(pki).length > 0) {
    lock.release();
    throw notEmpty(directory);
  }
  let isKept = false;
  return {
    keep() {
      isKept = true;
    },
    release() {
      removeSocketFolder(directory);
      // The lock goes last: until then nobody else puts anything here.
      if (!isKept)
        for (const name of readdirSync(folder).sort((a, b) => Number(isLock(a)) - Number(isLock(b))))
          rmSync(join(folder, name), { recursive: true, force: true });
      lock.release();
      if (!isKept && !existed) removeIfEmpty(folder);
    },
  };
}

const lockName = 'lock.db';
const isLock = (name: string): boolean => name.startsWith(lockName);

/** Not with what is in it: that would be of who has taken the folder since. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const notEmpty = ({ folder }: DataDirectory): StorageError =>
  new StorageError('LogUnusable', `${folder} is not empty`, {
    hint: 'An import makes a data directory of its own: name a new one with --data-dir.',
  });

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
