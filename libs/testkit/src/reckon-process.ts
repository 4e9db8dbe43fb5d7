import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running `reckon up`, started as a user would. */
export interface ReckonProcess {
  readonly dataDir: string;
  readonly kubeconfig: string;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** SIGTERM, or the signal given; resolves with the exit code (null after a signal that kills). */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves when the process has ended by itself or by `end`. */
  readonly ended: Promise<number | null>;
  /** `end`, and removes the data directory. */
  dispose(): Promise<void>;
}

export interface ReckonOptions {
  /** Further flags of `up`. */
  readonly flags?: readonly string[];
  /** Default: a new temporary folder. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take to get ready; default 60 s, because test machines are slow. */
  readonly readyMs?: number;
}

/** The bundled CLI; `RECKON_PROGRAM` names another bundle, such as a copy that no build replaces in the middle of a run. */
export const reckonProgram = process.env['RECKON_PROGRAM'] ?? join(import.meta.dirname, '../../../dist/reckon.mjs');

/** Runs `reckon up --port 0` and resolves when the cluster is ready. */
export async function startReckon(options: ReckonOptions = {}): Promise<ReckonProcess> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'reckon-'));
  const child = spawn(
    process.execPath,
    [reckonProgram, 'up', '--data-dir', dataDir, '--port', '0', ...(options.flags ?? [])],
    {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const printed: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = readyLine(child, printed);
  const limit = tooLate(options.readyMs ?? 60_000, () => {
    child.kill('SIGKILL');
    return `reckon up was not ready in time:\n${printed.join('')}`;
  });
  const kubeconfig = await Promise.race([
    ready,
    ended.then((code) => {
      throw new Error(`reckon up ended with ${String(code)} before it was ready:\n${printed.join('')}`);
    }),
    limit.passed,
  ]).finally(limit.cancel);
  const end = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  return {
    dataDir,
    kubeconfig,
    pid: child.pid ?? 0,
    output: () => printed.join(''),
    ended,
    end,
    async dispose() {
      await end();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readyLine(child: ChildProcess, printed: string[]): Promise<string> {
  return new Promise((resolve) => {
    const take = (chunk: Buffer): void => {
      printed.push(chunk.toString('utf8'));
      const found = /export KUBECONFIG=(\S+)/.exec(printed.join(''));
      if (found?.[1] !== undefined) resolve(found[1]);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
  });
}

/** `message` is called, and what it returns thrown, when the time has passed before `cancel`. */
function tooLate(ms: number, message: () => string): { readonly passed: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message()));
    }, ms);
  });
  return {
    passed,
    cancel: () => {
      clearTimeout(timer);
    },
  };
}
