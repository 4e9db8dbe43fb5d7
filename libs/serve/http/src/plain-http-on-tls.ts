import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** As it is, without headers: Go's net/http (`conn.serve`) writes it past its own response writer. */
const refusal = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/**
 * Who speaks plain HTTP to an HTTPS port hears so, before the connection ends: OpenSSL knows such a request by its first bytes. Every
 * handshake that fails is counted.
 */
export function answerPlainHttp(server: Server, failed: () => void = () => undefined): void {
  // What is said in plain text goes past the TLS socket, over the connection that it was made of.
  const connections = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    connections.set(peer, socket);
    socket.once('close', () => {
      if (connections.get(peer) === socket) connections.delete(peer);
    });
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    failed();
    if (error.code === 'ERR_SSL_HTTP_REQUEST') connections.get(peerOf(socket))?.end(refusal);
  });
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress ?? ''} ${String(remotePort ?? '')}`;
