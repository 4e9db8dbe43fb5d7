import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Target } from '../target';

/**
 * One watch over HTTP/1.1, and as little work per event as can be: a hundred of them share the machine with the server that they
 * measure, so whoever wants to count events counts bytes.
 */
export class WatchStream {
  private constructor(
    private readonly socket: TLSSocket,
    private readonly target: Target,
  ) {}

  /** Resolves once the connection is up. */
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
      socket.once('secureConnect', () => resolve(new WatchStream(socket, target)));
    });
  }

  /**
   * Asks for what never ends and hands on everything as it comes, the response's head first. A server may give up on a watcher that does
   * not keep up, or have no more of the history: then nothing more comes.
   */
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
