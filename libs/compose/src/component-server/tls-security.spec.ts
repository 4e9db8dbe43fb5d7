import { MetricsRegistry, systemClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { type ConnectionOptions, DEFAULT_CIPHERS, type TLSSocket, connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { componentPagesOf } from './component-pages-of';
import { type ComponentServer, startComponentServer } from './component-server';
import { servingCertificate } from './serving-certificate';
import { type TlsSecurityFlags, tlsSecurity } from './tls-security';

const pages = componentPagesOf({
  name: 'test',
  clock: systemClock,
  flags: {},
  guard: () => Promise.resolve(),
  health: [],
  metrics: new MetricsRegistry(),
  configz: () => ({}),
});

const read = (version: string, ...suites: readonly string[]) => {
  const warnings: string[] = [];
  const flags: TlsSecurityFlags = { 'tls-min-version': version, 'tls-cipher-suites': suites };
  return { security: tlsSecurity(flags, (line) => warnings.push(line)), warnings };
};

const curves = (...numbers: readonly string[]) => {
  const warnings: string[] = [];
  const flags = { 'tls-min-version': '', 'tls-cipher-suites': [], 'tls-curve-preferences': numbers };
  return { security: tlsSecurity(flags, (line) => warnings.push(line)), warnings };
};

describe('what is said of curves', () => {
  it('is taken by the numbers that Go has for them, in order', () => {
    expect(curves('29', '23').security).toEqual({ minVersion: 'TLSv1.2', ecdhCurve: 'X25519:P-256' });
    expect(curves().security).toEqual({ minVersion: 'TLSv1.2' });
  });

  it.each([['0'], ['-1'], ['65535'], ['P-256'], ['23', '23'], ['__proto__']])('refuses %s %s', (...numbers) => {
    expect(() => curves(...numbers)).toThrow(/^--tls-curve-preferences: /);
  });
});

describe('what is said of TLS', () => {
  it.each([
    [['', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'], { minVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
    [[''], { minVersion: 'TLSv1.2' }],
    [['VersionTLS11'], { minVersion: 'TLSv1.1', ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` }],
    [['VersionTLS10', 'TLS_RSA_WITH_AES_128_CBC_SHA'], { minVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' }],
    [['VersionTLS13'], { minVersion: 'TLSv1.3' }],
    [['VersionTLS12', 'TLS_AES_128_GCM_SHA256'], { minVersion: 'TLSv1.3' }],
    [
      [
        'VersionTLS12',
        'TLS_AES_128_GCM_SHA256',
        'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
        'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
        'TLS_RSA_WITH_AES_256_CBC_SHA',
      ],
      { minVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305:AES256-SHA' },
    ],
  ] as const)('%j becomes what node takes', ([version, ...suites], security) => {
    expect(read(version, ...suites)).toEqual({ security, warnings: [] });
  });

  it('is refused by name', () => {
    expect(() => read('VersionTLS14')).toThrow('--tls-min-version: unknown tls version "VersionTLS14"');
    expect(() => read('constructor')).toThrow('unknown tls version');
    expect(() => read('', 'AES128-SHA')).toThrow("Cipher suite AES128-SHA not supported or doesn't exist");
    expect(() => read('', 'toString')).toThrow("Cipher suite toString not supported or doesn't exist");
  });

  it('leaves out what OpenSSL has dropped, with a warning', () => {
    expect(read('', 'TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA')).toEqual({
      security: { minVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
      warnings: ['reckon: --tls-cipher-suites: TLS_RSA_WITH_RC4_128_SHA is not offered: OpenSSL has dropped it'],
    });
  });
});

describe('a component’s server', () => {
  let component: ComponentServer;
  afterEach(() => component.stop());

  const start = async (version: string, ...suites: readonly string[]): Promise<void> => {
    const certificate = servingCertificate(
      { 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' },
      'test',
      systemClock,
    );
    component = await startComponentServer(pages, {
      host: '127.0.0.1',
      port: 0,
      tls: { ...certificate, ...read(version, ...suites).security },
    });
  };
  const shake = (options: ConnectionOptions): Promise<string> =>
    new Promise((resolve) => {
      const socket: TLSSocket = connect(
        { host: '127.0.0.1', port: component.port, rejectUnauthorized: false, ...options },
        () => {
          resolve(`${socket.getProtocol() ?? ''} ${socket.getCipher().name}`);
          socket.destroy();
        },
      );
      socket.on('error', () => {
        resolve('refused');
      });
    });

  it('refuses older versions than the one that is named', async () => {
    await start('VersionTLS13');
    expect(await shake({ maxVersion: 'TLSv1.2' })).toBe('refused');
    expect(await shake({})).toMatch(/^TLSv1\.3 /);
  });

  it('speaks older versions where that is wanted', async () => {
    const old: ConnectionOptions = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0`,
    };
    await start('VersionTLS11');
    expect(await shake(old)).toMatch(/^TLSv1\.1 ECDHE-/);
    expect(await shake({ ...old, maxVersion: 'TLSv1' })).toBe('refused');
    await component.stop();
    await start('');
    expect(await shake(old)).toBe('refused');
  });

  it('agrees on keys by the curves that are named, and by no others', async () => {
    const { ecdhCurve } = curves('24', '25').security;
    const certificate = servingCertificate(
      { 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' },
      'kube-scheduler',
      systemClock,
    );
    component = await startComponentServer(pages, {
      host: '127.0.0.1',
      port: 0,
      tls: { ...certificate, ...(ecdhCurve === undefined ? {} : { ecdhCurve }) },
    });
    expect(await shake({ ecdhCurve: 'P-384' })).toMatch(/^TLSv1\.3 /);
    expect(await shake({ ecdhCurve: 'X25519' })).toBe('refused');
  });

  it('shows a new certificate to new connections, by name too, and keeps whom it trusts', async () => {
    await start('');
    const certificate = servingCertificate(
      { 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' },
      'kube-scheduler',
      systemClock,
    );
    const authority = createAuthority({ commonName: 'ca', clock: systemClock });
    const { certPem: cert, keyPem: key } = issue(authority, {
      commonName: 'rotated',
      dnsNames: ['scheduler.test'],
      usages: ['server'],
      clock: systemClock,
    });
    const shown = (servername?: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const socket: TLSSocket = connect(
          {
            ...{ host: '127.0.0.1', port: component.port, rejectUnauthorized: false },
            ...(servername === undefined ? {} : { servername }),
          },
          () => {
            resolve(socket.getPeerCertificate().subject.CN);
            socket.destroy();
          },
        );
        socket.on('error', reject);
      });
    const before = await shown();
    component.useTls({ ...certificate, named: [{ cert, key, names: [] }] });
    expect([await shown(), await shown('scheduler.test')]).toEqual([before, 'rotated']);
    component.useTls({ cert, key });
    expect(await shown()).toBe('rotated');
    expect(() => {
      component.useTls({ cert, key: certificate.key });
    }).toThrow();
    expect(await shown()).toBe('rotated');
  });

  it('speaks TLS 1.2 with the suites that are named, and TLS 1.3; so after it was told whom to trust', async () => {
    // Its certificate is one of an elliptic curve.
    await start('', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384');
    for (let i = 0; i < 2; i++) {
      const old = { maxVersion: 'TLSv1.2' } as const;
      expect(await shake(old)).toMatch(/^TLSv1\.2 ECDHE-(ECDSA|RSA)-AES256-GCM-SHA384$/);
      const others = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
      expect(await shake({ ...old, ciphers: others })).toBe('refused');
      expect(await shake({})).toMatch(/^TLSv1\.3 /);
      component.trust(
        servingCertificate({ 'tls-cert-file': '', 'tls-private-key-file': '', 'cert-dir': '' }, 'ca', systemClock).cert,
      );
    }
  });
});
