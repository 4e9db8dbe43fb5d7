import { failure, StatusError } from '@reckon/api/machinery';
import { type Running, RunningSet } from '@reckon/kernel';
import { inNameOf, type LogFileReader, lockDataDirectory, openLogReader } from '@reckon/store/log';
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentBasics } from './agents/agent-basics';
import { modesAuthorization } from './authorizers';
import { type DataDirectory, dataDirectory } from './data-directory';
import { demandLog } from './demand-log';
import { encryptionChoice } from './encryption/follow-encryption';
import { fatalChannel } from './fatal-channel';
import { holdDirectory } from './held-directory';
import { createLogger } from './logger';
import type { ServerOptions } from './server-options';
import { startServerPlane } from './server-plane';
import { TimeSpent } from './time-spent';

export interface PastServerOptions {
  readonly dataDir: string;
  readonly encryptionProviderConfig?: string | undefined;
  /** Aborted: the start is given up, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface PastServer extends Running {
  /** Of an administrator; nobody else has a certificate that this server knows. */
  readonly kubeconfig: string;
  /** Newest revision of the log when it was copied: what this server writes itself comes after it. */
  readonly head: number;
}

/**
 * An apiserver on this machine alone, over a copy of the log of a data directory that nothing runs on. Every server writes what a
 * cluster must have, and certificates: they are the copy's, and go with it when it stops. Throws `LogUnusable` while another process
 * uses the directory.
 */
export async function startPastServer(options: PastServerOptions): Promise<PastServer> {
  const running = new RunningSet();
  try {
    const chosen = await encryptionChoice({ file: options.encryptionProviderConfig, isFollowed: false });
    const folder = temporaryFolder(running);
    const original = dataDirectory(options.dataDir);
    copyLog(original, dataDirectory(folder));
    const { directory } = running.add(holdDirectory(folder));
    const keys = chosen.encryption === undefined ? {} : { encryption: chosen.encryption.options };
    const opening = openLogReader({ file: directory.log, ...keys }).catch((error: unknown) => {
      throw inNameOf(original.log, directory.log, error);
    });
    const head = await headOf(await opening);
    const basics = agentBasics(createLogger('apiserver', 0));
    running.add(
      await startServerPlane({
        ...basics,
        directory,
        hadLog: true,
        copyOf: original.log,
        fatal: fatalChannel(),
        spent: new TimeSpent(basics.clock),
        options: { ...pastOptions, ...chosen, signal: options.signal },
      }),
    );
    return { kubeconfig: directory.kubeconfig, head, stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

const pastOptions: ServerOptions = {
  bindAddress: '127.0.0.1',
  port: 0,
  portFlag: '',
  hosts: [],
  hasSocket: false,
  serviceClusterIpRange: '10.96.0.0/12',
  serviceNodePortRange: { from: 30_000, to: 32_767 },
  anonymousAuth: false,
  authorization: modesAuthorization('RBAC'),
  // Nothing is compacted: all that is left of the past is to be seen.
  retention: { byPrefix: new Map(), othersMs: Infinity },
  verbosity: 0,
  // Where a kubelet of then was, another program may be now.
  kubelet: () => () => {
    throw new StatusError(
      failure({ reason: 'ServiceUnavailable', message: 'no kubelet runs: this cluster is read from a data directory' }),
    );
  },
};

function temporaryFolder(running: RunningSet): string {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-past-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  running.add({
    stop: () => {
      process.removeListener('exit', remove);
      remove();
      return Promise.resolve();
    },
  });
  return folder;
}

/** Under the lock, so that nobody writes meanwhile. What a killed process left beside the log belongs to it. */
function copyLog(from: DataDirectory, to: DataDirectory): void {
  demandLog(from);
  const lock = lockDataDirectory(from.folder);
  try {
    for (const end of ['', '-wal'])
      if (existsSync(from.log + end)) copyFileSync(from.log + end, to.log + end, constants.COPYFILE_FICLONE);
  } finally {
    lock.release();
  }
}

async function headOf(reader: LogFileReader): Promise<number> {
  try {
    return reader.head;
  } finally {
    await reader.close();
  }
}
