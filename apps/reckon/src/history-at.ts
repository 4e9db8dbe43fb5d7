import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatusError } from '@reckon/api/machinery';
import { findReadable, HistoryError, type Moment } from '@reckon/history';
import { stringify } from 'yaml';
import { demandReached, momentOf, notThereYet, openClient, openSource, type SourceFlags } from './history-flags';
import { findKubeconfig, type Kubeconfig, type KubeconfigFlags } from './history-kubeconfig';

/** Runs a program that reads a kubeconfig, with the cluster as it was then; its exit code. */
export async function runInThePast(moment: string, command: readonly string[], flags: SourceFlags): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined)
    throw new HistoryError(
      'BadName',
      'no command to run',
      'Name it behind two dashes: reckon at 5m -- kubectl get pods',
    );
  const when = momentOf(moment);
  const { dataDir } = flags;
  if (dataDir !== undefined) return runOffline({ ...flags, dataDir }, when, program, args);
  const { config } = findKubeconfig(flags, process.env);
  if (when.kind === 'revision') await demandThere(when.revision, flags);
  return runAt(asOf(config, pathOf(when)), program, args);
}

/** The same with a server of its own, which lives as long as the program. */
async function runOffline(
  flags: SourceFlags & { readonly dataDir: string },
  when: Moment,
  program: string,
  args: readonly string[],
): Promise<number> {
  const { startPastServer } = await import('@reckon/compose');
  const stop = new AbortController();
  let code = 0;
  // Until all is put away: a signal that ended this process at once would leave a copy of the log behind.
  const giveUp = (signal: NodeJS.Signals): void => {
    code = 128 + constants.signals[signal];
    stop.abort();
  };
  for (const signal of passedOn) process.on(signal, giveUp);
  try {
    const past = await startPastServer({ ...flags, signal: stop.signal });
    try {
      demandReached(when, past.head);
      stop.signal.throwIfAborted();
      const { config } = findKubeconfig({ kubeconfig: past.kubeconfig }, {});
      return await runAt(asOf(config, pathOf(when)), program, args);
    } finally {
      await past.stop();
    }
  } catch (error) {
    if (error === stop.signal.reason) return code;
    throw error;
  } finally {
    for (const signal of passedOn) process.removeListener(signal, giveUp);
  }
}

/** A client asks again for a while where a revision is not there yet, and seems to hang. */
async function demandThere(revision: number, flags: KubeconfigFlags): Promise<void> {
  const rest = openClient(flags);
  try {
    // Which groups there are may be asked by everybody whom the server knows, whatever else they may read.
    await rest.request('GET', `/at/${String(revision)}/api`);
  } catch (error) {
    // Whoever does not reach the server, or is not known to it, is told so by the command, in its own words.
    if (isTooNew(error)) throw notThereYet(revision, await newest(flags));
  } finally {
    await rest.close();
  }
}

const isTooNew = (error: unknown): boolean =>
  error instanceof StatusError &&
  error.status.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') === true;

async function newest(flags: KubeconfigFlags): Promise<string> {
  const { source, namespace } = await openSource(flags);
  const quietly = (): void => undefined;
  try {
    const { position } = await findReadable(source, { scopes: [], fallback: namespace, onRefused: quietly });
    return `The newest is ${String(position.head)}.`;
  } catch {
    // It is told to those who may read something of the history.
    return 'Name one that is, or a time.';
  } finally {
    await source.close();
  }
}

function pathOf(moment: Moment): string {
  return moment.kind === 'revision' ? String(moment.revision) : new Date(moment.ms).toISOString();
}

/** The same cluster by another URL, under which everything is as it was then. */
function asOf(config: Kubeconfig, moment: string): Kubeconfig {
  return {
    ...config,
    clusters: config.clusters.map((row) => {
      const cluster = row['cluster'] as { readonly server?: unknown };
      return {
        ...row,
        cluster: {
          ...cluster,
          server: `${String(cluster.server).replace(/\/+$/, '')}/at/${encodeURIComponent(moment)}`,
        },
      };
    }),
  };
}

/** The exit code of the program. Its kubeconfig and what kubectl caches are its own and go with it. */
async function runAt(config: Kubeconfig, program: string, args: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-at-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, stringify(config), { mode: 0o600 });
    return await runToEnd(program, args, { ...process.env, KUBECONFIG: file, KUBECACHEDIR: join(folder, 'cache') });
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function runToEnd(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals): void => {
      child.kill(signal);
    };
    for (const signal of passedOn) process.on(signal, pass);
    const done = (): void => {
      for (const signal of passedOn) process.removeListener(signal, pass);
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      done();
      reject(notStarted(program, cause));
    });
    child.once('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function notStarted(program: string, cause: NodeJS.ErrnoException): HistoryError {
  const [message, hint] =
    cause.code === 'ENOENT'
      ? [`there is no program ${JSON.stringify(program)}`, 'Install it, or name it with its path.']
      : [`${JSON.stringify(program)} cannot be run: ${cause.message}`, 'Name a program that this user may run.'];
  return new HistoryError('BadName', message, hint, { cause });
}
