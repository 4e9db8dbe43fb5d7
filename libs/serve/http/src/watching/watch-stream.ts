import type { Writable } from 'node:stream';
import type { WatchSink } from '@reckon/store/contract';
import type { Exchange } from '../exchange';
import { headersOf } from '../response/respond';
import type { FrameCount } from './watch-metrics';

/** A watcher may have this much unsent before it counts as lagging; the frames themselves are shared between watchers. */
const lagBytes = 256 * 1024;

/** Frames of one turn go out together; beyond this much they do not wait for its end. */
const gatherBytes = 64 * 1024;

/**
 * A watch as an HTTP answer without end: frames go out as chunks. Nothing is sent before the first frame or `open`, so that a
 * refusal can still be an answer of its own.
 *
 * states: waiting → open → ended
 */
export class WatchStream implements WatchSink {
  private state: 'waiting' | 'open' | 'ended' = 'waiting';
  private isGathering = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly contentType: string,
    private readonly count: FrameCount,
  ) {}

  /** Sends the headers: the client learns that it watches, before anything happens. */
  open(): void {
    if (this.state !== 'waiting') return;
    this.state = 'open';
    const { exchange } = this;
    exchange.code = 200;
    exchange.response.writeHead(200, headersOf(exchange, this.contentType));
    exchange.response.flushHeaders();
  }

  write(frame: Buffer): boolean {
    const { response } = this.exchange;
    if (this.state === 'ended' || response.destroyed) return true;
    this.open();
    this.count(frame);
    const { socket } = response;
    // HTTP/2 and 1.0, and while an earlier pipelined answer holds the socket.
    if (socket === null || response.chunkedEncoding !== true) {
      this.gather(response);
      response.write(frame);
      return response.writableLength < lagBytes;
    }
    // Past node's four writes per chunk.
    this.gather(socket);
    socket.write(this.exchange.server.chunks.chunkOf(frame));
    if (socket.writableLength > gatherBytes) {
      socket.uncork();
      socket.cork();
    }
    return socket.writableLength < lagBytes;
  }

  /** A commit of many changes is many frames in one turn: one write to the kernel, and one record of TLS, for all of them. */
  private gather(out: Writable): void {
    if (this.isGathering) return;
    this.isGathering = true;
    out.cork();
    process.nextTick(() => {
      this.isGathering = false;
      out.uncork();
    });
  }

  onDrain(listener: () => void): void {
    const { response } = this.exchange;
    // The connection outlives a watch that ends in time: what was hung on it must come off, and by then it is detached.
    const drained = response.socket ?? response;
    drained.on('drain', listener);
    response.once('close', () => {
      drained.off('drain', listener);
    });
  }

  end(): void {
    if (this.state === 'ended') return;
    this.open();
    this.state = 'ended';
    this.exchange.response.end();
  }
}
