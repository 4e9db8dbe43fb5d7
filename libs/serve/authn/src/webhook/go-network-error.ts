import { isIP } from 'node:net';

/** Where a connection leads. */
export interface DialledPlace {
  readonly host: string;
  readonly port: number;
  /** What its certificate must be for, if not the host. */
  readonly serverName?: string;
}

/** What Go's net/http would say of an error of a connection of ours to `host:port`, after `Post "<url>": `. */
export function goNetworkError(error: unknown, { host, port, serverName = host }: DialledPlace): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  const address = `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
  const dialling = dialErrors[code];
  if (dialling !== undefined) return `dial tcp ${address}: ${dialling}`;
  const certificate = certificateErrors[code];
  if (certificate !== undefined) return `tls: failed to verify certificate: x509: ${certificate}`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `tls: failed to verify certificate: x509: ${otherName(error, serverName)}`;
  // Node names the reset of a connection and its plain end alike.
  if (code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : 'read: connection reset by peer';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: no such host`;
  if (code === 'EPROTO' && /wrong version number|packet length too long|http request/.test(error.message))
    return 'http: server gave HTTP response to HTTPS client';
  if (code === 'EPROTO')
    return `remote error: tls: ${/alert ([a-z ]+)/.exec(error.message)?.[1]?.trim() ?? 'handshake failure'}`;
  return error.message;
}

const dialErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

const unknownAuthority = 'certificate signed by unknown authority';

/** OpenSSL's verification results as Node names them. */
const certificateErrors: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
};

/** crypto/x509.HostnameError */
function otherName(error: Error, host: string): string {
  const { cert } = error as Error & { readonly cert?: { readonly subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? '').split(', ');
  const wanted = isIP(host) === 0 ? 'DNS:' : 'IP Address:';
  const found = names.filter((name) => name.startsWith(wanted)).map((name) => name.slice(wanted.length));
  if (isIP(host) !== 0 && found.length === 0)
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  if (found.length === 0) return `certificate is not valid for any names, but wanted to match ${host}`;
  return `certificate is valid for ${found.join(', ')}, not ${host}`;
}
