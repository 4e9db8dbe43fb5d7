import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '@reckon/kernel';
import { createAuthority } from '@reckon/pki';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateStore, credentialIn } from './certificate-store';

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 5);
const clock = fakeClock(nowMs);
const [first, second] = [createAuthority({ commonName: 'a', clock }), createAuthority({ commonName: 'b', clock })];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'reckon-store-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('the store of a certificate', () => {
  it('keeps each for its owner only, and leads to the newest', async () => {
    const store = new CertificateStore(join(dir, 'pki'), 'kubelet-client');
    expect(store.current()).toBeUndefined();
    await store.save(first, nowMs);
    expect(store.current()).toEqual(first);
    await store.save(second, nowMs + 1000);
    expect(store.current()).toEqual(second);
    expect(readdirSync(store.dir).sort()).toEqual([
      'kubelet-client-2026-11-22-12-00-05.pem',
      'kubelet-client-2026-11-22-12-00-06.pem',
      'kubelet-client-current.pem',
    ]);
    expect(readlinkSync(store.currentFile)).toBe('kubelet-client-2026-11-22-12-00-06.pem');
    expect(statSync(store.currentFile).mode & 0o777).toBe(0o600);
    expect(statSync(store.dir).mode & 0o777).toBe(0o700);
  });

  it.each<[string, (text: string) => string]>([
    ['is cut short', (text) => text.slice(0, 300)],
    ['lacks its key', () => first.certPem],
    ['has the key of another', () => first.certPem + second.keyPem],
    ['is rubbish', () => 'rubbish'],
    ['is empty', () => ''],
  ])('does not take for one what %s', async (_name, broken) => {
    const store = new CertificateStore(dir, 'kubelet-server');
    await store.save(first, nowMs);
    writeFileSync(store.currentFile, broken(readFileSync(store.currentFile, 'utf8')));
    expect(store.current()).toBeUndefined();
  });

  it('reads the halves in either order, with what stands around them', () => {
    expect(credentialIn(`key:\n${first.keyPem}\ncert:\n${first.certPem}`)).toEqual(first);
  });
});
