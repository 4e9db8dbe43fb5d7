import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { parse } from 'yaml';
import { conditionFlags } from './conditions';
import type { Conditions } from './conditions';
import { freePort, start, until } from './processes';
import type { Program } from './processes';
import { asRbacUser } from './rbac-user';
import type { Target } from './target';

export interface Server {
  readonly target: Target;
  /** What was started for the bench; undefined for a server that runs already. */
  readonly started?: { readonly program: Program; readonly readyzMs: number; readonly readyMs: number };
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
    started: { program, readyzMs: readyMs, readyMs },
    stop: () => stopAndRemove(program, folder),
  };
}

export interface ReckonOptions {
  readonly nodes: number;
  readonly conditions: Conditions;
  /** Over HTTP/2. */
  readonly speaksHttp2?: boolean;
}

/** Reckon as its users run it: `reckon up` from `dist`, in a new data directory. */
export async function startReckon(script: string, options: ReckonOptions): Promise<Server> {
  const { nodes, conditions, speaksHttp2 = false } = options;
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
    ...conditionFlags(conditions, folder),
    ...(speaksHttp2 ? ['--http2'] : []),
  ]);
  try {
    await until(program, 60, async () => (await isListening(port)) && (await isReadyz(port)));
    const readyzMs = performance.now() - startAt;
    await until(program, 60, () => program.output().includes('export KUBECONFIG'));
    const readyMs = performance.now() - startAt;
    const admin = { ...targetOf(path.join(dataDir, 'kubeconfig')), speaksHttp2 };
    const target = conditions.hasUser ? await asRbacUser(admin, dataDir) : admin;
    return { target, started: { program, readyzMs, readyMs }, stop: () => stopAndRemove(program, folder) };
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

/** The server of a kubeconfig's current context, of whatever make; it is left as it is, but for what the bench writes into it. */
export function serverOf(kubeconfig: string): Server {
  return { target: targetOf(kubeconfig), stop: () => Promise.resolve() };
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, string>> }[];
}

function targetOf(file: string): Target {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const context = config.contexts.find((c) => c.name === config['current-context'])?.context;
  const cluster = config.clusters.find((c) => c.name === context?.cluster)?.cluster;
  const user = config.users.find((u) => u.name === context?.user)?.user;
  if (cluster?.['server'] === undefined || user === undefined) throw new Error(`${file} has no cluster or no user`);
  const server = new URL(cluster['server']);
  const pem = (from: Readonly<Record<string, string>>, name: string): string | undefined => {
    const [data, relative] = [from[`${name}-data`], from[name]];
    if (data !== undefined) return Buffer.from(data, 'base64').toString();
    return relative === undefined ? undefined : readFileSync(path.resolve(path.dirname(file), relative), 'utf8');
  };
  const [ca, cert, key] = [
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
  ];
  if (ca === undefined) throw new Error(`${file} names no certificate authority`);
  const { token } = user;
  return {
    host: server.hostname,
    port: Number(server.port === '' ? 443 : server.port),
    ca,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { token }),
  };
}
