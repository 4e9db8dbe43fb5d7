import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, run } from '@reckon/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { startProgram } from '../apart/program-process';
import { curl } from '../walkthroughs/curl';

type Version = '1.0' | '1.1' | '1.2' | '1.3';

const folder = mkdtempSync(join(tmpdir(), 'reckon-handshakes-'));
const dataDir = join(folder, 'data');
const ca = join(dataDir, 'pki/ca.crt');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const optionOf: Readonly<Record<Version, string>> = {
  '1.0': '-tls1',
  '1.1': '-tls1_1',
  '1.2': '-tls1_2',
  '1.3': '-tls1_3',
};

/** What openssl agrees on with the server, or the alert by which the server refuses. */
async function handshake(port: number, version: Version, suite?: string): Promise<string> {
  const server = `127.0.0.1:${String(port)}`;
  // The client itself refuses what is old unless it is told not to: here the server is asked.
  const offered = ['-cipher', `${suite ?? 'ALL'}:@SECLEVEL=0`];
  const { stderr } = await run('openssl', [
    ...['s_client', '-connect', server, '-CAfile', ca, '-verify_return_error', '-brief', optionOf[version]],
    ...(version === '1.3' ? [] : offered),
  ]);
  const alert = /(?:tlsv1|sslv3|ssl\/tls) alert ([a-z ]+)/.exec(stderr)?.[1];
  const agreed = [/^Protocol version: (.+)$/m, /^Ciphersuite: (.+)$/m].map((line) => line.exec(stderr)?.[1]);
  if (alert === undefined && agreed.includes(undefined)) throw new Error(`openssl says neither yes nor no:\n${stderr}`);
  return alert?.trim() ?? agreed.join(' ');
}

async function curled(port: number, version: Version, ...args: readonly string[]): Promise<readonly unknown[]> {
  const asked = ['--cacert', ca, `--tlsv${version}`, '--tls-max', version, ...args];
  const { exitCode, status, text } = await curl(`https://127.0.0.1:${String(port)}`, '/livez', ...asked);
  return [exitCode, status, text];
}
const answered = [0, 200, 'ok'];
/** CURLE_SSL_CONNECT_ERROR */
const refused = [35, 0, ''];

async function withServer(flags: readonly string[], see: (port: number) => Promise<void>): Promise<void> {
  const args = ['apiserver', '--data-dir', dataDir, '--bind-address', '127.0.0.1', '--secure-port', '0'];
  const program = await startProgram([...args, '--authorization-mode', 'RBAC', ...flags]);
  try {
    await see(program.port);
    // kubectl takes TLS 1.2 and 1.3, whatever it finds.
    expect(await new Kubectl(join(dataDir, 'kubeconfig')).run('get --raw /livez')).toBe('ok');
  } finally {
    expect(await program.end()).toBe(0);
  }
}

describe('--tls-min-version', () => {
  it('is TLS 1.2 without it: what is older is refused by the server', async () => {
    await withServer([], async (port) => {
      expect(await handshake(port, '1.0')).toBe('protocol version');
      expect(await handshake(port, '1.1')).toBe('protocol version');
      expect(await handshake(port, '1.2')).toMatch(/^TLSv1\.2 ECDHE-/);
      expect(await handshake(port, '1.3')).toMatch(/^TLSv1\.3 TLS_/);
      expect(await curled(port, '1.1', '--ciphers', 'DEFAULT:@SECLEVEL=0')).toEqual(refused);
      expect([await curled(port, '1.2'), await curled(port, '1.3')]).toEqual([answered, answered]);
    });
  });

  it('VersionTLS13 refuses TLS 1.2', async () => {
    await withServer(['--tls-min-version', 'VersionTLS13'], async (port) => {
      expect(await handshake(port, '1.2')).toBe('protocol version');
      expect(await handshake(port, '1.3')).toMatch(/^TLSv1\.3 TLS_/);
      expect([await curled(port, '1.2'), await curled(port, '1.3')]).toEqual([refused, answered]);
    });
  });

  it('VersionTLS11 takes TLS 1.1, and nothing older', async () => {
    await withServer(['--tls-min-version', 'VersionTLS11'], async (port) => {
      expect(await handshake(port, '1.0')).toBe('protocol version');
      expect(await handshake(port, '1.1')).toMatch(/^TLSv1\.1 ECDHE-/);
      expect(await curled(port, '1.1', '--ciphers', 'DEFAULT:@SECLEVEL=0')).toEqual(answered);
      expect(await handshake(port, '1.3')).toMatch(/^TLSv1\.3 TLS_/);
    });
  });
});

describe('--tls-cipher-suites', () => {
  const [named, other] = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const flags = ['--tls-cipher-suites', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'];

  it('agrees with TLS 1.2 on what is named and on nothing else; TLS 1.3 has suites of its own', async () => {
    await withServer([], async (port) => {
      expect(await handshake(port, '1.2', other)).toBe(`TLSv1.2 ${other}`);
    });
    await withServer(flags, async (port) => {
      expect(await handshake(port, '1.2', named)).toBe(`TLSv1.2 ${named}`);
      expect(await handshake(port, '1.2', other)).toBe('handshake failure');
      expect(await handshake(port, '1.2', `${other}:${named}`)).toBe(`TLSv1.2 ${named}`);
      expect(await curled(port, '1.2', '--ciphers', named)).toEqual(answered);
      expect(await curled(port, '1.2', '--ciphers', other)).toEqual(refused);
      expect(await handshake(port, '1.3')).toMatch(/^TLSv1\.3 TLS_/);
      expect(await curled(port, '1.3')).toEqual(answered);
    });
  });

  it('with --tls-min-version=VersionTLS13 leaves TLS 1.3 alone', async () => {
    await withServer([...flags, '--tls-min-version', 'VersionTLS13'], async (port) => {
      expect(await handshake(port, '1.2', named)).toBe('protocol version');
      expect(await handshake(port, '1.3')).toMatch(/^TLSv1\.3 TLS_/);
    });
  });

  it('that are all of TLS 1.3 leave TLS 1.2 without one', async () => {
    await withServer(['--tls-cipher-suites', 'TLS_AES_128_GCM_SHA256'], async (port) => {
      expect(await handshake(port, '1.2')).toBe('protocol version');
      expect([await curled(port, '1.2'), await curled(port, '1.3')]).toEqual([refused, answered]);
    });
  });
});
