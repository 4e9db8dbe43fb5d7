import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ran, reckonProgram, run } from '@reckon/testkit';
import { type ComposeFile, type ComposeService, mountsOf } from './compose-file';

/** Where the volumes and the ports of containers are on this machine. */
export interface LocalPlaces {
  readonly file: ComposeFile;
  /** Folder of a volume. */
  readonly volume: (name: string) => string;
  /** Port of this machine for the port of a service. */
  readonly port: (service: string, port: number) => number;
  /** A folder with what the images have in their PATH. */
  readonly bin: string;
}

/**
 * What a container would run, as a process of this machine. An argument is changed in four ways and no other:
 * a path in a mounted volume becomes one in the volume's folder; `<service>:<port>`, and the own `127.0.0.1:<port>` and
 * `--…port=<port>`, get the port that stands for it here; `0.0.0.0` becomes `127.0.0.1`; `/app` of our image is where the
 * bundle is.
 */
export class LocalContainer {
  private readonly service: ComposeService;
  private child: ChildProcess | undefined;
  private ended: Promise<number | null> = Promise.resolve(null);
  private printed = '';
  /** What was asked to end stays down until it is started. */
  private isToRun = false;

  constructor(
    readonly name: string,
    private readonly places: LocalPlaces,
  ) {
    this.service = places.file.services[name]!;
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  output(): string {
    return this.printed;
  }

  /**
   * As `docker start`: with the same command as before, and again whenever it ends by itself, where the file says so. `command` stands
   * for the service's own, as in `docker compose run`.
   */
  start(command: readonly string[] = this.service.command): void {
    this.isToRun = true;
    // The image of NATS runs what it is given; ours gives it to the CLI.
    const entrypoint = this.service.entrypoint ?? (this.service.build === undefined ? [] : imageEntrypoint);
    const [program = '', ...args] = [...entrypoint, ...command].map((arg) => this.localArgument(arg));
    const child = spawn(program, args, { env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const take = (chunk: Buffer): void => {
      this.printed += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    // A test process that ends before `end` leaves nothing behind.
    const atExit = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', atExit);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        process.removeListener('exit', atExit);
        resolve(code);
        if (this.isToRun && this.service.restart === 'unless-stopped')
          setTimeout(() => {
            if (this.isToRun && !this.isRunning) this.start(command);
          }, restartMs);
      });
    });
  }

  /** The exit code; null after a signal that kills. */
  wait(): Promise<number | null> {
    return this.ended;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.isToRun = false;
    if (this.isRunning) this.child?.kill(signal);
    return this.ended;
  }

  /** As `docker exec`. */
  exec(command: readonly string[], stdin = ''): Promise<Ran> {
    const [program = '', ...args] = command.map((arg) => this.localArgument(arg));
    return run(program, args, { env: this.env(), stdin });
  }

  /** Its own health check, which is well if it ends with 0. */
  async checkHealth(): Promise<Ran> {
    const test = this.service.healthcheck?.test;
    if (test === undefined) throw new Error(`${this.name} has no health check`);
    return this.exec(test.slice(1));
  }

  private localArgument(arg: string): string {
    const { file, port, volume } = this.places;
    const isOwn = (host: string): boolean => ['127.0.0.1', 'localhost', '0.0.0.0'].includes(host);
    let text = arg
      .replace(/\b([\w.-]+):(\d{2,5})\b/g, (whole, host: string, n: string) => {
        const name = isOwn(host) ? this.name : host;
        return Object.hasOwn(file.services, name) ? `127.0.0.1:${String(port(name, Number(n)))}` : whole;
      })
      .replace(/^(--[\w-]*port=)(\d+)$/, (_, flag: string, n: string) => flag + String(port(this.name, Number(n))))
      .replaceAll('0.0.0.0', '127.0.0.1');
    const folders = mountsOf(this.service).map(({ path, volume: name }) => [path, volume(name)] as const);
    for (const [path, folder] of [...folders, ['/app/dist', dirname(reckonProgram)] as const])
      text = text.replace(new RegExp(`(?<![\\w/.-])${path}(?=[/\\s;]|$)`, 'g'), () => folder);
    return text;
  }

  private env(): Record<string, string> {
    const { bin } = this.places;
    return { PATH: `${bin}:${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`, HOME: bin, KUBECONFIG: '' };
  }
}

/** Docker begins with this and doubles it. */
const restartMs = 100;

const imageEntrypoint = ['node', '/app/dist/reckon.mjs'];

/** The `wget` of busybox, which the image of NATS has and not every machine; with these flags and no others. */
const wget = `#!/usr/bin/env node
const [quiet, to, file, url, ...more] = process.argv.slice(2);
if (quiet !== '-q' || to !== '-O' || file !== '/dev/null' || more.length > 0) throw new Error('unknown flags');
process.exitCode = await fetch(url).then(({ ok }) => (ok ? 0 : 1), () => 1);
`;

/** A folder for `LocalPlaces.bin`. */
export function makeBin(folder: string): string {
  mkdirSync(folder);
  // As the Dockerfile does.
  symlinkSync(reckonProgram, join(folder, 'reckon'));
  symlinkSync(process.execPath, join(folder, 'node'));
  writeFileSync(join(folder, 'wget.mjs'), wget);
  chmodSync(join(folder, 'wget.mjs'), 0o755);
  symlinkSync('wget.mjs', join(folder, 'wget'));
  return folder;
}
