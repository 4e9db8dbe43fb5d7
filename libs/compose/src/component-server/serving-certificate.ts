import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { WallClock } from '@reckon/kernel';
import { createAuthority, issue } from '@reckon/pki';
import { OptionError } from '../option-error';

export interface CertificateFlags {
  readonly 'tls-cert-file': string;
  readonly 'tls-private-key-file': string;
  readonly 'cert-dir': string;
}

/** PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificate that the flags name, or the one in `--cert-dir`; undefined where neither is there. */
export function namedCertificate(flags: CertificateFlags, program: string): ServingCertificate | undefined {
  const { 'tls-cert-file': certFile, 'tls-private-key-file': keyFile, 'cert-dir': folder } = flags;
  if ((certFile === '') !== (keyFile === ''))
    throw new OptionError(
      `${certFile === '' ? '--tls-private-key-file' : '--tls-cert-file'} is given without the other half`,
      'give both --tls-cert-file and --tls-private-key-file, or neither',
    );
  if (certFile !== '')
    return { cert: readPem(certFile, '--tls-cert-file'), key: readPem(keyFile, '--tls-private-key-file') };
  const [inFolder, keyInFolder] = [join(folder, `${program}.crt`), join(folder, `${program}.key`)];
  if (folder === '' || !existsSync(inFolder) || !existsSync(keyInFolder)) return undefined;
  return { cert: readPem(inFolder, '--cert-dir'), key: readPem(keyInFolder, '--cert-dir') };
}

/** The certificate of a component's own server: the named one, or one that signs itself and lives as long as the process. */
export function servingCertificate(flags: CertificateFlags, program: string, clock: WallClock): ServingCertificate {
  const named = namedCertificate(flags, program);
  if (named !== undefined) return named;
  const authority = createAuthority({ commonName: `${hostname()}-ca`, clock });
  const { certPem, keyPem } = issue(authority, {
    commonName: hostname(),
    dnsNames: ['localhost', hostname()],
    ipAddresses: ['127.0.0.1', '::1'],
    usages: ['server'],
    clock,
  });
  return { cert: `${certPem}${authority.certPem}`, key: keyPem };
}

/** A file that a flag names. */
export function readPem(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionError(`${flag}: cannot read ${file}`, 'name a PEM file that this user may read', { cause });
  }
}
