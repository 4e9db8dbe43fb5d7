import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
/** Inside node_modules, so that the bundles find the native driver. */
const out = path.join(root, 'node_modules/.cache/reckon-bench');

/** Bundles what runs in processes of its own; plain JavaScript, so that no loader counts as memory. */
export async function bundle(): Promise<{
  readonly floor: string;
  readonly load: string;
  readonly authorize: string;
  /** Where they lie. */
  readonly folder: string;
}> {
  await build({
    entryPoints: {
      'floor-server': path.join(import.meta.dirname, 'floor/floor-server.ts'),
      'floor-writer': path.join(import.meta.dirname, 'floor/floor-writer.ts'),
      load: path.join(import.meta.dirname, 'load/load.ts'),
      authorize: path.join(import.meta.dirname, 'authorize/authorize.ts'),
    },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['better-sqlite3'],
    logLevel: 'error',
  });
  return {
    floor: path.join(out, 'floor-server.mjs'),
    load: path.join(out, 'load.mjs'),
    authorize: path.join(out, 'authorize.mjs'),
    folder: out,
  };
}

export interface Program {
  readonly process: ChildProcess;
  /** All that it has printed. */
  readonly output: () => string;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

export function start(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    process: child,
    output: () => text,
    exited,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Waits until the claim holds, or the program ends, or the time is over. */
export async function until(program: Program, seconds: number, claim: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await claim())) {
    if (program.process.exitCode !== null || program.process.signalCode !== null)
      throw new Error(`the program ended:\n${program.output()}`);
    if (performance.now() > end) throw new Error(`not within ${String(seconds)} s:\n${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** Sends one message to a new process of ours and waits for its answer. */
export function ask(script: string, message: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load process ended with ${String(code)}`)));
    child.send(message);
  });
}

/** Resident memory in MB. */
export function residentMegabytes(pid: number): number {
  if (process.platform === 'linux') {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}

/** Processor time that a process has used so far, user and system. */
export function cpuSeconds(pid: number): number {
  if (process.platform === 'linux') {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // Behind the name, which may hold spaces: fields 14 and 15, in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
  const [seconds = 0, minutes = 0, hours = 0] = execFileSync('ps', ['-o', 'cputime=', '-p', String(pid)], {
    encoding: 'utf8',
  })
    .trim()
    .split(/[-:]/)
    .map(Number)
    .reverse();
  return seconds + 60 * (minutes + 60 * hours);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
