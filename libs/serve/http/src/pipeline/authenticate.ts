import { statusErrors } from '@reckon/api/machinery';
import { type AuthnResult, BoundedMap, type PeerCertificate } from '@reckon/serve/authn';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Exchange } from '../exchange';

const anonymous = 'system:anonymous';

/** Who asks. What authenticates says nothing about is 401: whether strangers may come as `system:anonymous` is its choice. */
export function authenticate(exchange: Exchange): void | Promise<void> {
  const { server } = exchange;
  const startedMs = server.monotonic.elapsedMs();
  let result: ReturnType<typeof server.authenticate>;
  try {
    result = server.authenticate({
      authorization: exchange.request.headers.authorization ?? '',
      peerCertificate: server.certificates.of(exchange.connection),
      path: exchange.info.path,
      headers: exchange.request.headers,
      rawHeaders: exchange.request.rawHeaders,
      annotate: (key, value) => {
        exchange.annotate?.(key, value);
      },
    });
  } catch (error) {
    refuse(exchange, error, startedMs);
  }
  if (!(result instanceof Promise)) {
    accept(exchange, result, startedMs);
    return;
  }
  return result.then(
    (r) => {
      exchange.waited('authentication', startedMs);
      accept(exchange, r, startedMs);
    },
    (error: unknown) => refuse(exchange, error, startedMs),
  );
}

function accept(exchange: Exchange, result: AuthnResult | undefined, startedMs: number): void {
  const { access } = exchange.server;
  access.authenticated(result === undefined ? 'failure' : 'success', startedMs);
  // Strangers shall not have what many requests on one connection can do to a server (filters `WithAuthentication`).
  if (exchange.isOneOfMany && (result === undefined || result.user.name === anonymous))
    exchange.response.shouldKeepAlive = false;
  if (result === undefined) throw statusErrors.unauthorized();
  access.came(result.user.name);
  exchange.user = result.user;
  if (result.audit !== undefined)
    for (const [key, value] of Object.entries(result.audit)) exchange.annotate?.(key, value);
  if (result.warnings !== undefined) for (const warning of result.warnings) exchange.warn(warning);
}

function refuse(exchange: Exchange, error: unknown, startedMs: number): never {
  if (exchange.isOneOfMany) exchange.response.shouldKeepAlive = false;
  exchange.server.access.authenticated('error', startedMs);
  throw error;
}

/** What a certificate says; the same on every connection that shows it. */
type CertificateFacts = Pick<PeerCertificate, 'raw' | 'subject' | 'notBeforeMs' | 'notAfterMs'>;

/** Reading one costs half a millisecond, and programs open many connections. */
const maxFacts = 1024;

/** The certificates of connections; each is read once. */
export class PeerCertificates {
  private readonly known = new WeakMap<object, { readonly certificate: PeerCertificate | undefined }>();
  private readonly facts = new BoundedMap<string, CertificateFacts>(maxFacts);

  of(socket: object): PeerCertificate | undefined {
    if (!(socket instanceof TLSSocket)) return undefined;
    let entry = this.known.get(socket);
    if (entry === undefined) {
      entry = { certificate: this.read(socket) };
      this.known.set(socket, entry);
    }
    return entry.certificate;
  }

  private read(socket: TLSSocket): PeerCertificate | undefined {
    // Undefined without a certificate, and on a closed connection.
    const raw = socket.getPeerX509Certificate()?.raw;
    if (raw === undefined) return undefined;
    const name = raw.toString('latin1');
    let facts = this.facts.get(name);
    if (facts === undefined) {
      facts = factsOf(socket, raw);
      this.facts.set(name, facts);
    }
    return { ...facts, verified: socket.authorized, intermediates: () => sentBeside(socket) };
  }
}

function factsOf(socket: TLSSocket, raw: Buffer): CertificateFacts {
  // One without a subject has none here either.
  const peer: Partial<ReturnType<TLSSocket['getPeerCertificate']>> = socket.getPeerCertificate();
  return {
    raw,
    subject: peer.subject ?? {},
    notBeforeMs: Date.parse(peer.valid_from ?? ''),
    notAfterMs: Date.parse(peer.valid_to ?? ''),
  };
}

/** The issuers as node links them, each once: a root is its own. */
function sentBeside(socket: TLSSocket): Buffer[] {
  const beside: Buffer[] = [];
  const peer: Partial<DetailedPeerCertificate> | null = socket.getPeerCertificate(true);
  let issuer = peer?.issuerCertificate;
  while (issuer?.raw !== undefined && !beside.some((known) => known.equals(issuer?.raw ?? known))) {
    beside.push(issuer.raw);
    issuer = issuer.issuerCertificate;
  }
  return beside;
}
