import { X509Certificate, createPrivateKey } from 'node:crypto';
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

/** Two files that belong together, and the flag that names them. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly flag: string;
}

/** The certificate that the flags name, or the one in `--cert-dir`; undefined where neither is there. */
export function certificateFiles(flags: CertificateFlags, program: string): CertificateFiles | undefined {
  const { 'tls-cert-file': certFile, 'tls-private-key-file': keyFile, 'cert-dir': folder } = flags;
  if ((certFile === '') !== (keyFile === ''))
    throw new OptionError(
      `${certFile === '' ? '--tls-private-key-file' : '--tls-cert-file'} is given without the other half`,
      'give both --tls-cert-file and --tls-private-key-file, or neither',
    );
  if (certFile !== '') return { certFile, keyFile, flag: '--tls-cert-file and --tls-private-key-file' };
  const [inFolder, keyInFolder] = [join(folder, `${program}.crt`), join(folder, `${program}.key`)];
  if (folder === '' || !existsSync(inFolder) || !existsSync(keyInFolder)) return undefined;
  return { certFile: inFolder, keyFile: keyInFolder, flag: '--cert-dir' };
}

/** The same, read and proved. */
export function namedCertificate(flags: CertificateFlags, program: string): ServingCertificate | undefined {
  const files = certificateFiles(flags, program);
  return files === undefined ? undefined : readCertificate(files);
}

/** A certificate and its key. Throws `OptionError` that names flag and file. */
export function readCertificate({ certFile, keyFile, flag }: CertificateFiles): ServingCertificate {
  const [cert, key] = [readPem(certFile, flag), readPem(keyFile, flag)];
  const hint = 'name a certificate (with its chain) and its private key, both PEM, without a passphrase';
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (cause) {
    throw new OptionError(`${flag}: ${certFile} holds no certificate`, hint, { cause });
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key))) return { cert, key };
  } catch (cause) {
    throw new OptionError(`${flag}: ${keyFile} holds no private key that can be used`, hint, { cause });
  }
  throw new OptionError(`${flag}: the key in ${keyFile} is not that of the certificate in ${certFile}`, hint);
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
