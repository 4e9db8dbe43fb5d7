import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock, silentLogger, systemClock } from '@reckon/kernel';
import { type Credential, createAuthority, issue } from '@reckon/pki';
import type { TlsMaterial } from '@reckon/serve/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFiles } from './component-server/serving-certificate';
import { followedTls } from './followed-tls';
import { namedCertificateFiles, openTlsFiles, strictTransportSecurity } from './tls-files';

let folder: string;
const authority = createAuthority({ commonName: 'ca', clock: systemClock });
const leaf = (commonName: string): Credential =>
  issue(authority, { commonName, usages: ['server'], clock: systemClock });
const [one, two] = [leaf('one'), leaf('two')];
const at = (name: string): string => join(folder, name);
const put = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-tls-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('--tls-sni-cert-key', () => {
  it.each([
    ['foo.crt,foo.key', ['foo.crt', 'foo.key'], []],
    ['foo.crt, foo.key:*.foo.com,foo.com', ['foo.crt', 'foo.key'], ['*.foo.com', 'foo.com']],
    ['a/b.crt,a/b.key:*.*.foo.com', ['a/b.crt', 'a/b.key'], ['*.*.foo.com']],
    ['foo.crt,foo.key:10.0.0.1', ['foo.crt', 'foo.key'], ['10.0.0.1']],
  ])('%s', (value, files, names) => {
    const { certFile, keyFile, names: found } = namedCertificateFiles(value);
    expect([certFile, keyFile]).toEqual(files);
    expect(found).toEqual(names);
  });

  it.each(['', 'foo.crt', 'foo.crt,', ',foo.key', 'a,b,c', ':foo.com', 'a,b:', 'a,b:f*o.com', 'a,b:foo.*', 'a,b:x y'])(
    'refuses %j',
    (value) => {
      expect(() => namedCertificateFiles(value)).toThrow(/^--tls-sni-cert-key: /);
    },
  );
});

describe('--strict-transport-security-directives', () => {
  it('are told in the order given', () => {
    expect(strictTransportSecurity(['max-age=31536000', 'includeSubDomains', 'preload'])).toBe(
      'max-age=31536000; includeSubDomains; preload',
    );
    expect(strictTransportSecurity([])).toBeUndefined();
  });

  it.each(['max-age', 'max-age=', 'max-age=x', 'includesubdomains', 'a', 'max-age=1\r\nX: y', 'preload; x'])(
    'refuse %j',
    (directive) => {
      expect(() => strictTransportSecurity([directive])).toThrow(/allowed values: max-age=expireTime/);
    },
  );
});

