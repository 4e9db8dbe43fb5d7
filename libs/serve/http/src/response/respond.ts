import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Exchange } from '../exchange';
import type { HttpResponse } from '../http-message';
import { warningHeaders } from './warning-header';

const gzip = promisify(gzipCallback);

/** Below this gzip costs more than it saves (k8s.io/apiserver `defaultGzipThresholdBytes`). */
const gzipFromBytes = 128 * 1024;
/** Long answers go out in pieces of about this size, each when the one before has left: a slow client holds one piece. */
const pieceBytes = 2 * 1024 * 1024;

export interface Extra {
  readonly cacheControl?: string;
  readonly headers?: readonly string[];
}

/** Answers with one buffer. */
export function respond(
  exchange: Exchange,
  code: number,
  contentType: string,
  body: Buffer | string,
  extra?: Extra,
): void | Promise<void> {
  if (exchange.isTimedOut) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes.length > gzipFromBytes && takesGzip(exchange))
    return respondZipped(exchange, code, contentType, bytes, extra);
  const { response } = exchange;
  exchange.code = code;
  exchange.sentBytes = bytes.length;
  if (exchange.audit !== undefined && contentType === 'application/json') exchange.audit.responseBytes(bytes);
  const headers = headersOf(exchange, contentType, extra);
  // 304 has no body, hence no length of one.
  if (code !== 304) headers.push('Content-Length', String(bytes.length));
  response.writeHead(code, headers);
  response.end(bytes);
  watchForStall(exchange);
}

/** Answers with many buffers that are written one after the other; `length` is their sum. */
export function respondParts(
  exchange: Exchange,
  code: number,
  contentType: string,
  parts: readonly Buffer[],
  length: number,
): void | Promise<void> {
  if (exchange.isTimedOut) return;
  if (length <= pieceBytes) return respond(exchange, code, contentType, Buffer.concat(parts, length));
  if (takesGzip(exchange)) return respondZipped(exchange, code, contentType, Buffer.concat(parts, length));
  exchange.code = code;
  exchange.sentBytes = length;
  if (exchange.audit?.keepsResponse === true) exchange.audit.responseBytes(Buffer.concat(parts, length));
  const headers = headersOf(exchange, contentType);
  headers.push('Content-Length', String(length));
  exchange.response.writeHead(code, headers);
  return writePieces(exchange, parts);
}

async function writePieces(exchange: Exchange, parts: readonly Buffer[]): Promise<void> {
  const { response } = exchange;
  let piece: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    piece.push(part);
    size += part.length;
    if (size < pieceBytes) continue;
    const goesOn = response.write(Buffer.concat(piece, size));
    piece = [];
    size = 0;
    if (!goesOn) {
      watchForStall(exchange);
      await drained(response);
      if (response.destroyed) return;
    }
  }
  response.end(Buffer.concat(piece, size));
  watchForStall(exchange);
}

function drained(response: HttpResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

async function respondZipped(
  exchange: Exchange,
  code: number,
  contentType: string,
  bytes: Buffer,
  extra?: Extra,
): Promise<void> {
  if (exchange.audit !== undefined && contentType === 'application/json') exchange.audit.responseBytes(bytes);
  // Level 1, as upstream: this is about the network, not about storage.
  const zipped = await gzip(bytes, { level: 1 });
  if (!exchange.response.destroyed) sendZipped(exchange, code, contentType, zipped, extra);
}

/** Answers with what is compressed already; the peer must take gzip. */
export function sendZipped(exchange: Exchange, code: number, contentType: string, zipped: Buffer, extra?: Extra): void {
  if (exchange.isTimedOut) return;
  exchange.code = code;
  exchange.sentBytes = zipped.length;
  const headers = headersOf(exchange, contentType, extra);
  headers.push('Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding', 'Content-Length', String(zipped.length));
  exchange.response.writeHead(code, headers);
  exchange.response.end(zipped);
  watchForStall(exchange);
}

/** All headers of an answer but its length, flat. */
export function headersOf(exchange: Exchange, contentType: string, extra?: Extra): string[] {
  const headers = [
    'Audit-Id',
    exchange.auditId,
    'Cache-Control',
    extra?.cacheControl ?? 'no-cache, private',
    'Content-Type',
    contentType,
  ];
  if (exchange.seat !== undefined) headers.push(...exchange.seat.headers);
  if (exchange.warnings !== undefined)
    for (const warning of warningHeaders(exchange.warnings)) headers.push('Warning', warning);
  if (extra?.headers !== undefined) headers.push(...extra.headers);
  return headers;
}

/** Loopback peers never get gzip: their bytes cost nothing. */
export function takesGzip(exchange: Exchange): boolean {
  const accepted = exchange.header('accept-encoding');
  return accepted.includes('gzip') && namesGzip(accepted) && !exchange.isLocalPeer;
}

/** A coding with a quality is none that upstream knows (endpoints/handlers/responsewriters `negotiateContentEncoding`). */
const namesGzip = (accepted: string): boolean => accepted.split(',').some((coding) => coding.trim() === 'gzip');

/** A peer that takes nothing for a while is cut off; the socket's own timer starts anew with each request. */
export function watchForStall({ response, server }: Exchange): void {
  const { stalledMs } = server.limit;
  if (response.limitStall !== undefined) response.limitStall(stalledMs);
  else if (response.socket !== null && response.socket.writableLength > 0) response.socket.setTimeout(stalledMs);
}
