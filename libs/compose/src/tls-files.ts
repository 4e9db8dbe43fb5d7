import { certificatePool, CertificatePoolError } from '@reckon/serve/authn';
import type { NamedCertificate } from '@reckon/serve/http';
import {
  type CertificateFiles,
  type ServingCertificate,
  readCertificate,
  readPem,
} from './component-server/serving-certificate';
import { OptionError } from './option-error';

/** Files of the server's TLS, as flags name them: they are followed while it runs. */
export interface TlsFiles {
  /** Absent: the certificate of the data directory, which is not followed. */
  readonly serving?: CertificateFiles;
  /** `--tls-sni-cert-key`. */
  readonly named: readonly (CertificateFiles & Pick<NamedCertificate, 'names'>)[];
  /** `--client-ca-file`. */
  readonly clientCaFile?: string;
}

/** What is in them, PEM. */
export interface TlsFilesContent {
  readonly serving?: ServingCertificate;
  readonly named: readonly NamedCertificate[];
  readonly clientCaPem?: string;
}

/** Files that were read and proved when the program began. */
export interface OpenTlsFiles {
  readonly files: TlsFiles;
  readonly content: TlsFilesContent;
}

/** Undefined where no flag names any. Throws `OptionError` that names flag and file. */
export function openTlsFiles(files: TlsFiles): OpenTlsFiles | undefined {
  return allTlsFiles(files).length === 0 ? undefined : { files, content: readTlsFiles(files) };
}

/** All of them. */
export const allTlsFiles = ({ serving, named, clientCaFile }: TlsFiles): readonly string[] => [
  ...[...(serving === undefined ? [] : [serving]), ...named].flatMap(({ certFile, keyFile }) => [certFile, keyFile]),
  ...(clientCaFile === undefined ? [] : [clientCaFile]),
];

/** Reads and proves all of them. Throws `OptionError` that names flag and file. */
export function readTlsFiles(files: TlsFiles): TlsFilesContent {
  const { serving, named, clientCaFile } = files;
  return {
    ...(serving === undefined ? {} : { serving: readCertificate(serving) }),
    named: named.map((row) => ({ ...readCertificate(row), names: row.names })),
    ...(clientCaFile === undefined ? {} : { clientCaPem: readAuthorities(clientCaFile, '--client-ca-file') }),
  };
}

export const frontProxyCaFlag = '--requestheader-client-ca-file';

/** PEM of authorities, which ends its last line. Throws `OptionError` that names flag and file. */
export function readAuthorities(file: string, flag: string): string {
  const pem = readPem(file, flag);
  try {
    certificatePool(pem);
  } catch (cause) {
    if (!(cause instanceof CertificatePoolError)) throw cause;
    throw new OptionError(`${flag}: ${file}: ${cause.message}`, cause.hint, { cause });
  }
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}

/**
 * `foo.crt,foo.key` or `foo.crt,foo.key:*.foo.com,foo.com` (component-base/cli/flag `NamedCertKey`). Throws `OptionError`.
 */
export function namedCertificateFiles(value: string): TlsFiles['named'][number] {
  const flag = '--tls-sni-cert-key';
  const hint = 'give it like foo.crt,foo.key or foo.crt,foo.key:*.foo.com,foo.com';
  const colon = value.indexOf(':');
  const files = (colon < 0 ? value : value.slice(0, colon)).split(',').map((file) => file.trim());
  const names =
    colon < 0
      ? []
      : value
          .slice(colon + 1)
          .split(',')
          .map((name) => name.trim());
  const [certFile = '', keyFile = '', ...more] = files;
  if (certFile === '' || keyFile === '' || more.length > 0)
    throw new OptionError(
      `${flag}: expected comma separated certificate and key file paths in ${JSON.stringify(value)}`,
      hint,
    );
  for (const name of names)
    if (!/^(\*\.)*[^*\s]+$/.test(name) && name !== '*')
      throw new OptionError(`${flag}: ${JSON.stringify(name)} is no domain pattern`, hint);
  return { certFile, keyFile, names, flag };
}

/** `--strict-transport-security-directives` as the header has it; undefined for none. Throws `OptionError` (server/options `validateHSTSDirectives`). */
export function strictTransportSecurity(directives: readonly string[]): string | undefined {
  for (const directive of directives)
    if (!/^(includeSubDomains|preload|max-age=\d+)$/.test(directive))
      throw new OptionError(
        '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
        `${JSON.stringify(directive)} is none of them`,
      );
  return directives.length === 0 ? undefined : directives.join('; ');
}
