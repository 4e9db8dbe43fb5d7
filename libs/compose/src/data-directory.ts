import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where everything of one cluster is. */
export interface DataDirectory {
  readonly folder: string;
  readonly log: string;
  readonly pki: string;
  readonly kubeconfig: string;
  /** Kubeconfigs of the agents that run in processes of their own. */
  readonly agents: string;
  /** The unix socket of the embedded agents. */
  readonly socket: string;
}

/** Node cuts a longer socket path silently. */
const longestSocketPath = 100;

/** The layout of a data directory; nothing is made. */
export function dataDirectory(folder: string): DataDirectory {
  const absolute = resolve(folder);
  const socket = join(absolute, 'agents.sock');
  return {
    folder: absolute,
    log: join(absolute, 'log.db'),
    pki: join(absolute, 'pki'),
    kubeconfig: join(absolute, 'kubeconfig'),
    agents: join(absolute, 'agents'),
    socket:
      Buffer.byteLength(socket) <= longestSocketPath
        ? socket
        : join(tmpdir(), `reckon-${hashOf(absolute)}`, 'agents.sock'),
  };
}

/** Makes the folders, for this user only. */
export function makeDataDirectory(directory: DataDirectory): void {
  for (const folder of [directory.folder, directory.pki, dirname(directory.socket)]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
}

/** Takes away what `makeDataDirectory` made elsewhere: the folder of a socket whose path would have been too long. */
export function removeSocketFolder(directory: DataDirectory): void {
  const folder = dirname(directory.socket);
  if (folder !== directory.folder) rmSync(folder, { recursive: true, force: true });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
