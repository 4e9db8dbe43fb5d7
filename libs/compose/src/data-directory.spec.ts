import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataDirectory, hadLog, makeDataDirectory, markBirth, removeSocketFolder } from './data-directory';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'reckon-dir-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('the data directory', () => {
  it('holds everything of a cluster, for its user only', () => {
    const directory = dataDirectory(join(base, 'cluster'));
    expect(directory.socket).toBe(join(base, 'cluster', 'agents.sock'));
    makeDataDirectory(directory);
    expect([directory.folder, directory.pki].map(modeOf)).toEqual(['700', '700']);
    removeSocketFolder(directory);
    expect(existsSync(directory.folder)).toBe(true);
  });

  it('has its socket among temporary files when its path would be too long, one per directory', () => {
    const deep = join(base, 'a'.repeat(120));
    const directory = dataDirectory(deep);
    expect(Buffer.byteLength(directory.socket)).toBeLessThanOrEqual(100);
    expect(directory.socket.startsWith(tmpdir())).toBe(true);
    expect(dataDirectory(deep).socket).toBe(directory.socket);
    expect(dataDirectory(`${deep}b`).socket).not.toBe(directory.socket);
    makeDataDirectory(directory);
    expect(modeOf(dirname(directory.socket))).toBe('700');
    removeSocketFolder(directory);
    expect(existsSync(dirname(directory.socket))).toBe(false);
  });

  it('counts bytes, not letters', () => {
    expect(dataDirectory(`/${'ä'.repeat(45)}`).socket.startsWith(tmpdir())).toBe(true);
    expect(dataDirectory(`/${'a'.repeat(45)}`).socket.startsWith(tmpdir())).toBe(false);
  });

  it('is made with the folders above it, and through a link', () => {
    makeDataDirectory(dataDirectory(join(base, 'a', 'b')));
    symlinkSync(join(base, 'a'), join(base, 'link'));
    makeDataDirectory(dataDirectory(join(base, 'link', 'c')));
    expect(['a', 'a/b', 'a/c'].map((folder) => modeOf(join(base, folder)))).toEqual(['700', '700', '700']);
  });

  it.each([
    ['is a file', 'file', 'EEXIST'],
    ['is below a file', 'file/below', 'ENOTDIR'],
  ])('names flag and folder where the folder %s', (_where, name, code) => {
    writeFileSync(join(base, 'file'), '');
    const folder = join(base, name);
    expect(() => {
      makeDataDirectory(dataDirectory(folder));
    }).toThrow(
      expect.objectContaining({
        code: 'Option',
        message: expect.stringContaining(
          `--data-dir: ${folder} cannot be made a folder of this user: ${code}`,
        ) as string,
        hint: 'name a folder that this user may make or write',
      }) as Error,
    );
  });

  it.runIf(existsSync('/proc/self'))('says so at once where no folder can be made', () => {
    expect(() => {
      makeDataDirectory(dataDirectory('/proc/reckon/data'));
    }).toThrow('--data-dir: /proc/reckon/data cannot be made a folder of this user: ENOENT');
  });

  it.each([
    ['nothing', [], false],
    ['what is made before the log', ['lock.db', 'pki/'], false],
    ['a log cut short at its birth', ['lock.db', 'log.db', 'pki/'], false],
    ['keys that were put there for a first start', ['pki/ca.crt', 'pki/ca.key', 'pki/admin.crt'], false],
    ['an authority that was put there, after a start cut short', ['lock.db', 'pki/ca.crt', 'pki/ca.key'], false],
    ['a whole pki that was put there, after a start cut short', ['lock.db', 'pki/ca.crt', 'pki/admin.crt'], false],
    ['the mark of a birth', ['log.born'], true],
    ['a kubeconfig', ['kubeconfig'], true],
  ])('that holds %s tells by it whether it had a log', (_what, files, had) => {
    mkdirSync(join(base, 'pki'));
    for (const file of files) if (!file.endsWith('/')) writeFileSync(join(base, file), '');
    expect(hadLog(dataDirectory(base))).toBe(had);
  });

  it('is marked with the id of the log that is born, once', () => {
    const directory = dataDirectory(base);
    markBirth(directory, 'id-1');
    expect([hadLog(directory), modeOf(directory.birthMark)]).toEqual([true, '600']);
    markBirth(directory, 'id-2');
    expect(readFileSync(directory.birthMark, 'utf8')).toBe('id-1\n');
  });

  it('is made again without harm, and its mode put right', () => {
    const directory = dataDirectory(base);
    chmodSync(base, 0o755);
    makeDataDirectory(directory);
    chmodSync(directory.pki, 0o755);
    makeDataDirectory(directory);
    expect([base, directory.pki].map(modeOf)).toEqual(['700', '700']);
  });

  it('leaves a folder as open as it is that holds something of others', () => {
    writeFileSync(join(base, 'notes'), '');
    chmodSync(base, 0o755);
    const directory = dataDirectory(base);
    makeDataDirectory(directory);
    makeDataDirectory(directory);
    expect([base, directory.pki].map(modeOf)).toEqual(['755', '700']);
  });

  it('is not the folder that a program happens to be in when nobody named one', () => {
    expect(() => dataDirectory('')).toThrow(
      expect.objectContaining({ code: 'Option', message: '--data-dir names no folder' }) as Error,
    );
  });
});
