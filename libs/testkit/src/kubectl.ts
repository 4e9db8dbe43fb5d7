import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; a time-out kills it and rejects. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `${program} ${args.join(' ')} took too long:\n${Buffer.concat(out).toString()}${Buffer.concat(err).toString()}`,
        ),
      );
    }, options.timeoutMs ?? 60_000);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
    // A program may end without having read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

export interface Background {
  /** Everything printed so far. */
  output(): string;
  /** Resolves when it has ended, by itself or by `end`. */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

/** Real kubectl with one kubeconfig and a home folder of its own beside it, which goes with the data directory. */
export class Kubectl {
  private readonly home: string;

  constructor(private readonly kubeconfig: string) {
    this.home = mkdtempSync(join(dirname(kubeconfig), 'kubectl-'));
  }

  /** Whatever its exit code. */
  try(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(kubectlPath(), args, {
      ...options,
      env: { ...this.env(), ...options.env },
    });
  }

  /** Its standard output; throws what it printed if it failed. `command` is split at spaces; give an array for anything else. */
  async run(command: string | readonly string[], options: RunOptions = {}): Promise<string> {
    const args = typeof command === 'string' ? command.split(' ') : command;
    const ran = await this.try(args, options);
    if (ran.code !== 0)
      throw new Error(`kubectl ${args.join(' ')} failed (${String(ran.code)}):\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  /** A command that goes on until the test ends it, such as `proxy`. */
  start(args: readonly string[]): Background {
    const child = spawn(kubectlPath(), args, {
      env: { ...process.env, ...this.env() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: string[] = [];
    const take = (chunk: Buffer): void => {
      printed.push(chunk.toString('utf8'));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    return {
      output: () => printed.join(''),
      ended,
      async end() {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }

  private env(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfig, HOME: this.home, KUBECACHEDIR: join(this.home, 'cache') };
  }

  async json<T>(command: string | readonly string[]): Promise<T> {
    const args = typeof command === 'string' ? command.split(' ') : command;
    return JSON.parse(await this.run([...args, '-o', 'json'])) as T;
  }
}

/** Where the test command put the real kubectl (`tools/clients.mjs`). */
export function kubectlPath(): string {
  const path = process.env['RECKON_KUBECTL'] ?? '';
  if (path === '') throw new Error('RECKON_KUBECTL is not set: run tests through vitest of this repository');
  return path;
}
