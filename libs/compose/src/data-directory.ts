import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { OptionError } from './option-error';

/** Where everything of one cluster is. */
export interface DataDirectory {
  readonly folder: string;
  readonly log: string;
  /** Tells that the log was born here: written right after that, with its id. */
  readonly birthMark: string;
  readonly pki: string;
  readonly kubeconfig: string;
  /** Kubeconfigs of the agents that run in processes of their own. */
  readonly agents: string;
  /** The unix socket of the embedded agents. */
  readonly socket: string;
}

/** Node cuts a longer socket path silently. */
const longestSocketPath = 100;

/** The layout of a data directory; nothing is made. Throws an `OptionError` for no name. */
export function dataDirectory(folder: string): DataDirectory {
  // The folder that a script forgot to name would be the one that it happens to be in.
  if (folder === '') throw new OptionError('--data-dir names no folder', 'name one, "." for the folder that this is');
  const absolute = resolve(folder);
  const socket = join(absolute, 'agents.sock');
  return {
    folder: absolute,
    log: join(absolute, 'log.db'),
    birthMark: join(absolute, 'log.born'),
    pki: join(absolute, 'pki'),
    kubeconfig: join(absolute, 'kubeconfig'),
    agents: join(absolute, 'agents'),
    socket:
      Buffer.byteLength(socket) <= longestSocketPath
        ? socket
        : join(tmpdir(), `reckon-${hashOf(absolute)}`, 'agents.sock'),
  };
}

/**
 * Makes the folders, for this user only. One that holds something already may be there for others too (`.`, a home, `/tmp`): it stays
 * as open as it is, since all that is put into it is private by itself. Throws an `OptionError` where that cannot be.
 */
export function makeDataDirectory(directory: DataDirectory): void {
  for (const folder of new Set([directory.folder, directory.pki, dirname(directory.socket)]))
    try {
      makeFolder(folder);
      if (folder !== directory.folder || readdirSync(folder).length === 0) chmodSync(folder, 0o700);
    } catch (cause) {
      throw new OptionError(
        `--data-dir: ${folder} cannot be made a folder of this user: ${cause instanceof Error ? cause.message : ''}`,
        'name a folder that this user may make or write',
        { cause },
      );
    }
}

/** Not `recursive`: where a file system refuses every folder with ENOENT, as /proc does, that of Node 20 never returns. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * True if a log was made here, whether it is still there or not. Keys tell nothing: they may have been put there for a first start. The
 * kubeconfig is the last that a first start makes, and all that one left that knew no mark.
 */
export function hadLog({ birthMark, kubeconfig }: DataDirectory): boolean {
  return existsSync(birthMark) || existsSync(kubeconfig);
}

/** Once the log is there, and before anybody is told of anything in it. */
export function markBirth({ birthMark }: DataDirectory, id: string): void {
  if (!existsSync(birthMark)) writeFileSync(birthMark, `${id}\n`, { mode: 0o600, flush: true });
}

/** Takes away what `makeDataDirectory` made elsewhere: the folder of a socket whose path would have been too long. */
export function removeSocketFolder(directory: DataDirectory): void {
  const folder = dirname(directory.socket);
  if (folder !== directory.folder) rmSync(folder, { recursive: true, force: true });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
