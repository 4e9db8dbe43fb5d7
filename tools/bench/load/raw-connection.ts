import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Target } from '../target';

export interface RawResponse {
  readonly status: number;
  readonly body: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const lastChunk = '0\r\n\r\n';

/**
 * One keep-alive HTTP/1.1 connection with one request at a time, and as little work per request as can be: the load generator
 * shares the machine with what it measures.
 */
export class RawConnection {
  private readonly socket: TLSSocket;
  private readonly headers: string;
  private received: Buffer[] = [];
  private size = 0;
  /** How many bytes the response has, once its head says so. */
  private known: number | undefined;
  private isChunked = false;
  private settle: { resolve: (response: RawResponse) => void; reject: (error: Error) => void } | undefined;
  private onData: ((chunk: Buffer) => void) | undefined;

  private constructor(socket: TLSSocket, target: Target) {
    this.socket = socket;
    const authorization = target.token === undefined ? '' : `Authorization: Bearer ${target.token}\r\n`;
    this.headers = `Host: ${target.host}:${String(target.port)}\r\nAccept: application/json\r\nUser-Agent: bench\r\n${authorization}`;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error: Error) => this.settle?.reject(error));
    socket.on('close', () => this.settle?.reject(new Error('the server closed the connection')));
  }

  static open(target: Target): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: target.host,
        port: target.port,
        ca: target.ca,
        ...(target.cert === undefined ? {} : { cert: target.cert }),
        ...(target.key === undefined ? {} : { key: target.key }),
        ALPNProtocols: ['http/1.1'],
      });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new RawConnection(socket, target)));
    });
  }

  request(method: string, path: string, body?: Buffer, contentType = 'application/json'): Promise<RawResponse> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.send(method, path, body, contentType);
    });
  }

  /** Sends a request whose answer never ends; everything that comes is handed on as it comes. */
  stream(path: string, onData: (chunk: Buffer) => void): void {
    this.onData = onData;
    this.send('GET', path, undefined, '');
  }

  close(): void {
    this.settle = undefined;
    this.socket.destroy();
  }

  private send(method: string, path: string, body: Buffer | undefined, contentType: string): void {
    const entity =
      body === undefined ? '' : `Content-Type: ${contentType}\r\nContent-Length: ${String(body.length)}\r\n`;
    this.socket.cork();
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${this.headers}${entity}\r\n`, 'latin1');
    if (body !== undefined) this.socket.write(body);
    this.socket.uncork();
  }

  private take(chunk: Buffer): void {
    if (this.onData !== undefined) {
      this.onData(chunk);
      return;
    }
    this.received.push(chunk);
    this.size += chunk.length;
    if (this.known !== undefined && this.size < this.known) return;
    if (this.isChunked && !this.endsChunks()) return;
    const all = this.received.length === 1 ? chunk : Buffer.concat(this.received);
    this.received = [all];
    this.parse(all);
  }

  /** True if what has come ends as a chunked message does. */
  private endsChunks(): boolean {
    let tail = '';
    for (let i = this.received.length - 1; i >= 0 && tail.length < lastChunk.length; i--)
      tail = (this.received[i]?.subarray(-lastChunk.length).toString('latin1') ?? '') + tail;
    return tail.endsWith(lastChunk);
  }

  private parse(all: Buffer): void {
    const end = all.indexOf(headEnd);
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const start = end + headEnd.length;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.known = start + Number(length);
      if (all.length >= this.known) this.finish(status, all.subarray(start, this.known));
      return;
    }
    this.isChunked = true;
    const body = unchunk(all, start);
    if (body !== undefined) this.finish(status, body);
  }

  private finish(status: number, body: Buffer): void {
    this.received = [];
    this.size = 0;
    this.known = undefined;
    this.isChunked = false;
    const { settle } = this;
    this.settle = undefined;
    settle?.resolve({ status, body });
  }
}

/** The body of a whole chunked message; undefined if the last chunk is not there yet. */
function unchunk(all: Buffer, start: number): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const line = all.indexOf(lineEnd, at);
    if (line < 0) return undefined;
    const size = Number.parseInt(all.toString('latin1', at, line), 16);
    if (size === 0) return Buffer.concat(parts);
    if (line + 2 + size + 2 > all.length) return undefined;
    parts.push(all.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
