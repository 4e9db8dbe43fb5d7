import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { freePort, start, until } from './processes';
import type { Program } from './processes';
import type { Target } from './target';

export interface Server {
  readonly target: Target;
  readonly program: Program;
  readonly readyzMs: number;
  readonly readyMs: number;
  stop(): Promise<void>;
}

const scratch = (): string => mkdtempSync(path.join(tmpdir(), 'reckon-bench-'));

/** The floor; its one start time is until it listens. */
export async function startFloor(script: string): Promise<Server> {
  const folder = scratch();
  const authority = createAuthority({ commonName: 'bench', clock: systemClock });
  const leaf = issue(authority, {
    commonName: 'floor',
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
    clock: systemClock,
  });
  writeFileSync(path.join(folder, 'server.crt'), leaf.certPem);
  writeFileSync(path.join(folder, 'server.key'), leaf.keyPem);
  const port = await freePort();
  const startAt = performance.now();
  const program = start(process.execPath, [script, folder, String(port)]);
  await until(program, 20, () => program.output().includes('listening'));
  const readyMs = performance.now() - startAt;
  return {
    target: { host: '127.0.0.1', port, ca: authority.certPem },
    program,
    readyzMs: readyMs,
    readyMs,
    stop: () => stopAndRemove(program, folder),
  };
}

/** Reckon as its users run it: `reckon up` from `dist`, in a new data directory. */
export async function startReckon(script: string, nodes: number, flags: readonly string[]): Promise<Server> {
  const folder = scratch();
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir);
  const port = await freePort();
  const startAt = performance.now();
  const program = start(process.execPath, [
    script,
    'up',
    '--port',
    String(port),
    '--data-dir',
    dataDir,
    '--nodes',
    String(nodes),
    ...flags,
  ]);
  try {
    await until(program, 60, async () => (await isListening(port)) && (await isReadyz(port)));
    const readyzMs = performance.now() - startAt;
    await until(program, 60, () => program.output().includes('export KUBECONFIG'));
    const readyMs = performance.now() - startAt;
    const target = targetOf(path.join(dataDir, 'kubeconfig'));
    return { target, program, readyzMs, readyMs, stop: () => stopAndRemove(program, folder) };
  } catch (error) {
    await stopAndRemove(program, folder);
    throw error;
  }
}

async function stopAndRemove(program: Program, folder: string): Promise<void> {
  await program.stop();
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isReadyz(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.once('error', () => resolve(false));
    sent.end();
  });
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly token?: string;
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
    };
  }[];
}

/** Reads the kubeconfig that Reckon wrote: JSON. */
function targetOf(file: string): Target {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error(`${file} has no cluster or no user`);
  const server = new URL(cluster.server);
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  const { token, 'client-certificate-data': cert, 'client-key-data': key } = user;
  return {
    host: server.hostname,
    port: Number(server.port),
    ca: decode(cluster['certificate-authority-data']),
    ...(cert === undefined ? {} : { cert: decode(cert) }),
    ...(key === undefined ? {} : { key: decode(key) }),
    ...(token === undefined ? {} : { token }),
  };
}
