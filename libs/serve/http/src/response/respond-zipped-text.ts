import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import type { Exchange } from '../exchange';
import { type Extra, respond, sendZipped } from './respond';

const gunzip = promisify(gunzipCallback);

/** Answers 200 with a text that is kept compressed. It goes out as it is to whoever takes gzip: that costs nothing. */
export function respondZippedText(
  exchange: Exchange,
  contentType: string,
  zipped: Buffer,
  extra: Extra,
): void | Promise<void> {
  if (!exchange.header('accept-encoding').includes('gzip'))
    return respondUnzipped(exchange, contentType, zipped, extra);
  sendZipped(exchange, 200, contentType, zipped, extra);
}

async function respondUnzipped(exchange: Exchange, contentType: string, zipped: Buffer, extra: Extra): Promise<void> {
  const bytes = await gunzip(zipped);
  if (exchange.response.destroyed) return;
  return respond(exchange, 200, contentType, bytes, extra);
}
