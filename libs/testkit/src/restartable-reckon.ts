import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl } from './kubectl';
import { RawClient } from './raw-client';
import { type ReckonProcess, startReckon } from './reckon-process';
import { type SettableClock, settableClock } from './settable-clock';

/** One data directory and one life after another on it, whose clock a test sets. */
export interface RestartableReckon {
  readonly dataDir: string;
  readonly clock: SettableClock;
  /** Of the newest life. */
  readonly client: RawClient;
  readonly kubectl: Kubectl;
  start(): Promise<void>;
  /** Ends the life; answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends the life if there is one, and removes everything. */
  dispose(): Promise<void>;
}

export async function restartableReckon(): Promise<RestartableReckon> {
  const dataDir = mkdtempSync(join(tmpdir(), 'reckon-lives-'));
  const clock = settableClock();
  const begin = async (): Promise<{ reckon: ReckonProcess; client: RawClient; kubectl: Kubectl }> => {
    const reckon = await startReckon({ env: clock.env, dataDir });
    return { reckon, client: RawClient.of(reckon.kubeconfig), kubectl: new Kubectl(reckon.kubeconfig) };
  };
  let life = await begin();
  const stop = (signal?: NodeJS.Signals): Promise<number | null> => {
    life.client.close();
    return life.reckon.end(signal);
  };
  return {
    dataDir,
    clock,
    get client() {
      return life.client;
    },
    get kubectl() {
      return life.kubectl;
    },
    async start() {
      life = await begin();
    },
    stop,
    async dispose() {
      await stop();
      clock.dispose();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
