import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@reckon/testkit';
import { type ComposeFile, portsOf, readComposeFile } from './compose-file';
import { LocalContainer, type LocalPlaces, makeBin } from './local-container';

/** The services of `docker-compose.yml` as processes of this machine, in the order that the file asks for. */
export class LocalCompose {
  readonly file: ComposeFile = readComposeFile();
  readonly folder = mkdtempSync(join(tmpdir(), 'reckon-compose-'));
  /** What `up` did, in its order: `started nats`, `healthy nats`, `completed nats-volume`. */
  readonly events: string[] = [];
  private readonly containers = new Map<string, LocalContainer>();

  private constructor(private readonly ports: ReadonlyMap<string, number>) {
    for (const volume of Object.keys(this.file.volumes)) mkdirSync(this.volume(volume), { mode: 0o700 });
    const places: LocalPlaces = {
      file: this.file,
      volume: (name) => this.volume(name),
      port: (service, port) => this.port(service, port),
      bin: makeBin(join(this.folder, 'bin')),
    };
    for (const name of Object.keys(this.file.services)) this.containers.set(name, new LocalContainer(name, places));
  }

  static async create(): Promise<LocalCompose> {
    const ports = new Map<string, number>();
    for (const [name, service] of Object.entries(readComposeFile().services))
      for (const port of portsOf(service)) ports.set(`${name}:${String(port)}`, await freePort([...ports.values()]));
    return new LocalCompose(ports);
  }

  container(name: string): LocalContainer {
    const found = this.containers.get(name);
    if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return found;
  }

  volume(name: string): string {
    if (!Object.hasOwn(this.file.volumes, name)) throw new Error(`docker-compose.yml has no volume ${name}`);
    return join(this.folder, name);
  }

  /** The port of this machine on which the service answers for this port of its container. */
  port(service: string, port: number): number {
    const found = this.ports.get(`${service}:${String(port)}`);
    if (found === undefined) throw new Error(`${service} does not listen on ${String(port)}`);
    return found;
  }

  /** As `docker compose up`: a service starts when what it depends on is as it must be; resolves when all are. */
  async up(): Promise<void> {
    const reached = new Map<string, Promise<void>>();
    const reach = (name: string): Promise<void> => {
      const before = reached.get(name);
      if (before !== undefined) return before;
      const done = Promise.all(Object.keys(this.file.services[name]!.depends_on).map(reach)).then(() =>
        this.start(name),
      );
      reached.set(name, done);
      return done;
    };
    await Promise.all(Object.keys(this.file.services).map(reach));
  }

  /** Resolves when it is healthy; a service without a health check, when it has ended with 0. */
  async start(name: string): Promise<void> {
    const container = this.container(name);
    container.start();
    this.events.push(`started ${name}`);
    if (this.file.services[name]?.healthcheck === undefined) {
      const code = await container.wait();
      if (code !== 0) throw new Error(`${name} ended with ${String(code)}:\n${container.output()}`);
      this.events.push(`completed ${name}`);
      return;
    }
    const ended = container.wait().then((code) => {
      throw new Error(`${name} ended with ${String(code)}:\n${container.output()}`);
    });
    const healthy = eventually(
      async () => {
        const { code, stderr } = await container.checkHealth();
        if (code !== 0) throw new Error(`${name} is not healthy: ${stderr}\n${container.output()}`);
      },
      { withinMs: 60_000 },
    );
    await Promise.race([healthy, ended]);
    this.events.push(`healthy ${name}`);
  }

  async dispose(): Promise<void> {
    for (const container of [...this.containers.values()].reverse()) await container.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Below those that the system gives to outgoing connections: a service that is restarted must find its port free. */
async function freePort(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => {
        resolve(false);
      });
      server.listen(port, '127.0.0.1', () => {
        server.close(() => {
          resolve(true);
        });
      });
    });
    if (isFree && !taken.includes(port)) return port;
  }
}
