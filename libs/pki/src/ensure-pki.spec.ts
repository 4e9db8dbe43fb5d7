import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { fakeClock, systemClock } from '@reckon/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority, type Credential, issue } from './certificate';
import { ensurePki, type Pki } from './ensure-pki';
import { newKeyPair, privateKeyPem } from './key-pair';
import { kubeconfigText, writeKubeconfig } from './kubeconfig';
import { PkiError } from './pki-error';

const dayMs = 24 * 60 * 60 * 1000;
let root: string;
let dir: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'reckon-pki-'));
  dir = path.join(root, 'pki');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

// TLS looks at the real time, so the clock begins there.
const clockNow = (): ReturnType<typeof fakeClock> => fakeClock(systemClock.wallMs());

/** Serves one request with `server`'s certificate and says who called. */
async function handshake(pki: Pki, client: Credential, host: string): Promise<string> {
  const server = https.createServer(
    { cert: pki.serving.certPem, key: pki.serving.keyPem, ca: pki.caPem, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const peer = request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate() : undefined;
      response.end(peer?.subject.replaceAll('\n', ','));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const request = https.get(
        {
          host: '127.0.0.1',
          port,
          servername: /^[0-9.:]+$/.test(host) ? '' : host,
          ca: pki.caPem,
          cert: client.certPem,
          key: client.keyPem,
          agent: false,
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (part: string) => (body += part));
          response.on('end', () => resolve(body));
        },
      );
      request.on('error', reject);
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('ensurePki', () => {
  it('makes everything on a first start, private where it must be', async () => {
    const pki = await ensurePki(dir, { clock: clockNow(), serviceIp: '10.96.0.1' });
    const files = readdirSync(dir).sort();
    expect(files).toEqual([...pki.written].sort());
    expect(files).toHaveLength(12);
    for (const file of files) {
      expect([file, statSync(path.join(dir, file)).mode & 0o777]).toEqual([
        file,
        file.endsWith('.key') ? 0o600 : 0o644,
      ]);
    }
    expect(readdirSync(root)).toEqual(['pki']);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('lets the admin in over mutual TLS, by name and by address', async () => {
    const pki = await ensurePki(dir, { clock: clockNow(), hosts: ['reckon.example', '192.0.2.1', 'fe80::1'] });
    for (const host of ['localhost', 'kubernetes.default.svc', 'reckon.example', '127.0.0.1']) {
      expect(await handshake(pki, pki.admin, host)).toBe('O=system:masters,CN=kubernetes-admin');
    }
    await expect(handshake(pki, pki.admin, 'elsewhere.example')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await expect(handshake(pki, pki.frontProxyClient, 'localhost')).rejects.toThrow();
    const serving = new X509Certificate(pki.serving.certPem);
    for (const ip of ['127.0.0.1', '::1', '192.0.2.1', 'fe80::1']) expect(serving.checkIP(ip)).toBeDefined();
  });

  it('uses what is there', async () => {
    const clock = clockNow();
    const first = await ensurePki(dir, { clock });
    const second = await ensurePki(dir, { clock });
    expect(second).toEqual({ ...first, written: [] });
  });

  it('makes a new serving certificate for a new name, and keeps the rest', async () => {
    const clock = clockNow();
    const first = await ensurePki(dir, { clock });
    const second = await ensurePki(dir, { clock, hosts: ['new.example'], serviceIp: '10.0.0.1' });
    expect(second.written).toEqual(['apiserver.key', 'apiserver.crt']);
    expect(second.caPem).toBe(first.caPem);
    expect(new X509Certificate(second.serving.certPem).checkHost('new.example')).toBe('new.example');
    expect(new X509Certificate(second.serving.certPem).checkIP('10.0.0.1')).toBe('10.0.0.1');
  });

  it('renews leaves a month before their end', async () => {
    const clock = clockNow();
    await ensurePki(dir, { clock });
    clock.jump(334 * dayMs);
    expect((await ensurePki(dir, { clock })).written).toEqual([]);
    clock.jump(2 * dayMs);
    expect((await ensurePki(dir, { clock })).written).toEqual([
      'apiserver.key',
      'apiserver.crt',
      'admin.key',
      'admin.crt',
      'front-proxy-client.key',
      'front-proxy-client.crt',
    ]);
  });

  it('fills an empty folder whole or not at all, through a link or among other files each by itself', async () => {
    const empty = path.join(root, 'empty');
    mkdirSync(empty, { mode: 0o700 });
    const before = statSync(empty).ino;
    await ensurePki(empty, { clock: clockNow() });
    // Another folder has taken its place.
    expect(statSync(empty).ino).not.toBe(before);
    expect(statSync(empty).mode & 0o777).toBe(0o700);

    const target = path.join(root, 'target');
    mkdirSync(target);
    symlinkSync(target, path.join(root, 'link'));
    await ensurePki(path.join(root, 'link'), { clock: clockNow() });
    expect(readdirSync(target)).toHaveLength(12);
    const mixed = path.join(root, 'mixed');
    mkdirSync(mixed);
    writeFileSync(path.join(mixed, 'README'), '');
    await ensurePki(mixed, { clock: clockNow() });
    expect(readdirSync(mixed)).toHaveLength(13);
    expect(readdirSync(root).sort()).toEqual(['empty', 'link', 'mixed', 'target']);
  });

  it('makes a leaf anew that lacks its key or has another authority', async () => {
    const clock = clockNow();
    await ensurePki(dir, { clock });
    rmSync(path.join(dir, 'admin.key'));
    const stranger = issue(createAuthority({ commonName: 'x', clock }), { commonName: 'x', usages: ['client'], clock });
    writeFileSync(path.join(dir, 'front-proxy-client.crt'), stranger.certPem);
    writeFileSync(path.join(dir, 'front-proxy-client.key'), stranger.keyPem);
    expect((await ensurePki(dir, { clock })).written).toEqual([
      'admin.key',
      'admin.crt',
      'front-proxy-client.key',
      'front-proxy-client.crt',
    ]);
  });

  it.each(['ca.crt', 'ca.key', 'admin.crt', 'sa.key'])(
    'names %s when it is damaged, and leaves it alone',
    async (name) => {
      const clock = clockNow();
      await ensurePki(dir, { clock });
      const file = path.join(dir, name);
      writeFileSync(file, 'rubbish');
      const attempt = ensurePki(dir, { clock });
      await expect(attempt).rejects.toThrow(PkiError);
      await expect(attempt).rejects.toThrow(`${file} is damaged`);
      expect(readFileSync(file, 'utf8')).toBe('rubbish');
    },
  );

  it('never replaces an authority that lost its key, or has another’s', async () => {
    const clock = clockNow();
    await ensurePki(dir, { clock });
    const keyFile = path.join(dir, 'ca.key');
    writeFileSync(keyFile, privateKeyPem(newKeyPair().privateKey));
    await expect(ensurePki(dir, { clock })).rejects.toThrow(`${keyFile} is not the key of ${path.join(dir, 'ca.crt')}`);
    rmSync(keyFile);
    await expect(ensurePki(dir, { clock })).rejects.toThrow(`${keyFile} is missing`);
    expect(existsSync(keyFile)).toBe(false);
  });

  it('makes a leaf anew whose key is of another certificate, as a crash between the two leaves it', async () => {
    const clock = clockNow();
    await ensurePki(dir, { clock });
    writeFileSync(path.join(dir, 'admin.key'), privateKeyPem(newKeyPair().privateKey));
    expect((await ensurePki(dir, { clock })).written).toEqual(['admin.key', 'admin.crt']);
  });

  it('writes the public half of the token key again when it is lost', async () => {
    const clock = clockNow();
    const first = await ensurePki(dir, { clock });
    rmSync(path.join(dir, 'sa.pub'));
    expect((await ensurePki(dir, { clock })).written).toEqual(['sa.pub']);
    expect(readFileSync(path.join(dir, 'sa.pub'), 'utf8')).toBe(first.serviceAccountPublicPem);
  });
});

describe('kubeconfig', () => {
  it('is private, and holds what kubectl reads', async () => {
    const file = path.join(root, 'kubeconfig');
    await writeKubeconfig({
      path: file,
      server: 'https://127.0.0.1:6443',
      caPem: 'CA',
      user: { cert: 'CERT', key: 'KEY' },
      context: 'reckon',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'reckon', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'Q0E=' } },
      ],
      users: [{ name: 'reckon-admin', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
      contexts: [{ name: 'reckon', context: { cluster: 'reckon', user: 'reckon-admin' } }],
      'current-context': 'reckon',
    });
  });

  it('takes a token in place of a certificate', () => {
    const text = kubeconfigText({
      server: 'http://x',
      user: { token: 't' },
      context: 'c',
      userName: 'u',
      namespace: 'n',
    });
    expect(JSON.parse(text)).toMatchObject({
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ context: { namespace: 'n' } }],
      clusters: [{ cluster: { server: 'http://x' } }],
    });
  });
});
