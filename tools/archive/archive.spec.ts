import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTarEntry } from './read-tar-entry.mjs';
import { readZipEntry } from './read-zip-entry.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'reckon-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Two files, the first stored, the second deflated. */
function zip(files: readonly (readonly [name: string, content: string])[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, [name, content]] of files.entries()) {
    const raw = Buffer.from(content);
    const packed = index === 0 ? raw : deflateRawSync(raw);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(index === 0 ? 0 : 8, 4);
    shared.writeUInt32LE(crc32(raw), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(raw.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, tail, Buffer.from(name)]));
    bodies.push(body);
    offset += body.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

describe('readTarEntry', () => {
  it('finds a file in what tar made, and says when it is not there', () => {
    const content = 'x'.repeat(1500);
    writeFileSync(path.join(folder, 'first'), 'first');
    writeFileSync(path.join(folder, 'second'), content);
    execFileSync('tar', ['--format=ustar', '-cf', 'all.tar', 'first', 'second'], { cwd: folder });
    const tar = readFileSync(path.join(folder, 'all.tar'));
    expect(readTarEntry(tar, 'second').toString()).toBe(content);
    expect(() => readTarEntry(tar, 'third')).toThrow('no third in the tar archive');
  });
});

describe('readZipEntry', () => {
  const archive = zip([
    ['kubectl/kubectl', 'stored'],
    ['helm/helm', 'deflated'.repeat(100)],
  ]);

  it('finds stored and deflated files', () => {
    expect(readZipEntry(archive, 'kubectl/kubectl').toString()).toBe('stored');
    expect(readZipEntry(archive, 'helm/helm').toString()).toBe('deflated'.repeat(100));
  });

  it('says when a file is missing, damaged, or no archive is there', () => {
    expect(() => readZipEntry(archive, 'nothing')).toThrow('no nothing in the zip archive');
    expect(() => readZipEntry(Buffer.from('no archive'), 'x')).toThrow('not a zip archive');
    const damaged = Buffer.from(archive);
    damaged[damaged.indexOf('stored')] = 0;
    expect(() => readZipEntry(damaged, 'kubectl/kubectl')).toThrow('wrong checksum');
  });
});
