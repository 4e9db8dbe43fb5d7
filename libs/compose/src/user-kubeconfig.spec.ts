import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '@reckon/client/rest';
import { systemClock } from '@reckon/kernel';
import { ensurePki, writeKubeconfig } from '@reckon/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userKubeconfig, writeUserKubeconfig } from './user-kubeconfig';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-user-'));
  const pki = await ensurePki(join(folder, 'pki'), { clock: systemClock });
  await writeKubeconfig({
    path: join(folder, 'kubeconfig'),
    server: 'https://127.0.0.1:6443',
    caPem: pki.caPem,
    user: { cert: pki.admin.certPem, key: pki.admin.keyPem },
    context: 'reckon',
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a kubeconfig for somebody', () => {
  it('has a certificate of the cluster’s authority with their name and groups', async () => {
    const file = join(folder, 'jane');
    writeFileSync(file, await userKubeconfig({ dataDir: folder, cn: 'jane', groups: ['dev', 'ops'], days: 7 }));
    const config = loadKubeconfig(file, { userAgent: 'test' });
    const certificate = new X509Certificate(config.certPem ?? '');
    expect(config.server).toBe('https://127.0.0.1:6443');
    expect(certificate.subject.split('\n')).toEqual(['O=dev', 'O=ops', 'CN=jane']);
    expect(certificate.verify(new X509Certificate(config.caPem ?? '').publicKey)).toBe(true);
    const days = (Date.parse(certificate.validTo) - systemClock.wallMs()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
  });

  it('may name another address of the server', async () => {
    const text = await userKubeconfig({
      dataDir: folder,
      cn: 'jane',
      groups: [],
      days: 1,
      server: 'https://example.com',
    });
    expect(text).toContain('"server": "https://example.com"');
  });

  it('needs a cluster and a name', async () => {
    const none = { dataDir: join(folder, 'none'), cn: 'jane', groups: [], days: 1 };
    await expect(userKubeconfig(none)).rejects.toThrow(`${join(folder, 'none')} holds no cluster`);
    await expect(userKubeconfig({ ...none, dataDir: folder, cn: '' })).rejects.toThrow('--cn: a name is needed');
    const nameless = { ...none, dataDir: folder, groups: ['dev', ''] };
    await expect(userKubeconfig(nameless)).rejects.toThrow('--group: a name is needed');
  });

  it('is written to a file for this user only, and to one that is there only when told so', () => {
    const file = join(folder, 'written');
    writeUserKubeconfig(file, 'first', { overwrites: false });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['first', 0o600]);
    const refusal = (path: string): unknown[] => {
      try {
        writeUserKubeconfig(path, 'second', { overwrites: false });
        return [];
      } catch (error) {
        return [(error as Error).message, (error as { readonly hint?: unknown }).hint];
      }
    };
    expect(refusal(file)).toEqual([`--out: ${file} is there already`, 'name a new file, or overwrite it with --force']);
    expect(readFileSync(file, 'utf8')).toBe('first');
    expect(refusal(join(folder, 'none', 'x'))).toEqual([
      expect.stringMatching(/^--out: \S+\/none\/x cannot be written: ENOENT/),
      'name a file in a folder that this user may write',
    ]);
    chmodSync(file, 0o644);
    writeUserKubeconfig(file, 'second', { overwrites: true });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['second', 0o600]);
  });
});