describe('files of TLS', () => {
  const pair = (certFile: string, keyFile: string) => ({ certFile, keyFile, flag: '--tls-cert-file' });
  it.each([
    ['a missing certificate', () => [at('none'), put('k', one.keyPem)], 'cannot read'],
    ['no certificate', () => [put('c', 'text'), put('k', one.keyPem)], 'holds no certificate'],
    ['no key', () => [put('c', one.certPem), put('k', 'text')], 'holds no private key that can be used'],
    ['another key', () => [put('c', one.certPem), put('k', two.keyPem)], 'is not that of the certificate in'],
  ])('are refused with %s, by flag and file', (_, files, problem) => {
    const [certFile = '', keyFile = ''] = files();
    expect(() => openTlsFiles({ serving: pair(certFile, keyFile), named: [] })).toThrow(problem);
    expect(() => openTlsFiles({ serving: pair(certFile, keyFile), named: [] })).toThrow(/^--tls-cert-file/);
    expect(() => openTlsFiles({ named: [{ ...pair(certFile, keyFile), names: [] }] })).toThrow(problem);
  });

  it('are refused with authorities that are none', () => {
    expect(() => openTlsFiles({ named: [], clientCaFile: put('ca', 'text') })).toThrow(
      `--client-ca-file: ${at('ca')}: data does not contain any valid RSA or ECDSA certificates`,
    );
  });

  it('are none where no flag names any', () => {
    expect(openTlsFiles({ named: [] })).toBeUndefined();
    expect(certificateFiles({ 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' }, 'x')).toBeUndefined();
  });
});

describe('the server over files that rotate', () => {
  const own = { caPem: authority.certPem, serving: leaf('own') };
  const settled = async (timers: ReturnType<typeof fakeClock>): Promise<void> => {
    await timers.advance(1_000);
    for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('takes a new pair when both are there, never half of one, and new authorities', async () => {
    const timers = fakeClock();
    const other = createAuthority({ commonName: 'other', clock: systemClock });
    const files = {
      serving: { certFile: put('s.crt', one.certPem), keyFile: put('s.key', one.keyPem), flag: '--tls-cert-file' },
      named: [],
      clientCaFile: put('clients.crt', authority.certPem),
    };
    const tls = followedTls({ own, opened: openTlsFiles(files), frontProxy: { caPem: 'PROXY' } });
    const seen: TlsMaterial[] = [];
    const following = tls.follow({
      timers,
      logger: silentLogger,
      use: (material) => {
        seen.push(material);
      },
    });
    await settled(timers);
    put('s.crt', two.certPem);
    await settled(timers);
    expect(new Set(seen.map(({ cert }) => cert))).toEqual(new Set([one.certPem]));
    put('s.key', two.keyPem);
    put('clients.crt', other.certPem);
    await settled(timers);
    expect(seen.at(-1)).toMatchObject({ cert: two.certPem, key: two.keyPem });
    expect(seen.at(-1)?.clientCa).toBe(`${authority.certPem}${other.certPem}PROXY`);
    expect(tls.clientCaPem()).toBe(`${authority.certPem}${other.certPem}`);
    expect(tls.material()).toEqual(seen.at(-1));
    await following.stop();
  });

  it('follows the authorities of front proxies, with and without further files', async () => {
    for (const clientCaFile of [undefined, put('clients.crt', authority.certPem)]) {
      const timers = fakeClock();
      const caFile = put('proxies.crt', one.certPem);
      const opened = openTlsFiles({ named: [], ...(clientCaFile === undefined ? {} : { clientCaFile }) });
      const tls = followedTls({ own, opened, frontProxy: { caPem: one.certPem, caFile } });
      const used: TlsMaterial[] = [];
      const following = tls.follow({
        timers,
        logger: silentLogger,
        use: (material) => {
          used.push(material);
        },
      });
      await settled(timers);
      put('proxies.crt', two.certPem);
      await settled(timers);
      expect(tls.frontProxyCaPem()).toBe(two.certPem);
      expect(used.at(-1)?.clientCa).toBe(`${tls.clientCaPem()}${two.certPem}`);
      put('proxies.crt', 'no certificate');
      await settled(timers);
      expect(tls.frontProxyCaPem()).toBe(two.certPem);
      await following.stop();
    }
  });

  it('keeps what it had when the server does not take the new', async () => {
    const timers = fakeClock();
    const clientCaFile = put('clients.crt', authority.certPem);
    const tls = followedTls({ own, opened: openTlsFiles({ named: [], clientCaFile }) });
    let isRefusing = false;
    const following = tls.follow({
      timers,
      logger: silentLogger,
      use: () => (isRefusing ? Promise.reject(new Error('no')) : undefined),
    });
    await settled(timers);
    isRefusing = true;
    put('clients.crt', two.certPem);
    await settled(timers);
    expect(tls.clientCaPem()).toBe(`${authority.certPem}${authority.certPem}`);
    await following.stop();
  });

  it('is the data directory without files', () => {
    const tls = followedTls({ own, security: { minVersion: 'TLSv1.3' } });
    expect(tls.material()).toEqual({
      cert: own.serving.certPem,
      key: own.serving.keyPem,
      clientCa: authority.certPem,
      minVersion: 'TLSv1.3',
      named: [],
    });
    expect(tls.serverCaPem()).toBe(authority.certPem);
  });
});
