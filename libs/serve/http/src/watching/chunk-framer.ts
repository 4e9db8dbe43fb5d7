const crlf = Buffer.from('\r\n');

/**
 * Puts a frame into an HTTP chunk. A fan-out writes the same buffer to watcher after watcher: the last one is remembered, so that
 * all of them share one chunk, and each write is one buffer instead of node's four.
 */
export class ChunkFramer {
  private frame: Buffer | undefined;
  private chunk: Buffer = crlf;

  chunkOf(frame: Buffer): Buffer {
    if (frame !== this.frame) {
      this.frame = frame;
      this.chunk = Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`, 'latin1'), frame, crlf]);
    }
    return this.chunk;
  }
}
