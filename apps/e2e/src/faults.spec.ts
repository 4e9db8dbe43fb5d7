import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  RawClient,
  type RawReply,
  type RawWatch,
  type Ran,
  type ReckonProcess,
  eventually,
  readKubeconfig,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';

const configMaps = '/api/v1/namespaces/default/configmaps';

/** The CLI itself, to its end. */
const reckonCommand = (args: readonly string[]): Promise<Ran> => run(process.execPath, [reckonProgram, ...args]);

describe('faults', () => {
  let dataDir: string;
  const running: ReckonProcess[] = [];
  const clients: RawClient[] = [];

  const up = async (
    options: Parameters<typeof startReckon>[0] = {},
  ): Promise<{ reckon: ReckonProcess; client: RawClient }> => {
    const reckon = await startReckon({ dataDir, ...options });
    const client = RawClient.of(reckon.kubeconfig);
    running.push(reckon);
    clients.push(client);
    return { reckon, client };
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'reckon-faults-'));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const reckon of running.splice(0)) await reckon.end();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('kill -9 under a write load loses no write that was acknowledged and leaves no half write', async () => {
    const { reckon, client } = await up();
    const written = new Map<string, string>();
    const unknown = new Set<string>();
    let isDown = false;
    const writer = async (id: number): Promise<void> => {
      for (let n = 0; !isDown; n++) {
        const name = `w${String(id)}-${String(n % 40)}`;
        const text = `${String(n)}-${'x'.repeat(n % 500)}`;
        const body = { metadata: { name }, data: { text, length: String(text.length) } };
        const sent =
          n < 40 ? client.send('POST', configMaps, { body }) : client.send('PUT', `${configMaps}/${name}`, { body });
        const reply = await sent.catch(() => undefined);
        if (reply === undefined) {
          unknown.add(name);
          isDown = true;
        } else if (reply.status < 300) written.set(name, `${text} ${versionOf(reply)}`);
        else throw new Error(reply.text);
      }
    };
    const writers = Promise.all(Array.from({ length: 8 }, (_, id) => writer(id)));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await reckon.end('SIGKILL')).toBeNull();
    await writers;
    expect(written.size).toBeGreaterThan(100);

    const { client: after, reckon: again } = await up();
    const listed = (await after.send('GET', configMaps)).body as {
      items: { metadata: { name: string; resourceVersion: string }; data: { text: string; length: string } }[];
    };
    const found = new Map(listed.items.map((item) => [item.metadata.name, item]));
    for (const [name, wanted] of written) {
      const item = found.get(name);
      // A write whose answer was lost may have happened: then a later one stands here.
      if (
        unknown.has(name) &&
        item !== undefined &&
        Number(item.metadata.resourceVersion) > Number(wanted.split(' ')[1])
      )
        continue;
      expect(`${item?.data.text ?? ''} ${item?.metadata.resourceVersion ?? ''}`).toBe(wanted);
    }
    for (const item of listed.items)
      if (item.metadata.name.startsWith('w')) expect(String(item.data.text.length)).toBe(item.data.length);
    expect(await again.end()).toBe(0);
    expect((await reckonCommand(['check', '--data-dir', dataDir])).stdout).toMatch(
      /^sound: \d+ entries, newest revision \d+\n$/,
    );
  });

  it('a second up on the same data directory says so and exits 1; the first goes on', async () => {
    const { client } = await up();
    const second = await reckonCommand(['up', '--data-dir', dataDir, '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toContain(dataDir);
    expect(second.stderr).toMatch(/in use|runs on|another/i);
    expectForPeople(second.stderr);
    expect((await client.send('GET', '/readyz')).text).toBe('ok');
    const check = await reckonCommand(['check', '--data-dir', dataDir]);
    expect(check.code).toBe(1);
    expectForPeople(check.stderr);
  });

  it('a taken port is named', async () => {
    const { client } = await up();
    const other = mkdtempSync(join(tmpdir(), 'reckon-faults-'));
    const second = await reckonCommand(['up', '--data-dir', other, '--port', client.url.port]);
    rmSync(other, { recursive: true, force: true });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(client.url.port);
    expectForPeople(second.stderr);
  });

  it('Ctrl-C ends watches, lets writes finish, and exits 0', async () => {
    const { reckon, client } = await up();
    const watch = await client.watch(`${configMaps}?watch=1`);
    const writes = Array.from({ length: 50 }, (_, i) =>
      client.send('POST', configMaps, { body: { metadata: { name: `c${String(i)}` } } }).catch(() => undefined),
    );
    await Promise.race(writes);
    const began = performance.now();
    const code = reckon.end('SIGINT');
    await watch.ended;
    const acknowledged = (await Promise.all(writes)).flatMap((reply, i) =>
      reply?.status === 201 ? [`c${String(i)}`] : [],
    );
    expect(await code).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(reckon.output()).not.toMatch(/\n\s+at /);

    const { client: after } = await up();
    const names = ((await after.send('GET', configMaps)).body as { items: { metadata: { name: string } }[] }).items.map(
      ({ metadata }) => metadata.name,
    );
    expect(names).toEqual(expect.arrayContaining(acknowledged));
  });

  it('a damaged log is refused, named and left as it is', async () => {
    const { reckon } = await up();
    await reckon.end();
    const file = join(dataDir, 'log.db');
    // A clean end leaves everything in this one file.
    expect(readdirSync(dataDir).sort()).toEqual(['kubeconfig', 'lock.db', 'log.born', 'log.db', 'pki']);
    const sound = await reckonCommand(['check', '--data-dir', dataDir]);
    expect(sound).toMatchObject({ code: 0, stderr: '' });

    damage(file);
    const before = digestOf(file);
    const check = await reckonCommand(['check', '--data-dir', dataDir]);
    expect(check.code).toBe(1);
    expectForPeople(check.stderr);
    const second = await reckonCommand(['up', '--data-dir', dataDir, '--port', '0']);
    expect(second.code, second.stdout).toBe(1);
    expect(second.stderr).toContain(file);
    expectForPeople(second.stderr);
    expect(digestOf(file)).toBe(before);
    expect(firstBad(check.stderr)).toBeGreaterThan(0);
    expect(firstBad(second.stderr)).toBe(firstBad(check.stderr));
  });

  it('a log that was cut is told by its first bad revision, by check and by up alike', async () => {
    const { reckon } = await up();
    await reckon.end();
    const file = join(dataDir, 'log.db');
    const { size } = statSync(file);
    for (const end of [Math.floor(size * 0.8), Math.floor(size / 2)]) {
      truncateSync(file, end);
      const check = await reckonCommand(['check', '--data-dir', dataDir]);
      expect(check.code).toBe(1);
      const lines = check.stderr.trimEnd().split('\n');
      const revisions = lines.flatMap((line) => /: revision (\d+): /.exec(line)?.[1] ?? []).map(Number);
      expect(revisions.length, check.stderr).toBeGreaterThan(0);
      expect(revisions[0], check.stderr).toBeGreaterThan(0);
      expect(revisions, check.stderr).toEqual([...revisions].sort((a, b) => a - b));
      // Two lines at most of the file as a whole, after those.
      expect(lines.length - revisions.length, check.stderr).toBeLessThanOrEqual(2);
      expect(lines[0]).toContain(`: revision ${String(revisions[0])}: `);
      const { code, stderr } = await reckonCommand(['up', '--data-dir', dataDir, '--port', '0']);
      expect(code).toBe(1);
      expect(stderr).toContain(`${file} is damaged, first bad revision ${String(revisions[0])}: `);
      expect(stderr).not.toContain('null');
      expect(statSync(file).size).toBe(end);
    }
  });

  it('check without a log says what to name', async () => {
    const check = await reckonCommand(['check', '--data-dir', dataDir]);
    expect(check.code).toBe(1);
    expect(check.stderr).toContain(dataDir);
    expect(check.stderr).toContain('--data-dir');
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('a full disk refuses writes with a 500 Status while reads go on', async () => {
    const { client, reckon } = await up({ env: { RECKON_MAX_LOG_PAGES: '500' } });
    const data = { text: 'x'.repeat(100_000) };
    let refused: RawReply | undefined;
    let accepted = 0;
    for (let i = 0; i < 100 && refused === undefined; i++) {
      const reply = await client.send('POST', configMaps, { body: { metadata: { name: `big${String(i)}` }, data } });
      if (reply.status === 201) accepted++;
      else refused = reply;
    }
    expect(refused?.status, refused?.text).toBe(500);
    expect(refused?.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'InternalError', code: 500 });
    expect(accepted).toBeGreaterThan(0);
    // A small change of the agents may have found room meanwhile.
    await eventually(async () => {
      expect((await client.send('POST', configMaps, { body: { metadata: { name: 'more' }, data } })).status).toBe(500);
      expect((await client.send('GET', '/readyz')).text).toContain(
        '\n[-]poststarthook/storage-readiness failed: reason withheld\n',
      );
    });
    expect((await client.send('GET', '/livez')).text).toBe('ok');
    for (let i = 0; i < 5; i++) {
      const listed = (await client.send('GET', configMaps)).body as { items: { metadata: { name: string } }[] };
      expect(listed.items.filter(({ metadata }) => metadata.name.startsWith('big'))).toHaveLength(accepted);
    }
    expect((await client.send('GET', `${configMaps}/big0`)).status).toBe(200);
    expect(await Promise.race([reckon.ended, Promise.resolve('running')])).toBe('running');
    expect(await reckon.end()).toBe(0);
    expect((await reckonCommand(['check', '--data-dir', dataDir])).code).toBe(0);
  });

  it('serves a thousand idle watches, and each sees the next change', async () => {
    const { client } = await up();
    const watches: RawWatch[] = [];
    for (let i = 0; i < 20; i++)
      watches.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, () => client.watch(`${configMaps}?watch=1&fieldSelector=metadata.name%3Dtold`)),
        )),
      );
    expect(watches).toHaveLength(1_000);
    const began = performance.now();
    expect((await client.send('GET', '/version')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_000);
    await client.send('POST', configMaps, { body: { metadata: { name: 'told' } } });
    await eventually(() => {
      expect(watches.filter((watch) => watch.events.length === 1)).toHaveLength(1_000);
    });
    for (const watch of watches) watch.close();
  });

  it('a client that never reads its watch holds up nobody', async () => {
    const { reckon, client } = await up();
    const deaf = await deafWatch(reckon, `${configMaps}?watch=1`);
    const listening = await client.watch(`${configMaps}?watch=1&fieldSelector=metadata.namespace%3Ddefault`);
    const text = 'x'.repeat(500_000);
    const began = performance.now();
    for (let i = 0; i < 60; i++) {
      const reply = await client.send('POST', configMaps, {
        body: { metadata: { name: `b${String(i)}` }, data: { text } },
      });
      expect(reply.status).toBe(201);
    }
    await eventually(() => {
      const names = listening.events.map(({ object }) => (object['metadata'] as { name: string }).name);
      expect(names.filter((name) => name.startsWith('b'))).toHaveLength(60);
    });
    expect(performance.now() - began).toBeLessThan(30_000);
    expect((await client.send('GET', '/readyz')).text).toBe('ok');
    deaf.destroy();
    listening.close();
  });
});

const versionOf = (reply: RawReply): string =>
  (reply.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;

/** What a person reads: `reckon: …` and a hint; no stack trace. */
function expectForPeople(text: string): void {
  expect(text).toMatch(/^reckon: /);
  expect(text).not.toMatch(/\n\s+at /);
}

/** The revision that a message of `check` or `up` names first. */
const firstBad = (text: string): number => Number(/revision (\d+): /.exec(text)?.[1]);

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Overwrites the middle of a file, as a broken disk would. */
function damage(file: string): void {
  const fd = openSync(file, 'r+');
  const { size } = statSync(file);
  for (let at = 8192; at + 4096 < size; at += 16_384) writeSync(fd, Buffer.alloc(2_048, 0xa5), 0, 2_048, at + 1_024);
  closeSync(fd);
}

/** Opens a watch and never takes a byte of its answer off the socket. */
function deafWatch(reckon: ReckonProcess, path: string): Promise<TLSSocket> {
  const { server, caPem, certPem, keyPem } = readKubeconfig(reckon.kubeconfig);
  const { hostname: host, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), ca: caPem, cert: certPem, key: keyPem }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      socket.pause();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
