import { reckonProgram, startReckon } from '@reckon/testkit';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'reckon-cli-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program to its end. `meanwhile` is called once it runs. */
async function run(
  args: readonly string[],
  meanwhile: (kill: (signal: NodeJS.Signals) => void) => Promise<void> = () => Promise.resolve(),
): Promise<Ended> {
  const child = spawn(process.execPath, [reckonProgram, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const told = Promise.all([text(child.stdout), text(child.stderr)]);
  await meanwhile((signal) => child.kill(signal));
  const [out, err] = await told;
  return { code: await code, out, err };
}

const stackTrace = /\n\s+at .+:\d+/;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('reckon', { timeout: 120_000 }, () => {
  it('tells its version', async () => {
    expect(await run(['version'])).toEqual({
      code: 0,
      out: expect.stringMatching(/^v1\.36\.\d+.*\n$/) as string,
      err: '',
    });
  });

  it.each([
    [['dance'], "error: unknown command 'dance'"],
    [['up', '--prot', '1'], "error: unknown option '--prot'"],
    [['up', '--port', 'x'], "error: option '--port <n>' argument 'x' is invalid."],
  ])('names what it does not know: %j', async (args, message) => {
    const { code, err } = await run(args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toMatch(/\(reckon (up )?--help lists .+\)\n$/);
    expect(err).not.toMatch(stackTrace);
  });

  it('tells a folder that cannot be made', async () => {
    const file = path.join(base, 'file');
    writeFileSync(file, '');
    expect(await run(['up', '--port', '0', '--data-dir', file])).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(
        `^reckon: --data-dir: ${file} cannot be made a folder of this user: EEXIST.*\\n        name a folder that this user may make or write\\n$`,
      ) as string,
    });
  });

  it('runs a cluster until it is interrupted, and leaves nothing behind but its data', async () => {
    // So deep that its socket would have too long a path.
    const dataDir = path.join(base, 'd'.repeat(100));
    const temporary = (): string[] => readdirSync(tmpdir()).filter((name) => /^reckon-[0-9a-f]{16}$/.test(name));
    const before = temporary();
    const cluster = await startReckon({ dataDir, flags: ['--nodes', '1'] });
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(temporary().length).toBe(before.length + 1);

    const busy = await run(['up', '--data-dir', dataDir, '--port', '0']);
    expect(busy.code).toBe(1);
    expect(busy.err).toContain(`${dataDir} is in use by another Reckon`);
    expect(busy.err).not.toMatch(stackTrace);
    const held = await run(['check', '--data-dir', dataDir]);
    expect([held.code, held.err]).toEqual([1, expect.stringContaining('in use by another Reckon')]);

    const metrics = await get(cluster.kubeconfig, '/metrics');
    for (const name of ['apiserver_request_total', 'workqueue_depth', 'scheduler_schedule_attempts_total'])
      expect(metrics).toContain(`# TYPE ${name} `);
    const families = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(families.length).toBe(new Set(families).size);

    expect(await cluster.end('SIGINT')).toBe(0);
    expect(cluster.output()).not.toMatch(stackTrace);
    expect(temporary()).toEqual(before);
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.sock'))).toEqual([]);

    const sound = await run(['check', '--data-dir', dataDir]);
    expect(sound).toEqual({
      code: 0,
      out: expect.stringMatching(/^sound: \d+ entries, newest revision \d+\n$/) as string,
      err: '',
    });
  });

  it('can be interrupted while it starts, and started again', async () => {
    const log = path.join(base, 'log.db');
    const interrupted = await run(['up', '--data-dir', base, '--port', '0', '--nodes', '0'], async (kill) => {
      await until(() => existsSync(log));
      kill('SIGINT');
    });
    expect(interrupted.code).toBe(0);
    expect(interrupted.err).toBe('');
    const cluster = await startReckon({ dataDir: base, flags: ['--nodes', '0'] });
    expect(await cluster.end()).toBe(0);
  });

  it('names a port that is taken, and the flag', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run(['up', '--data-dir', base, '--port', String(port)]);
    server.close();
    expect(code).toBe(1);
    expect(err).toContain(
      `reckon: 127.0.0.1:${String(port)} is taken by another program\n        choose another with --port`,
    );
    expect(err).not.toMatch(stackTrace);
  });

  it.each([
    [['--service-cluster-ip-range', 'here'], '--service-cluster-ip-range: here is not a network'],
    [['--token-auth-file', '/none.csv'], '--token-auth-file: cannot read /none.csv'],
    [['--bind-address', '203.0.113.1'], 'this machine has no address 203.0.113.1'],
  ])('cannot start with %j, and says why', async (flags, message) => {
    const { code, err } = await run(['up', '--data-dir', base, '--port', '0', ...flags]);
    expect(code).toBe(1);
    expect(err).toContain(`reckon: ${message}`);
    expect(err).not.toMatch(stackTrace);
  });

  it('checks what there is to check', async () => {
    const none = path.join(base, 'none');
    const missing = await run(['check', '--data-dir', none]);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain(
      `reckon: ${none} holds no event log\n        Name the folder of a cluster with --data-dir.`,
    );
    writeFileSync(path.join(base, 'log.db'), 'this is no database');
    const damaged = await run(['check', '--data-dir', base]);
    expect(damaged.code).toBe(1);
    expect(damaged.err).toContain(
      `reckon: ${path.join(base, 'log.db')}: revision 1: cannot be read: file is not a database`,
    );
    expect(damaged.err).not.toMatch(stackTrace);
    expect(readFileSync(path.join(base, 'log.db'), 'utf8')).toBe('this is no database');
  });
});

/** GET as the administrator of the kubeconfig. */
async function get(kubeconfig: string, target: string): Promise<string> {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const pem = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString('utf8');
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  const agent = new Agent({
    ca: pem(cluster?.['certificate-authority-data']),
    cert: pem(user?.['client-certificate-data']),
    key: pem(user?.['client-key-data']),
  });
  return new Promise((resolve, reject) => {
    request(`${cluster?.server ?? ''}${target}`, { agent }, (answer) => {
      void text(answer).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}
