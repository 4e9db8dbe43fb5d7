import {
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  createServer,
} from 'node:http2';
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Limits } from '../api-server-options';
import type { HttpCall } from '../http-message';
import { StreamResponse } from './stream-response';

/** Of the connections that chose HTTP/2. */
export interface Http2Sessions {
  /** Nothing further is taken; what is being answered is answered to its end, then the connections end. */
  close(): void;
  /** Ends them at once. */
  destroy(): void;
}

/** k8s.io/apiserver/pkg/server `SecureServingInfo.Serve`: what Go's clients take for granted until they are told. */
const defaultMaxStreams = 100;
/** As there, `resourceBody99Percentile`: nearly every body fits, so that nobody waits for its window to open. */
const windowBytes = 256 * 1024;
/** RFC 9113, 6.9.1 */
const maxWindowBytes = 2 ** 31 - 1;
const maxHeaderBytes = 1024 * 1024;
/** Node counts what is yet to be sent, too, and refuses streams beyond it: many answers at a time are what HTTP/2 is for. */
const maxSessionMegabytes = 1024;

/**
 * Lets connections of an HTTPS server speak HTTP/2 that ask for it in their handshake; all others go on as they did. The server must
 * offer `h2` (ALPN).
 */
export function serveHttp2(
  server: Server,
  limit: Limits,
  maxStreams: number | undefined,
  accept: (call: HttpCall) => void,
): Http2Sessions {
  const sessions = new Set<ServerHttp2Session>();
  const maxConcurrentStreams = maxStreams ?? defaultMaxStreams;
  const http2 = createServer({
    settings: { maxConcurrentStreams, initialWindowSize: windowBytes, maxHeaderListSize: maxHeaderBytes },
    maxSessionMemory: maxSessionMegabytes,
    // As many as fit into their size.
    maxHeaderListPairs: 65_535,
  });
  // Whoever speaks it badly is cut off by node.
  http2.on('sessionError', ignore);

  function adopt(session: ServerHttp2Session, connection: TLSSocket): void {
    if (session.destroyed) return;
    let open = 0;
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(Math.min(windowBytes * maxConcurrentStreams, maxWindowBytes));
    session.setTimeout(limit.keepAliveMs, () => {
      if (open === 0) session.destroy();
    });
    session.on(
      'stream',
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
        // Taken back before anybody looked at it.
        if (stream.destroyed || stream.closed) return;
        open++;
        stream.once('close', () => open--);
        stream.on('error', ignore);
        if (headers.expect === '100-continue') stream.additionalHeaders({ ':status': 100 });
        const request = { method: headers[':method'], url: headers[':path'], headers, rawHeaders };
        accept({ request, body: stream, response: new StreamResponse(stream), connection, isOneOfMany: true });
      },
    );
  }

  const [http1] = server.listeners('secureConnection') as ((socket: TLSSocket) => void)[];
  if (http1 === undefined) throw new Error('this server does not listen to its connections');
  server.off('secureConnection', http1);
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') {
      http1.call(server, socket);
      return;
    }
    const made = (session: ServerHttp2Session): void => {
      adopt(session, socket);
    };
    http2.once('session', made);
    http2.emit('connection', socket);
    http2.off('session', made);
  });

  const each = (work: (session: Http2Session) => void) => (): void => {
    for (const session of sessions) work(session);
  };
  return {
    close: each((session) => {
      session.close();
    }),
    destroy: each((session) => {
      session.destroy();
    }),
  };
}

const ignore = (): void => undefined;
