import type { Writable } from 'node:stream';
import { createGzip, type Gzip } from 'node:zlib';
import type { Exchange } from '../exchange';
import { headersOf, takesGzip, watchForStall } from '../response/respond';

/**
 * An answer of many lines whose length nobody knows: each piece goes out when the one before has left, so that a slow client slows
 * the reading down and holds one piece. Zipped for those who are far away, but not
 * when it follows; then, as a watch, it is not cut off either when nobody reads on.
 *
 * states: waiting (a refusal can still be an answer of its own) → open → ended
 */
export class HistoryStream {
  private out: Writable | undefined;
  private gzip: Gzip | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly options: { readonly follows: boolean; readonly headers: readonly string[] },
  ) {}

  get isOpen(): boolean {
    return this.out !== undefined;
  }

  open(): Writable {
    if (this.out !== undefined) return this.out;
    const { exchange, options } = this;
    const { response } = exchange;
    exchange.code = 200;
    const headers = headersOf(exchange, 'application/x-ndjson', { headers: options.headers });
    if (!options.follows && takesGzip(exchange)) {
      headers.push('Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding');
      this.gzip = createGzip({ level: 1 });
      this.gzip.pipe(response);
      response.once('close', () => this.gzip?.destroy());
    }
    response.writeHead(200, headers);
    response.flushHeaders();
    return (this.out = this.gzip ?? response);
  }

  /** Resolves when there is room for more. False: nobody listens any more. */
  async write(piece: Buffer): Promise<boolean> {
    const out = this.open();
    this.exchange.sentBytes += piece.length;
    if (this.exchange.response.destroyed) return false;
    if (!out.write(piece)) {
      if (!this.options.follows) watchForStall(this.exchange);
      await drained(out, this.exchange.signal);
    }
    return !this.exchange.response.destroyed;
  }

  end(): void {
    this.open().end();
  }
}

function drained(out: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) out.off(event, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted || out.destroyed || !out.writableNeedDrain) {
      resolve();
      return;
    }
    for (const event of ['drain', 'close', 'error']) out.on(event, done);
    signal.addEventListener('abort', done);
  });
}
