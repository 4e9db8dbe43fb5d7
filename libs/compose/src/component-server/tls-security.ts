import { DEFAULT_CIPHERS, type SecureVersion, createSecureContext, getCiphers } from 'node:tls';
import { OptionError } from '../option-error';

export interface TlsSecurityFlags {
  readonly 'tls-min-version': string;
  readonly 'tls-cipher-suites': readonly string[];
  /** Numbers, as Go has them. */
  readonly 'tls-curve-preferences'?: readonly string[];
}

/** How an HTTPS server may be spoken to, as `node:tls` takes it. */
export interface TlsSecurity {
  readonly minVersion: SecureVersion;
  /** OpenSSL's names; absent: node's own choice. */
  readonly ciphers?: string;
  /** OpenSSL's names; absent: node's own choice. */
  readonly ecdhCurve?: string;
}

const versions: Readonly<Record<string, SecureVersion>> = {
  VersionTLS10: 'TLSv1',
  VersionTLS11: 'TLSv1.1',
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
};

/** Of TLS 1.3. Go always offers all of them, and so does a server here. */
const newest: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
]);

/** By Go's name (crypto/tls `CipherSuites`, `InsecureCipherSuites`, component-base/cli/flag) OpenSSL's, up to TLS 1.2. */
const suites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_ECDSA_WITH_RC4_128_SHA: 'ECDHE-ECDSA-RC4-SHA',
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: 'ECDHE-RSA-DES-CBC3-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_RC4_128_SHA: 'ECDHE-RSA-RC4-SHA',
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: 'DES-CBC3-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_RC4_128_SHA: 'RC4-SHA',
};

/** By Go's number (crypto/tls `CurveID`) OpenSSL's name. */
const curves: Readonly<Record<string, string>> = {
  '23': 'P-256',
  '24': 'P-384',
  '25': 'P-521',
  '29': 'X25519',
  '4588': 'X25519MLKEM768',
};

/** What `--tls-min-version`, `--tls-cipher-suites` and `--tls-curve-preferences` say. What OpenSSL does not know is left out, with a warning. */
export function tlsSecurity(flags: TlsSecurityFlags, warn: (line: string) => void): TlsSecurity {
  return { ...versionAndSuites(flags, warn), ...chosenCurves(flags['tls-curve-preferences'] ?? [], warn) };
}

function chosenCurves(numbers: readonly string[], warn: (line: string) => void): Pick<TlsSecurity, 'ecdhCurve'> {
  const flag = '--tls-curve-preferences';
  const known: string[] = [];
  for (const number of numbers) {
    const name = Object.hasOwn(curves, number) ? curves[number] : undefined;
    if (name === undefined)
      throw new OptionError(
        `${flag}: ${number} is no curve that is supported`,
        `the curves are ${Object.entries(curves)
          .map((row) => row.join(' '))
          .join(', ')}`,
      );
    if (known.includes(name)) throw new OptionError(`${flag}: ${number} is given twice`, 'name each curve once');
    try {
      createSecureContext({ ecdhCurve: name });
      known.push(name);
    } catch {
      // OpenSSL says no more than that.
      warn(`reckon: ${flag}: ${name} is not offered: this node's OpenSSL does not know it`);
    }
  }
  if (numbers.length > 0 && known.length === 0)
    throw new OptionError(`${flag}: none of the curves is known to this node's OpenSSL`, 'add 23, 24 or 29');
  return known.length === 0 ? {} : { ecdhCurve: known.join(':') };
}

/** Suites that OpenSSL has dropped are left out, with a warning. */
function versionAndSuites(flags: TlsSecurityFlags, warn: (line: string) => void): TlsSecurity {
  const named = flags['tls-min-version'];
  const minVersion = named === '' ? 'TLSv1.2' : Object.hasOwn(versions, named) ? versions[named] : undefined;
  if (minVersion === undefined)
    throw new OptionError(
      `--tls-min-version: unknown tls version ${JSON.stringify(named)}`,
      `name one of ${Object.keys(versions).join(', ')}`,
    );
  const chosen = flags['tls-cipher-suites'];
  for (const name of chosen)
    if (!newest.has(name) && !Object.hasOwn(suites, name))
      throw new OptionError(
        `--tls-cipher-suites: Cipher suite ${name} not supported or doesn't exist`,
        `the suites are ${[...newest, ...Object.keys(suites)].sort().join(', ')}`,
      );
  // Below TLS 1.2 OpenSSL must be told that its own rules do not count.
  const level = minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? ':@SECLEVEL=0' : '';
  if (chosen.length === 0) return level === '' ? { minVersion } : { minVersion, ciphers: `${DEFAULT_CIPHERS}${level}` };
  const offered = new Set(getCiphers());
  const lost = chosen.filter((name) => !newest.has(name) && !offered.has((suites[name] ?? '').toLowerCase()));
  for (const name of lost) warn(`reckon: --tls-cipher-suites: ${name} is not offered: OpenSSL has dropped it`);
  const older = [...new Set(chosen.filter((name) => !newest.has(name) && !lost.includes(name)).map((n) => suites[n]))];
  // Without one for TLS 1.2 only TLS 1.3 is left, whose suites are not for choosing.
  return older.length === 0 ? { minVersion: 'TLSv1.3' } : { minVersion, ciphers: `${older.join(':')}${level}` };
}
