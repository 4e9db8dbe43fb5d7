import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface NatsServerOptions {
  /** Lines of nats-server's configuration file, beside port, storage and JetStream. */
  readonly config?: string;
  readonly hasJetStream?: boolean;
}

/** A real nats-server on a free port of 127.0.0.1, with its storage in a scratch folder. */
export interface NatsServer {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly url: string;
  /** As a power cut, then waits until it is gone. */
  kill(): Promise<void>;
  /** On the same port with the same storage; other lines of configuration from now on. */
  start(config?: string): Promise<void>;
  /** It stays, but does nothing more until `resume`. */
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

/** The folders where systems' packages put it are not on everybody's PATH. */
const folders = [
  ...(process.env['PATH'] ?? '').split(path.delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
];

/** Throws with what to do if there is none: a test of the relay without a real server would show nothing. */
export function natsServerBinary(): string {
  const found = folders.map((folder) => path.join(folder, 'nats-server')).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error(
      'nats-server is not installed; run `node tools/system-programs.mjs`, or install the package nats-server of your system',
    );
  return found;
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = natsServerBinary();
  const folder = mkdtempSync(path.join(tmpdir(), 'reckon-nats-'));
  const configFile = path.join(folder, 'nats.conf');
  let port = -1; // nats-server takes a free one.
  let child: ChildProcess | undefined;
  let isPaused = false;

  const launch = async (config: string): Promise<void> => {
    const jetStream = options.hasJetStream === false ? '' : `jetstream { store_dir: ${JSON.stringify(folder)} }`;
    writeFileSync(configFile, `listen: "127.0.0.1:${port}"\n${jetStream}\n${config}\n`);
    const started = spawn(binary, ['-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    port = await new Promise<number>((resolve, reject) => {
      let text = '';
      started.once('error', reject);
      started.once('exit', () => {
        reject(new Error(`nats-server ended:\n${text}`));
      });
      started.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const listening = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(text);
        if (listening !== null && text.includes('Server is ready')) resolve(Number(listening[1]));
      });
    });
  };
  const kill = async (): Promise<void> => {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await exited;
    isPaused = false;
  };
  // A test process that ends before `dispose` leaves no server behind.
  const atExit = (): void => {
    child?.kill('SIGKILL');
  };
  process.once('exit', atExit);
  let config = options.config ?? '';
  await launch(config);
  return {
    port,
    url: `127.0.0.1:${port}`,
    kill,
    async start(other) {
      config = other ?? config;
      await launch(config);
    },
    pause() {
      isPaused = true;
      child?.kill('SIGSTOP');
    },
    resume() {
      if (isPaused) child?.kill('SIGCONT');
      isPaused = false;
    },
    async dispose() {
      process.removeListener('exit', atExit);
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
