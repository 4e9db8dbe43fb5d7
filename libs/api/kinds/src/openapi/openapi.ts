import { createHash } from 'node:crypto';
import type { KindRegistry } from '../kind-registry';
import { groupVersionDocument } from './document';
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
  /** By path below `/openapi/v3/`, such as `apis/apps/v1`; undefined for one that is not served. */
  document(path: string): OpenapiDocument | undefined;
}

export interface OpenapiOptions {
  /** Documentation of a struct (`field` '') or of one of its fields; '' when there is none at hand. */
  readonly describe?: Describe;
}

export function createOpenapi(kinds: KindRegistry, { describe = () => '' }: OpenapiOptions = {}): Openapi {
  let seen = -1;
  let documents = new Map<string, OpenapiDocument>();
  let index: OpenapiIndex | undefined;

  const paths = (): Map<string, { readonly group: string; readonly version: string }> =>
    new Map(
      kinds.groupVersions().map((gv) => [gv.group === '' ? `api/${gv.version}` : `apis/${gv.group}/${gv.version}`, gv]),
    );
  const refresh = (): void => {
    if (kinds.revision === seen) return;
    seen = kinds.revision;
    documents = new Map();
    index = undefined;
  };
  const document = (path: string): OpenapiDocument | undefined => {
    refresh();
    const known = documents.get(path);
    if (known !== undefined) return known;
    const gv = paths().get(path);
    const made = gv === undefined ? undefined : groupVersionDocument(kinds, gv.group, gv.version, describe);
    if (made === undefined) return undefined;
    const bytes = Buffer.from(JSON.stringify(made));
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
      for (const path of [...paths().keys()].sort()) {
        const found = document(path);
        if (found !== undefined) entries[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${found.hash}` };
      }
      const bytes = Buffer.from(JSON.stringify({ paths: entries }));
      index = { bytes, etag: `"${hashOf(bytes)}"` };
      return index;
    },
  };
}

const hashOf = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('hex').toUpperCase();
