import type { WatchSink } from '@reckon/store/contract';
import { WebSocket, WebSocketServer } from 'ws';
import type { Exchange } from '../exchange';

const lagBytes = 256 * 1024;

/**
 * Takes over an upgrade as a WebSocket on which a watch is sent: one text message per event
 * (k8s.io/apiserver/pkg/endpoints/handlers `WatchServer.HandleWS`).
 */
export function acceptWatchSocket(exchange: Exchange): Promise<WatchSocket> {
  const { upgrade } = exchange;
  if (upgrade === undefined) throw new Error('not an upgrade');
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  exchange.response.detachSocket(exchange.request.socket);
  exchange.code = 101;
  return new Promise((resolve) => {
    server.handleUpgrade(exchange.request, upgrade.socket, upgrade.head, (socket) => {
      resolve(new WatchSocket(socket, exchange));
    });
  });
}

export class WatchSocket implements WatchSink {
  private drained: (() => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    exchange: Exchange,
  ) {
    socket.on('close', () => {
      exchange.abort();
    });
    // A broken connection is an end like any other: `close` follows.
    socket.on('error', () => undefined);
  }

  /** A buffer may hold several events: each is a message of its own. */
  write(frame: Buffer): boolean {
    let from = 0;
    while (from < frame.length) {
      const newline = frame.indexOf(10, from);
      const to = newline === -1 ? frame.length : newline + 1;
      this.socket.send(frame.subarray(from, to), { binary: false }, this.sent);
      from = to;
    }
    return this.socket.bufferedAmount < lagBytes;
  }

  onDrain(listener: () => void): void {
    this.drained = listener;
  }

  end(): void {
    this.socket.close(1000);
  }

  private readonly sent = (): void => {
    if (this.socket.readyState === WebSocket.OPEN && this.socket.bufferedAmount === 0) this.drained?.();
  };
}
