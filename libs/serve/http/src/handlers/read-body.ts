import { statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';

/** The whole body. Throws 413 as soon as it is known to be over the limit, and 400 when the peer breaks off. */
export function readBody(exchange: Exchange): Promise<Buffer> {
  const { body, request } = exchange;
  const limit = exchange.server.limit.maxBodyBytes;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(exchange, limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        body.removeAllListeners('data');
        reject(tooLarge(exchange, limit));
        return;
      }
      chunks.push(chunk);
    });
    const brokenOff = (cause?: Error): void => {
      reject(statusErrors.badRequest('the request body could not be read to its end', cause));
    };
    body.on('end', () => {
      if (body.aborted === true) brokenOff();
      else resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size));
    });
    body.on('error', brokenOff);
    body.on('close', () => {
      if (!body.readableEnded) brokenOff();
    });
  });
}

/**
 * The rest of the body is read and thrown away for a while, so that the client, which may still be sending, gets the answer and not
 * a reset; one that goes on for ever is cut off by the request timeout.
 */
function tooLarge(exchange: Exchange, limit: number): Error {
  exchange.body.resume();
  return statusErrors.tooLarge(`Request entity too large: limit is ${String(limit)}`);
}
