import { createHash } from 'node:crypto';
import type { KindRegistry } from '../kind-registry';
import { type DocumentOptions, groupVersionDocument, plainDocument } from './document';
import { type PlainPath, type PlainPathOptions, plainPathsOf } from './plain-paths';
import type { Describe } from './schemas';

export interface OpenapiDocument {
  readonly bytes: Buffer;
  /** Upper-case hex of SHA-512; names the document in its URL. */
  readonly hash: string;
}

export interface OpenapiIndex {
  readonly bytes: Buffer;
  /** Quoted. */
  readonly etag: string;
}

/** OpenAPI v3 of the kind registry's present rows. Made when first asked for, again when the registry changes. */
export interface Openapi {
  /** `/openapi/v3`: where each document is. */
  index(): OpenapiIndex;
  /** By path below `/openapi/v3/`, such as `apis/apps/v1` or `version`; undefined for one that is not served. */
  document(path: string): OpenapiDocument | undefined;
}

export interface OpenapiOptions extends PlainPathOptions {
  /** Documentation of a struct (`field` '') or of one of its fields; '' when there is none at hand. */
  readonly describe?: Describe;
  /** Of the server, as `info` tells it. */
  readonly version?: string;
}

export function createOpenapi(
  kinds: KindRegistry,
  { describe = () => '', version = 'unversioned', ...plain }: OpenapiOptions = {},
): Openapi {
  let seen = -1;
  let makers: ReadonlyMap<string, () => object> = new Map();
  let documents = new Map<string, OpenapiDocument>();
  let index: OpenapiIndex | undefined;

  const refresh = (): void => {
    if (kinds.revision === seen) return;
    seen = kinds.revision;
    makers = makersOf(kinds, plainPathsOf(kinds, plain), { describe, version });
    documents = new Map();
    index = undefined;
  };
  const document = (path: string): OpenapiDocument | undefined => {
    refresh();
    const known = documents.get(path);
    if (known !== undefined) return known;
    const make = makers.get(path);
    if (make === undefined) return undefined;
    const bytes = Buffer.from(JSON.stringify(make()));
    const entry = { bytes, hash: hashOf(bytes) };
    documents.set(path, entry);
    return entry;
  };

  return {
    document,
    index() {
      refresh();
      if (index !== undefined) return index;
      const entries: Record<string, object> = {};
      for (const path of [...makers.keys()].sort()) {
        const found = document(path);
        if (found !== undefined) entries[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${found.hash}` };
      }
      const bytes = Buffer.from(JSON.stringify({ paths: entries }));
      index = { bytes, etag: `"${hashOf(bytes)}"` };
      return index;
    },
  };
}

/** By path: that of a group version holds its resources too. */
function makersOf(
  kinds: KindRegistry,
  paths: readonly PlainPath[],
  options: DocumentOptions,
): ReadonlyMap<string, () => object> {
  const makers = new Map<string, () => object>();
  for (const plain of paths) {
    const path = plain.path.slice(1, -1);
    if (plain.answer !== 'APIResourceList') {
      makers.set(path, () => plainDocument(kinds, plain, options));
      continue;
    }
    const [, group = '', version = ''] = /^(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
    makers.set(path, () => groupVersionDocument(kinds, { group, version }, plain, options));
  }
  return makers;
}

const hashOf = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('hex').toUpperCase();
