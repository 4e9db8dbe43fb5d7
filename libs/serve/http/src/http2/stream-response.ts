import { type ServerHttp2Stream, constants } from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';
import type { HttpResponse } from '../http-message';

type Done = (error?: Error | null) => void;

/**
 * An answer on a stream of HTTP/2, with the life of an answer of HTTP/1.1: it closes when all of it has left, though the peer may yet be
 * sending, and it is not finished when the peer broke off. Node's own (`Http2ServerResponse`) is no `Writable` and tells neither.
 */
export class StreamResponse extends Writable implements HttpResponse {
  readonly socket = null;
  statusCode = 200;
  private readonly headers: OutgoingHttpHeaders = {};
  private isLimited = false;

  constructor(private readonly stream: ServerHttp2Stream) {
    super();
    stream.once('close', () => this.destroy());
  }

  get headersSent(): boolean {
    return this.stream.headersSent;
  }

  get shouldKeepAlive(): boolean {
    return this.stream.session?.closed === false;
  }

  /** Who hears of it (GOAWAY) sends further requests on another connection; those that are here are answered. */
  set shouldKeepAlive(keeps: boolean) {
    if (!keeps) this.stream.session?.close();
  }

  setHeader(name: string, value: string): void {
    this.headers[name.toLowerCase()] = value;
  }

  writeHead(code: number, headers: OutgoingHttpHeaders | string[] = []): this {
    this.statusCode = code;
    const { stream } = this;
    if (stream.destroyed || stream.closed) return this;
    const all: OutgoingHttpHeaders = {
      ...this.headers,
      ...(Array.isArray(headers) ? byName(headers) : lower(headers)),
    };
    // It is none of HTTP/2, which says the same otherwise, as Go's net/http does (`responseWriterState.writeChunk`).
    if (all.connection === 'close') this.shouldKeepAlive = false;
    delete all.connection;
    stream.respond({ ...all, ':status': code });
    return this;
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
  }

  limitStall(ms: number): void {
    const { stream } = this;
    if (this.isLimited || this.writableFinished || stream.closed) return;
    // It begins anew with whatever leaves.
    this.isLimited = true;
    stream.setTimeout(ms, () => {
      stream.close(constants.NGHTTP2_CANCEL);
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.flushHeaders();
    // The answer to HEAD has no body, nor has one that says so by its status: such streams have ended, and to write on is an error.
    if (this.stream.writableEnded) done();
    else this.stream.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.stream.cork();
    for (const [i, { chunk, encoding }] of chunks.entries())
      this._write(chunk, encoding, i === chunks.length - 1 ? done : ignore);
    this.stream.uncork();
  }

  override _final(done: Done): void {
    this.flushHeaders();
    if (this.stream.writableEnded) done();
    else this.stream.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    const { stream } = this;
    if (!this.writableFinished) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    // The rest of the body is not asked for.
    else if (!stream.endAfterHeaders && !stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    done(error);
  }
}

const ignore = (): void => undefined;

function lower(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function byName(pairs: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = (pairs[i] ?? '').toLowerCase();
    const value = pairs[i + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
