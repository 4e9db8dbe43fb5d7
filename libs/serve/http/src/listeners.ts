import { chmod, rm } from 'node:fs/promises';
import { nextTurn } from '@reckon/kernel';
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Limits } from './api-server-options';
import { answerPlainHttp } from './plain-http-on-tls';
import type { TlsContexts } from './tls-contexts';

export type AnyServer = HttpServer | HttpsServer;

const maxHeaderSize = 1024 * 1024;
const handshakeMs = 10_000;
/** Peers that vanished without a word are noticed by the system's keep-alive probes. */
const probeAfterMs = 30_000;

/**
 * The public listener: HTTPS with client certificates asked for, or plain HTTP without `contexts`. `contexts` is asked anew by
 * each connection that names a server.
 */
export function createMainServer(
  handler: RequestListener,
  limit: Limits,
  tls:
    | {
        readonly contexts: () => TlsContexts | undefined;
        readonly asksForCertificate: boolean;
        /** What a client may choose from in its handshake (ALPN), best first. */
        readonly protocols: string[];
        readonly handshakeFailed: () => void;
      }
    | undefined,
): AnyServer {
  const options = { ...common(limit), keepAlive: true, keepAliveInitialDelay: probeAfterMs, noDelay: true };
  if (tls === undefined) return bounded(createHttpServer(options, handler), limit);
  const server = createHttpsServer(
    {
      ...options,
      ...tls.contexts()?.fallback,
      SNICallback: (serverName, use) => {
        use(null, tls.contexts()?.named(serverName));
      },
      requestCert: tls.asksForCertificate,
      // Who shows a bad certificate is told so by authentication, with a Status.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      ALPNProtocols: tls.protocols,
    },
    handler,
  );
  answerPlainHttp(server, tls.handshakeFailed);
  return bounded(server, limit);
}

/** The second listener, for programs of the same user: same pipeline, no TLS. */
export const createSocketServer = (handler: RequestListener, limit: Limits): HttpServer =>
  bounded(createHttpServer(common(limit), handler), limit);

/** How often node looks for connections that are over their time. */
const common = (limit: Limits): { maxHeaderSize: number; connectionsCheckingInterval: number } => ({
  maxHeaderSize,
  connectionsCheckingInterval: Math.min(5000, Math.ceil(limit.requestMs / 2)),
});

function bounded<T extends AnyServer>(server: T, limit: Limits): T {
  server.keepAliveTimeout = limit.keepAliveMs;
  // Both cut off slow and half-open senders.
  server.headersTimeout = Math.min(limit.requestMs, 30_000);
  server.requestTimeout = limit.requestMs;
  server.timeout = 0;
  const answered = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The parser fails anew at each piece of the rest, which is only swallowed.
    if (answered.has(socket)) return;
    // Who is too slow hears nothing from Go either.
    if (!socket.writable || error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      socket.destroy();
      return;
    }
    // What cannot be read as HTTP is answered as Go's net/http (`conn.serve`) answers it.
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
    answered.add(socket);
    swallowRest(socket);
  });
  return server;
}

/** A peer that is still sending would lose the answer if the connection were cut: what else it says is read, but not for ever. */
function swallowRest(socket: Duplex): void {
  let left = 2 * maxHeaderSize;
  socket.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) socket.destroy();
  });
  if (!(socket instanceof Socket)) return;
  socket.setTimeout(500, () => {
    const before = left;
    // A busy process hears of the time before it hears of what came in it.
    nextTurn(() => {
      if (left === before) socket.destroy();
    });
  });
}

export function listenTcp(server: AnyServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Only the owner may connect. A socket file that a killed process left behind is replaced. */
export async function listenUnix(server: HttpServer, path: string): Promise<void> {
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await chmod(path, 0o600);
}
