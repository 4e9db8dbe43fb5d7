import { type KindRegistry, swaggerDocument, type SwaggerOptions } from '@reckon/api/kinds';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { encodeDocument } from './encode-document';

const gzip = promisify(gzipCallback);

export type OpenapiV2Format = 'json' | 'protobuf';

export interface OpenapiV2Document {
  readonly zipped: Buffer;
  /** Quoted. That of the JSON form for both: a cache tells them apart by `Vary: Accept`. */
  readonly etag: string;
}

/** `/openapi/v2`, always of the kind registry's present rows. */
export interface OpenapiV2 {
  /** Made when first asked for, and again after the registry has changed; only the compressed text is kept. */
  document(format: OpenapiV2Format): Promise<OpenapiV2Document>;
}

export function createOpenapiV2(kinds: KindRegistry, options: SwaggerOptions): OpenapiV2 {
  let seen = -1;
  const made = new Map<OpenapiV2Format, Promise<OpenapiV2Document>>();
  return {
    document(format) {
      if (kinds.revision !== seen) made.clear();
      seen = kinds.revision;
      let found = made.get(format);
      if (found === undefined) {
        // Kept as a promise: whoever asks meanwhile waits for the same one.
        found = makeDocument(kinds, options, format);
        made.set(format, found);
      }
      return found;
    },
  };
}

async function makeDocument(
  kinds: KindRegistry,
  options: SwaggerOptions,
  format: OpenapiV2Format,
): Promise<OpenapiV2Document> {
  const document = swaggerDocument(kinds, options);
  const json = Buffer.from(JSON.stringify(document));
  const etag = `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"`;
  return { zipped: await gzip(format === 'json' ? json : encodeDocument(document)), etag };
}
