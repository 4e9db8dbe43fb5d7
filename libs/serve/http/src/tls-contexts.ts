import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type SecureContext, type SecureContextOptions, createSecureContext } from 'node:tls';
import { certificatePool } from '@reckon/serve/authn';
import type { NamedCertificate, TlsMaterial } from './api-server-options';

/** What a server shows and asks, made of one state of its files; replaced as a whole. */
export interface TlsContexts {
  /** Of those who name no server, or one that no certificate is for. */
  readonly fallback: SecureContextOptions;
  /** Of those who name this server; undefined: the fallback. */
  named(serverName: string): SecureContext | undefined;
}

/** Throws what is wrong with a certificate, a key, an authority or a suite: nothing is in use then. */
export function tlsContexts(tls: TlsMaterial): TlsContexts {
  const common: SecureContextOptions = {
    // Not the authorities of the web: nobody is known by a certificate of theirs.
    ca: tls.clientCa ?? [],
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
    ...(tls.ecdhCurve === undefined ? {} : { ecdhCurve: tls.ecdhCurve }),
  };
  // OpenSSL passes over in silence what is no certificate.
  if (tls.clientCa !== undefined) certificatePool(tls.clientCa);
  const fallback = { ...common, cert: tls.cert, key: tls.key };
  createSecureContext(fallback);
  const byName = certificatesByName(
    (tls.named ?? []).map((named) => ({
      ...named,
      value: createSecureContext({ ...common, cert: named.cert, key: named.key }),
    })),
  );
  return { fallback, named: (serverName) => forName(byName, serverName) };
}

/**
 * Which certificate answers for which name (apiserver dynamiccertificates `BuildNamedCertificates`): the earlier one of the list, but a
 * name that was given before one that was only found in a certificate.
 */
export function certificatesByName<T>(
  certificates: readonly (Pick<NamedCertificate, 'cert' | 'names'> & { readonly value: T })[],
): ReadonlyMap<string, T> {
  const given = new Map<string, T>();
  const found = new Map<string, T>();
  for (const { cert, names, value } of certificates.toReversed()) {
    for (const name of names) given.set(name.toLowerCase(), value);
    if (names.length === 0) for (const name of namesIn(cert)) found.set(name.toLowerCase(), value);
  }
  return new Map([...found, ...given]);
}

/** The name itself, else the pattern that has a `*` for its first label. */
export function forName<T>(byName: ReadonlyMap<string, T>, serverName: string): T | undefined {
  const name = serverName.toLowerCase().replace(/\.+$/, '');
  return byName.get(name) ?? byName.get(name.replace(/^[^.]*/, '*'));
}

/** The common name if it is a domain, and the alternative DNS names; addresses are no server names. */
function namesIn(pem: string): readonly string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(pem);
  const commonName = /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
  const isDomain = commonName === '*' || (isIP(commonName) === 0 && isSubdomain(commonName.replace(/^\*\./, '')));
  const dns = [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name = '']) => name);
  return isDomain ? [commonName, ...dns] : dns;
}

const isSubdomain = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
