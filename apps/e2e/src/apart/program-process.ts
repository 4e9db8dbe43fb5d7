import { spawn } from 'node:child_process';
import { reckonProgram } from '@reckon/testkit';

/** One of the programs, started as a user would: `reckon scheduler …`. */
export interface ProgramProcess {
  readonly pid: number;
  /** The port of its HTTPS server. */
  readonly port: number;
  output(): string;
  /** Resolves with the exit code; null after a signal that kills. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

const readyMs = 60_000;

/** Starts `reckon <args>`, with `env` added to the environment; resolves when it says where it answers. */
export async function startProgram(
  args: readonly string[],
  cwd?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramProcess> {
  const child = spawn(process.execPath, [reckonProgram, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...env },
  });
  const printed: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let timer: NodeJS.Timeout | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    const give = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`reckon ${args.join(' ')} ${why}:\n${printed.join('')}`));
    };
    timer = setTimeout(() => {
      give('was not ready in time');
    }, readyMs);
    const take = (chunk: Buffer): void => {
      printed.push(chunk.toString('utf8'));
      const found = /(?:ready on|answering on) \S*:(\d+)/.exec(printed.join(''));
      if (found !== null) resolve(Number(found[1]));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then((code) => {
      give(`ended with ${String(code)}`);
    });
  }).finally(() => {
    clearTimeout(timer);
  });
  return {
    pid: child.pid ?? 0,
    port,
    output: () => printed.join(''),
    ended,
    end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}
