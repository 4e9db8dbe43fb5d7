import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDirectory } from '@reckon/store/log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importHistory } from './import-history';

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'reckon-import-'));
  folder = join(base, 'cluster');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const header = '{"format":"reckon-export/v1","id":"8f0c2ea5-0e1c-4c3c-9a44-0d6bd0c3a111","head":1,"floors":[]}\n';
const entry =
  '{"revision":1,"at":"2026-01-31T12:00:00.000Z","verb":"create","group":"","version":"v1","resource":"namespaces",' +
  '"namespace":"","name":"team","previous":0,"actor":"jane","agent":"kubectl","manager":"kubectl","request":"",' +
  '"object":{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"team","uid":"c2a573b5-8cee-417c-b0db-8a1667621fe1",' +
  '"resourceVersion":"1","creationTimestamp":"2026-01-31T12:00:00Z"},"spec":{"finalizers":["kubernetes"]},' +
  '"status":{"phase":"Active"}}}\n';

/** The bytes of an export; what is done while they are waited for. */
async function* bytes(text: string, meanwhile: () => Promise<unknown> = async () => undefined): AsyncGenerator<Buffer> {
  await meanwhile();
  yield Buffer.from(text);
}

const contents = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((each) => each.isFile() && !each.name.startsWith('lock.db'))
      .map(({ name }) => [name, readFileSync(join(folder, name), 'base64')]),
  );

describe('an import', () => {
  it('makes a data directory that nobody holds', async () => {
    expect(await importHistory(folder, bytes(header + entry))).toEqual({ entries: 1, head: 1, folder });
    expect(Object.keys(contents())).toEqual(['log.db']);
    lockDataDirectory(folder).release();
  });

  it.each([
    ['is whole', header + entry],
    ['is cut short', header],
  ])('that %s leaves a cluster alone that came while it waited', async (_what, text) => {
    let there = {};
    const late = importHistory(
      folder,
      bytes(text, async () => {
        await importHistory(folder, bytes(header + entry));
        there = contents();
      }),
    );
    await expect(late).rejects.toThrow(`${folder} is not empty`);
    expect(Object.keys(there)).toEqual(['log.db']);
    expect(contents()).toEqual(there);
  });

  it('leaves keys alone that came while it waited', async () => {
    const key = join(folder, 'pki', 'ca.key');
    const late = importHistory(
      folder,
      bytes(header, async () => {
        mkdirSync(join(folder, 'pki'), { recursive: true });
        writeFileSync(key, 'key');
      }),
    );
    await expect(late).rejects.toThrow(`${folder} is not empty`);
    expect(readFileSync(key, 'utf8')).toBe('key');
  });

  it('that fails leaves nothing, and an empty folder as it was', async () => {
    await expect(importHistory(folder, bytes(header))).rejects.toThrow('the rest is missing');
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
    await expect(importHistory(folder, bytes(header))).rejects.toThrow('the rest is missing');
    expect(readdirSync(folder)).toEqual([]);
  });
});
