import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let dataDir: string;
let log: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'reckon-lost-'));
  log = join(dataDir, 'log.db');
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** A whole life of a cluster: everything that it leaves is in the folder. */
async function live(): Promise<void> {
  const reckon = await startReckon({ dataDir, flags: ['--nodes', '0'] });
  expect(await reckon.end()).toBe(0);
}

const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;

describe('a log that was lost', () => {
  it('is not replaced by a new cluster, whatever was left of it', async () => {
    await live();
    const files = readdirSync(dataDir).sort();
    const losses: readonly (readonly [string, () => void])[] = [
      ['empty', () => truncateSync(log, 0)],
      ['empty', () => writeFileSync(log, 'S')],
      ['missing', () => rmSync(log)],
    ];
    for (const [what, lose] of losses) {
      lose();
      const size = sizeOf(log);
      for (const program of [
        ['up', '--port', '0'],
        ['apiserver', '--secure-port', '0'],
      ]) {
        const { code, stdout, stderr } = await run(process.execPath, [
          reckonProgram,
          ...program,
          '--data-dir',
          dataDir,
        ]);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toMatch(/^reckon: /);
        expect(stderr).toContain(
          `${log} cannot be used: it is ${what}, but it was in use\n        Nothing was changed.`,
        );
        expect(sizeOf(log)).toBe(size);
      }
    }
    expect(readdirSync(dataDir).sort()).toEqual(files.filter((file) => file !== 'log.db'));

    // As the hint says.
    for (const name of ['log.born', 'kubeconfig']) rmSync(join(dataDir, name));
    await live();
  });

  it('is one that was there: what a first start left that was cut short is taken up', async () => {
    mkdirSync(join(dataDir, 'pki'));
    for (const name of ['lock.db', 'log.db']) writeFileSync(join(dataDir, name), '');
    const killed = await run(process.execPath, [reckonProgram, 'up', '--port', '0', '--data-dir', dataDir], {
      env: { RECKON_FAILPOINTS: 'log.beforeCommit=exit' },
    });
    expect(killed.code).not.toBe(0);
    expect(existsSync(join(dataDir, 'pki', 'admin.crt'))).toBe(true);
    await live();
  });

  it.each([
    ['up', '--port', '0'],
    ['apiserver', '--secure-port', '0'],
  ])(
    'was never there where a first start of %s was killed before it made one, over a pki that was put there',
    async (...program) => {
      await live();
      for (const name of readdirSync(dataDir)) if (name !== 'pki') rmSync(join(dataDir, name));
      const killed = await run(process.execPath, [reckonProgram, ...program, '--data-dir', dataDir], {
        env: { RECKON_FAILPOINTS: 'log.beforeBirth=exit' },
      });
      expect(killed.code).not.toBe(0);
      expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(['lock.db', 'pki']));
      expect(existsSync(join(dataDir, 'log.born'))).toBe(false);
      await live();
      expect(sizeOf(log)).toBeGreaterThan(1);
    },
  );

  it('is not missed where only keys were put', async () => {
    await live();
    const pki = join(dataDir, 'pki');
    for (const name of readdirSync(dataDir)) if (name !== 'pki') rmSync(join(dataDir, name));
    expect(readdirSync(pki)).toContain('admin.crt');
    await live();
    expect(sizeOf(log)).toBeGreaterThan(1);
  });
});
