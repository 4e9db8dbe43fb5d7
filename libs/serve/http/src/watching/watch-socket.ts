import type { WatchSink } from '@reckon/store/contract';
import { WebSocket, WebSocketServer } from 'ws';
import type { Exchange } from '../exchange';
import { type Framing, lengthBytes, lineEnd } from './framing';
import type { FrameCount } from './watch-metrics';

const lagBytes = 256 * 1024;

/**
 * Takes over an upgrade as a WebSocket on which a watch is sent: one message per event, a text for a line of JSON, bytes for
 * protobuf, whose length the message itself tells
 * (k8s.io/apiserver/pkg/endpoints/handlers `WatchServer.HandleWS`).
 */
export function acceptWatchSocket(exchange: Exchange, framing: Framing, count: FrameCount): Promise<WatchSocket> {
  const { upgrade } = exchange;
  if (upgrade === undefined) throw new Error('not an upgrade');
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  upgrade.release();
  exchange.code = 101;
  return new Promise((resolve) => {
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
      resolve(new WatchSocket(socket, exchange, { framing, count }));
    });
  });
}

export class WatchSocket implements WatchSink {
  private drained: (() => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    exchange: Exchange,
    private readonly frames: { readonly framing: Framing; readonly count: FrameCount },
  ) {
    socket.on('close', () => {
      exchange.abort();
    });
    // A broken connection is an end like any other: `close` follows.
    socket.on('error', () => undefined);
  }

  /** A buffer may hold several events: each is a message of its own. */
  write(frame: Buffer): boolean {
    this.frames.count(frame);
    if (this.frames.framing === 'lines') this.sendLines(frame);
    else this.sendMessages(frame);
    return this.socket.bufferedAmount < lagBytes;
  }

  private sendLines(frame: Buffer): void {
    let from = 0;
    while (from < frame.length) {
      const to = lineEnd(frame, from);
      this.socket.send(frame.subarray(from, to), { binary: false }, this.sent);
      from = to;
    }
  }

  private sendMessages(frame: Buffer): void {
    let from = 0;
    while (from < frame.length) {
      const start = from + lengthBytes;
      from = start + frame.readUInt32BE(from);
      this.socket.send(frame.subarray(start, from), { binary: true }, this.sent);
    }
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
