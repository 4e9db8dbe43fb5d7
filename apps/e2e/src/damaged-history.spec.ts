import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, eventually, kubectlPath, type Ran, reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'reckon-damaged-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** Changes the first byte of a text in the log; the log's file. */
function damage(text: string): string {
  const file = join(dataDir, 'log.db');
  const at = readFileSync(file).indexOf(text);
  expect(at).toBeGreaterThan(0);
  const fd = openSync(file, 'r+');
  writeSync(fd, text.slice(0, 1).toUpperCase(), at);
  closeSync(fd);
  return file;
}

const revisionIn = (stderr: string): string | undefined =>
  /revision (\d+): its checksum does not fit its content/.exec(stderr)?.[1];

it('a start on a log whose old history is damaged serves, and tells the first bad revision', async () => {
  const first = await startReckon({ dataDir, flags: ['--nodes', '0'] });
  const kubectl = new Kubectl(first.kubeconfig);
  await kubectl.run('create configmap app --from-literal=level=debug-of-old');
  await kubectl.run(['patch', 'configmap', 'app', '-p', '{"data":{"level":"info"}}']);
  expect(await first.end()).toBe(0);

  const file = damage('debug-of-old');
  const { stderr } = await reckon('check', '--data-dir', dataDir);
  const revision = revisionIn(stderr);
  expect(Number(revision)).toBeGreaterThan(0);

  const again = await startReckon({ dataDir, flags: ['--nodes', '0', '--logging-format', 'json'] });
  try {
    const metrics = () => new Kubectl(again.kubeconfig).run('get --raw /metrics');
    await eventually(async () => {
      expect(await metrics()).toMatch(/^reckon_log_damaged_entries 1$/m);
    });
    const lines = again
      .output()
      .split('\n')
      .filter((line) => line.includes('history is damaged'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 50,
        component: 'apiserver',
        file,
        revision: Number(revision),
        problem: 'its checksum does not fit its content',
      }),
    ]);
    expect(await new Kubectl(again.kubeconfig).run('get configmap app -o jsonpath={.data.level}')).toBe('info');
  } finally {
    expect(await again.end()).toBe(0);
  }
});

it('a moment of a data directory whose log is damaged is told of by the name of that log, not of the copy that is read', async () => {
  const cluster = await startReckon({ dataDir, flags: ['--nodes', '0'] });
  const kubectl = new Kubectl(cluster.kubeconfig);
  await kubectl.run('create configmap app --from-literal=level=debug-of-old');
  await kubectl.run(['patch', 'configmap', 'app', '-p', '{"data":{"level":"info-of-today"}}']);
  expect(await cluster.end()).toBe(0);
  const file = damage('debug-of-old');
  const revision = revisionIn((await reckon('check', '--data-dir', dataDir)).stderr) ?? '';
  const kubectlGet = [kubectlPath(), 'get', 'configmap', 'app'];

  const read = await reckon('at', revision, '--data-dir', dataDir, '--', ...kubectlGet);
  expect([read.code, read.stderr]).toEqual([
    1,
    expect.stringContaining(`Internal error occurred: ${file} is damaged, first bad revision ${revision}`),
  ]);

  // The check of history goes on while the command runs: `cat` does until it is told that nothing more comes.
  const args = [reckonProgram, 'at', '0s', '--data-dir', dataDir, '--', 'cat'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  try {
    const ended = once(child, 'close');
    const [line] = (await once(child.stderr, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({ msg: 'history is damaged', file, revision: Number(revision) });
    child.stdin.end();
    expect((await ended)[0]).toBe(0);
  } finally {
    child.kill();
  }

  damage('info-of-today');
  const refused = await reckon('at', '0s', '--data-dir', dataDir, '--', ...kubectlGet);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`reckon: ${file} is damaged, first bad`)]);
});

/** A command on the data directory, which no cluster runs on. */
const reckon = (...args: readonly string[]): Promise<Ran> => run(process.execPath, [reckonProgram, ...args]);
