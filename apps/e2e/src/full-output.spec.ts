import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Ran, reckonProgram, run, startReckon } from '@reckon/testkit';

const told = /^reckon: cannot write to standard output: ENOSPC[^\n]*\n +\S[^\n]*\.\n$/;

describe.skipIf(!existsSync('/dev/full'))('a standard output that is full', () => {
  let folder: string;
  let dataDir: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-full-'));
    dataDir = join(folder, 'data');
    const reckon = await startReckon({ dataDir, flags: ['--nodes', '0'] });
    expect(await reckon.end()).toBe(0);
    const { code } = await sh(`export --data-dir ${dataDir} -o ${folder}/history.ndjson`);
    expect(code).toBe(0);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const sh = (command: string): Promise<Ran> =>
    run('sh', ['-c', `"$0" "$1" ${command}`, process.execPath, reckonProgram], {
      env: { HOME: folder, KUBECONFIG: '' },
    });

  it.each([
    ['version', 1],
    ['check --data-dir DATA', 1],
    ['kubeconfig user --cn jane --data-dir DATA', 1],
    ['kubeconfig user --cn jane --data-dir DATA --out FOLDER/jane', 1],
    ['import FOLDER/history.ndjson --data-dir FOLDER/imported', 1],
    ['log --data-dir DATA', 1],
    ['blame ns/default --data-dir DATA', 1],
    ['export --data-dir DATA', 1],
    ['--help', 1],
    ['up --help', 1],
    ['kubeconfig user --help', 1],
    ['apiserver --help', 1],
    ['kubelet --version', 1],
    // 1 would say that something differs.
    ['diff 1 --data-dir DATA', 2],
    ['diff --help', 2],
  ])('is told by reckon %s', async (command, code) => {
    const full = await sh(`${command.replaceAll('DATA', dataDir).replaceAll('FOLDER', folder)} > /dev/full`);
    expect([full.code, full.stderr]).toEqual([code, expect.stringMatching(told)]);
  });

  it('is no reason to import anew: what was made is whole', async () => {
    const target = join(folder, 'whole');
    const { stderr } = await sh(`import ${folder}/history.ndjson --data-dir ${target} > /dev/full`);
    expect(stderr).toMatch(new RegExp(`The import is whole: \\d+ entries, newest revision \\d+, into ${target}\\.`));
    expect((await sh(`check --data-dir ${target}`)).stdout).toMatch(/^sound: \d+ entries/);
  });

  it('is told by a cluster, which runs on until it is asked to end', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [reckonProgram, 'up', '--data-dir', dataDir, '--port', '0', '--nodes', '0', '-v', '1'],
      { stdio: ['ignore', full, 'pipe'] },
    );
    closeSync(full);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let warned = '';
    child.stderr?.on('data', (chunk: Buffer) => (warned += chunk.toString()));
    try {
      await eventually(() => {
        expect(warned).toMatch(/^reckon: cannot write to standard output: ENOSPC/m);
      });
      const server = /https:\/\/[\d.:]+/.exec(readFileSync(join(dataDir, 'kubeconfig'), 'utf8'))?.[0] ?? '';
      expect((await sh(`probe ${server}/readyz`)).code).toBe(0);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(1);
    // Two lines could not be written, which is told once.
    expect(warned.match(/cannot write to standard output/g)).toHaveLength(1);
    expect(warned).not.toMatch(/\n\s+at /);
  });

  it('is not one that nobody reads any more', async () => {
    for (const command of ['version', `check --data-dir ${dataDir}`, '--help', 'apiserver --help']) {
      const piped = await sh(`${command} | true`);
      expect([piped.code, piped.stderr], command).toEqual([0, '']);
    }
  });
});
