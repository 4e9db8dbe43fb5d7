import { type Logger, type Running, systemTimers } from '@reckon/kernel';
import type { EncryptionOptions } from '@reckon/store/log';
import type { RelayOptions, RelayState } from '@reckon/store/relay';
import { accessSync, constants } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { OptionError } from './option-error';
import type { FromRelay, RelayData, ToRelay } from './relay-protocol';
import { threadLimits } from './thread-limits';
import { workerScript } from './worker-script';

export interface RelayThread extends Running {
  /**
   * The log has grown: call it after each commit. It costs a message to the thread, of which one at most is underway however slow the
   * thread is; a commit that nobody told of is seen at the next poll.
   */
  grown(): void;
  /** Encrypted entries are read with these keys from now on. */
  decrypt(encryption: EncryptionOptions): void;
  /** Prometheus text of the relay's metrics; empty while the thread is not there. */
  metrics(): Promise<string>;
  /** For `/debug/relay`; undefined while the thread is not there. */
  state(): Promise<RelayState | undefined>;
}

export interface RelayThreadOptions extends Omit<RelayData, 'isTold' | 'pollMs'> {
  /** A commit that nobody told of is seen after this long at most. Default: a second. */
  readonly pollMs?: number;
  readonly logger: Logger;
}

/** The relay gets this long to publish the rest and to close. */
const stopMs = 5_000;
/** A thread that ended by itself is started again after this long, and twice as long after each further time. */
const firstRestartMs = 1_000;
const longestRestartMs = 60_000;
const defaultPollMs = 1_000;

/**
 * A thread of its own for the relay. Whatever becomes of it, the cluster goes on: should it end, it is started again, and asks the
 * stream where it had come to. Start it once the log is open; stop it after the last write and before the log is closed.
 */
export function startRelayThread({ logger, pollMs = defaultPollMs, ...given }: RelayThreadOptions): RelayThread {
  let data = given;
  const asked = new Map<number, (answer: string | RelayState | undefined) => void>();
  let lastId = 0;
  let isStopping = false;
  let restartMs = firstRestartMs;
  let cancelRestart: (() => void) | undefined;
  let worker: Worker | undefined;
  let exited: Promise<void> = Promise.resolve();

  const isTold = new Int32Array(new SharedArrayBuffer(4));

  const launch = (): void => {
    Atomics.store(isTold, 0, 0);
    const launched = new Worker(workerScript('relay'), {
      name: 'relay',
      workerData: { ...data, isTold, pollMs } satisfies RelayData,
      resourceLimits: threadLimits.relay,
    });
    worker = launched;
    let failure: unknown = 'it ended by itself';
    launched.on('message', ({ id, answer }: FromRelay) => {
      asked.get(id)?.(answer);
      asked.delete(id);
    });
    launched.once('error', (error) => {
      failure = error;
    });
    exited = new Promise((resolve) => {
      launched.once('exit', () => {
        worker = undefined;
        for (const answer of asked.values()) answer(undefined);
        asked.clear();
        resolve();
        if (isStopping) return;
        logger.error('the thread of the relay ended and is started again', { error: failure, afterMs: restartMs });
        cancelRestart = systemTimers.after(restartMs, launch);
        restartMs = Math.min(restartMs * 2, longestRestartMs);
      });
    });
  };
  const tell = (message: ToRelay): void => worker?.postMessage(message);
  const ask = (type: 'metrics' | 'state'): Promise<string | RelayState | undefined> => {
    if (worker === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      asked.set(++lastId, resolve);
      tell({ type, id: lastId });
    });
  };

  launch();
  return {
    grown() {
      if (Atomics.exchange(isTold, 0, 1) === 0) tell({ type: 'grown' });
    },
    decrypt(encryption) {
      data = { ...data, encryption };
      tell({ type: 'decrypt', encryption });
    },
    async metrics() {
      const text = await ask('metrics');
      return typeof text === 'string' ? text : '';
    },
    async state() {
      const state = await ask('state');
      return typeof state === 'object' ? state : undefined;
    },
    async stop() {
      isStopping = true;
      cancelRestart?.();
      const ending = worker;
      tell({ type: 'stop' });
      const cancel = systemTimers.after(stopMs, () => void ending?.terminate());
      await exited;
      cancel();
    },
  };
}

/** Throws `OptionError` for a file that cannot be read now: the relay itself would only wait for it. */
export function checkRelayFiles({ credsFile, tlsCaFile, tlsCertFile, tlsKeyFile }: RelayOptions): void {
  const files = {
    '--nats-creds': credsFile,
    '--nats-tls-ca': tlsCaFile,
    '--nats-tls-cert': tlsCertFile,
    '--nats-tls-key': tlsKeyFile,
  };
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (cause) {
      throw new OptionError(`${flag}: cannot read ${file}`, 'name a file that this user may read', { cause });
    }
  }
}
