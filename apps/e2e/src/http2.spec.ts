import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Kubectl,
  type ReckonProcess,
  eventually,
  readKubeconfig,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startProgram } from './apart/program-process';

/** What Go's client tells of itself when it speaks HTTP/2. */
const tells = { env: { GODEBUG: 'http2debug=1' } };

describe('reckon up --http2', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--http2'] });
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  it('is spoken by kubectl, which speaks HTTP/1.1 without it', async () => {
    const with2 = await kubectl.try(['get', 'nodes', '-o', 'name'], tells);
    expect([with2.code, with2.stdout]).toEqual([0, 'node/reckon-node-0\nnode/reckon-node-1\n']);
    expect(with2.stderr).toContain('http2: Transport received HEADERS');
    const plain = await startReckon();
    try {
      const with1 = await new Kubectl(plain.kubeconfig).try(['get', 'nodes', '-o', 'name'], tells);
      expect([with1.code, with1.stdout]).toEqual([0, with2.stdout]);
      expect(with1.stderr).not.toContain('received HEADERS');
    } finally {
      await plain.dispose();
    }
  });

  it('carries a Deployment from apply to delete, with its watches and logs', async () => {
    await kubectl.run('create deployment web --image=nginx --replicas=3');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    const watch = kubectl.start(['get', 'pods', '-l', 'app=web', '--watch', '-o', 'name']);
    await eventually(() => {
      expect(watch.output().split('\n').filter(Boolean)).toHaveLength(3);
    });
    expect(await kubectl.run('logs deployment/web')).toContain('started: image nginx');
    const deployment = await kubectl.run('get deployment web -o yaml');
    await kubectl.run('apply --server-side --force-conflicts -f -', {
      stdin: deployment
        .replace(/^ {2}managedFields:\n(?: {2}- .*\n| {4}.*\n)+/m, '')
        .replace('replicas: 3', 'replicas: 1'),
    });
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await kubectl.run('delete deployment web --cascade=foreground --timeout=60s');
    await eventually(async () => {
      expect(await kubectl.run('get pods -l app=web -o name')).toBe('');
    });
    // Each pod of the three as it was, and as it went.
    expect(watch.output().split('\n').filter(Boolean).length).toBeGreaterThanOrEqual(6);
    await watch.end();
  });

  it('brings a list that does not fit into one piece whole, and what is sent at its size', async () => {
    const big = join(reckon.dataDir, 'big.txt');
    writeFileSync(big, 'x'.repeat(900_000));
    for (const name of ['a', 'b', 'c', 'd']) await kubectl.run(`create configmap big-${name} --from-file=${big}`);
    const { items } = await kubectl.json<{ items: { data?: Record<string, string> }[] }>('get configmaps');
    const sizes = items.map(({ data }) => data?.['big.txt']?.length).filter((length) => length !== undefined);
    expect(sizes).toEqual([900_000, 900_000, 900_000, 900_000]);
  });

  it('leaves what upgrades its connection to HTTP/1.1', async () => {
    await kubectl.run('run one --image=nginx');
    await kubectl.run('wait --for=condition=Ready pod/one --timeout=30s');
    const { code, stderr } = await kubectl.try(['exec', 'one', '--', 'true']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('exec needs a process')]);
  });
});

describe('reckon apiserver --http2', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-http2-'));
  const flags = ['apiserver', '--secure-port=0', '--bind-address=127.0.0.1', `--data-dir=${folder}`];
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** As the cluster's administrator; resolves when the server has said what it takes. */
  async function session(): Promise<ClientHttp2Session> {
    const { server, caPem, certPem, keyPem } = readKubeconfig(join(folder, 'kubeconfig'));
    const made = connect(server, { ca: caPem, cert: certPem, key: keyPem });
    await once(made, 'remoteSettings');
    return made;
  }

  function get(from: ClientHttp2Session, path: string): Promise<string> {
    return text(from.request({ ':path': path }));
  }

  it('refuses a chance that would send everybody away, and says what has no effect', async () => {
    const { code, stderr } = await run(process.execPath, [reckonProgram, ...flags, '--http2', '--goaway-chance=0.5']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('--goaway-chance can not be less than 0 or greater than 0.02'),
    ]);
    const program = await startProgram([...flags, '--goaway-chance=0.01']);
    expect(program.output()).toContain('--goaway-chance: without effect, since HTTP/2 is off; --http2 turns it on');
    await expect(session()).rejects.toThrow();
    expect(await program.end()).toBe(0);
  });

  it('takes as many requests at a time as it is told, and sends clients away by chance', async () => {
    const more = ['--http2', '--http2-max-streams-per-connection=7', '--goaway-chance=0.02'];
    const program = await startProgram([...flags, ...more]);
    const first = await session();
    expect(first.remoteSettings.maxConcurrentStreams).toBe(7);
    const away = once(first, 'goaway');
    let isAway = false;
    void away.then(() => (isAway = true));
    let asked = 0;
    // That nobody is sent away in so many has a chance of one to 10^17.
    while (!isAway && asked++ < 2_000) expect(await get(first, '/livez')).toBe('ok');
    expect(isAway).toBe(true);
    const second = await session();
    const ended = once(second, 'close');
    expect(await program.end()).toBe(0);
    await ended;
  });
});
