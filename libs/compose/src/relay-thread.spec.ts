import { type Logger, silentLogger, systemClock, systemRandom } from '@reckon/kernel';
import { Drafter, pod } from '@reckon/store/contract/suites';
import { type EncryptionOptions, openSqliteLog, type SqliteLog, type WrappingKey } from '@reckon/store/log';
import { relayOptionsSchema } from '@reckon/store/relay';
import { type NatsServer, readFeed, startNatsServer } from '@reckon/store/relay/suites';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRelayFiles, type RelayThread, startRelayThread } from './relay-thread';
import { workerScript } from './worker-script';

let folder: string;
let nats: NatsServer;
let log: SqliteLog;
let thread: RelayThread | undefined;
const draft = { next: new Drafter(0) };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-relay-'));
  nats = await startNatsServer();
  log = await openSqliteLog({
    file: join(folder, 'log.db'),
    workers: { writer: workerScript('log-writer'), reader: workerScript('log-reader') },
    random: systemRandom,
  });
  draft.next = new Drafter(0);
  thread = undefined;
});
afterEach(async () => {
  await thread?.stop();
  await log.close();
  await nats.dispose();
  rmSync(folder, { recursive: true });
});

function start(logger: Logger = silentLogger, pollMs?: number): RelayThread {
  const relay = relayOptionsSchema.parse({ servers: nats.url });
  // Warnings of the thread go to standard error, as in production.
  thread = startRelayThread({
    file: join(folder, 'log.db'),
    relay,
    verbosity: 0,
    logger,
    ...(pollMs === undefined ? {} : { pollMs }),
  });
  return thread;
}

async function reaches(relay: RelayThread, revision: number): Promise<void> {
  const started = systemClock.elapsedMs();
  for (;;) {
    const state = await relay.state();
    if (state?.revision === revision) return;
    if (systemClock.elapsedMs() - started > 20_000) throw new Error(`waited in vain: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const write = (count: number): Promise<void> =>
  log.append(draft.next.entries(...Array.from({ length: count }, (_, i) => ({ key: pod(`p${i % 9}`) }))));

/** How far each thread of this process stands back: `nice`, the 19th field, 17th behind the name. */
const priorities = (): string[] =>
  readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] ?? '';
  });

describe('the thread of the relay', () => {
  it.skipIf(process.platform !== 'linux')(
    'lets the others have the processor first (threads have priorities on Linux)',
    async () => {
      expect(priorities()).not.toContain('10');
      await write(3);
      await reaches(start(), 3);
      expect(priorities().filter((nice) => nice === '10')).toHaveLength(1);
    },
  );

  it('publishes what is encrypted, also after a rotation', async () => {
    const keyOf = (name: string): WrappingKey => ({ provider: 'aesgcm', name, secret: Buffer.alloc(32, name) });
    const [one, two] = [keyOf('one'), keyOf('two')];
    const of = (writeKey: WrappingKey, ...more: readonly WrappingKey[]): EncryptionOptions => ({
      rules: [{ resources: [{ group: '', resource: 'pods' }], writeKey }],
      keys: [writeKey, ...more],
    });
    await log.close();
    log = await openSqliteLog({
      file: join(folder, 'log.db'),
      workers: { writer: workerScript('log-writer'), reader: workerScript('log-reader') },
      random: systemRandom,
      encryption: of(one),
    });
    await write(10);
    const relay = startRelayThread({
      file: join(folder, 'log.db'),
      relay: relayOptionsSchema.parse({ servers: nats.url }),
      verbosity: 0,
      logger: silentLogger,
      pollMs: 50,
      encryption: of(one),
    });
    thread = relay;
    await reaches(relay, 10);
    relay.decrypt(of(two, one));
    await log.encrypt(of(two, one));
    await write(10);
    await reaches(relay, 20);
    expect(await relay.metrics()).toMatch(/^reckon_relay_published_total\{as="data"\} 20$/m);
  });

  it('publishes what another thread writes, and tells its state and metrics', async () => {
    await write(100);
    const relay = start();
    await reaches(relay, 100);
    for (let i = 0; i < 20; i++) await write(10);
    await reaches(relay, 300);
    expect(await relay.state()).toMatchObject({ state: 'following', stream: 'RECKON', sequence: 300, head: 300 });
    expect(await relay.metrics()).toMatch(/^reckon_relay_published_total\{as="data"\} 300$/m);
    await write(50);
    await relay.stop();
    expect(await relay.metrics()).toBe('');
    expect(await relay.state()).toBeUndefined();
    expect((await readFeed(nats.url)).map(({ to }) => to)).toEqual(Array.from({ length: 350 }, (_, i) => i + 1));
  });

  it('is woken by who commits, and asks the file by itself only now and then', async () => {
    await write(5);
    const relay = start(silentLogger, 3_600_000);
    await reaches(relay, 5);
    for (let revision = 15; revision <= 215; revision += 10) {
      await write(10);
      // As often as somebody likes.
      for (let i = 0; i < 3; i++) relay.grown();
      await reaches(relay, revision);
    }
    await write(1);
    await relay.state();
    expect(await relay.state()).toMatchObject({ revision: 215, head: 215 });
    relay.grown();
    await reaches(relay, 216);
  });

  it('is started again when it ends by itself', async () => {
    await write(10);
    const lines: string[] = [];
    const { writer, reader } = { writer: workerScript('log-writer'), reader: workerScript('log-reader') };
    await log.close();
    rmSync(join(folder, 'log.db'));
    const relay = start({
      ...silentLogger,
      error: (message, fields) => lines.push(`${message} ${String(fields?.['error'])}`),
    });
    await new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (lines.length === 0) return;
        clearInterval(poll);
        resolve();
      }, 20);
    });
    expect(lines[0]).toContain('the thread of the relay ended and is started again');
    expect(lines[0]).toContain('does not exist');
    log = await openSqliteLog({ file: join(folder, 'log.db'), workers: { writer, reader }, random: systemRandom });
    draft.next = new Drafter(0);
    await write(5);
    await reaches(relay, 5);
  });
});

describe('a file that the relay needs', () => {
  it('is named with its flag when it cannot be read', () => {
    const relay = relayOptionsSchema.parse({ servers: 'x', credsFile: join(folder, 'none') });
    expect(() => {
      checkRelayFiles(relay);
    }).toThrow(
      expect.objectContaining({ code: 'Option', message: `--nats-creds: cannot read ${join(folder, 'none')}` }),
    );
    checkRelayFiles(relayOptionsSchema.parse({ servers: 'x' }));
  });
});
