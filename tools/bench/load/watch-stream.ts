import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Target } from '../target';
import { commonHeaders, openSession } from './client';

/** One watch, on a connection of its own. */
export interface WatchStream {
  /**
   * Asks for what never ends and hands on everything as it comes, the response's head first. A server may give up on a watcher that does
   * not keep up, or have no more of the history: then nothing more comes.
   */
  start(path: string, onData: (chunk: Buffer) => void, onEnd: (error: Error) => void): void;
  close(): void;
}

/** Resolves once the connection is up. */
export const openWatchStream = (target: Target): Promise<WatchStream> =>
  target.speaksHttp2 === true ? Http2Watch.open(target) : Http1Watch.open(target);

/**
 * By HTTP/1.1, and as little work per event as can be: a hundred of them share the machine with the server that they
 * measure, so whoever wants to count events counts bytes.
 */
class Http1Watch implements WatchStream {
  private constructor(
    private readonly socket: TLSSocket,
    private readonly target: Target,
  ) {}

  static open(target: Target): Promise<WatchStream> {
    const { host, port, ca, cert, key } = target;
    return new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        ca,
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ALPNProtocols: ['http/1.1'],
      });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new Http1Watch(socket, target)));
    });
  }

  start(path: string, onData: (chunk: Buffer) => void, onEnd: (error: Error) => void): void {
    const { host, port, token } = this.target;
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    this.socket.on('data', onData);
    this.socket.on('error', onEnd);
    this.socket.on('close', () => onEnd(new Error('the server ended a watch')));
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${String(port)}\r\nAccept: application/json\r\nUser-Agent: bench\r\n${authorization}\r\n`,
    );
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }
}

/** By HTTP/2, as Node's own `http2` reads it. */
class Http2Watch implements WatchStream {
  private constructor(
    private readonly session: ClientHttp2Session,
    private readonly target: Target,
  ) {}

  static open(target: Target): Promise<WatchStream> {
    const session = openSession(target);
    return new Promise((resolve, reject) => {
      session.once('error', reject);
      session.once('connect', () => resolve(new Http2Watch(session, target)));
    });
  }

  start(path: string, onData: (chunk: Buffer) => void, onEnd: (error: Error) => void): void {
    const stream = this.session.request({ ':path': path, ...commonHeaders(this.target) });
    stream.on('response', () => onData(Buffer.alloc(0)));
    stream.on('data', onData);
    stream.on('error', onEnd);
    stream.on('close', () => onEnd(new Error('the server ended a watch')));
  }

  close(): void {
    this.session.destroy();
  }
}
