import { type StatusError, statusErrors } from '@reckon/api/machinery';
import type { StorageResource } from '@reckon/store/contract';
import { resourcePrefix } from '@reckon/store/contract';

/**
 * The place where the next page begins, opaque to clients: base64url JSON as upstream's (apiserver/pkg/storage `EncodeContinue`)
 * with the issue time `at`, so that it expires as upstream's do when etcd compacts. `rv` -1 is the inconsistent token: go on from
 * the key in whatever state is current.
 */
export interface ContinueToken {
  readonly revision: number;
  /** Key text (exclusive). */
  readonly startAfter: string;
  readonly issuedAtMs: number;
}

export interface TokenScope {
  readonly resource: StorageResource;
  /** '' = all namespaces, or cluster-scoped. */
  readonly namespace: string;
  readonly namespaced: boolean;
}

const version = 'meta.k8s.io/v1';

/** Keys in a token are relative to this, as upstream's. */
function scopePrefix({ resource, namespace, namespaced }: TokenScope): string {
  const prefix = resourcePrefix(resource);
  if (!namespaced) return `${prefix}/`;
  return namespace === '' ? prefix : `${prefix}${namespace}/`;
}

export function encodeContinueToken(scope: TokenScope, token: ContinueToken): string {
  const start = `${token.startAfter.slice(scopePrefix(scope).length)}\u0000`;
  const text = JSON.stringify({
    v: version,
    rv: token.revision,
    start: scope.namespaced && scope.namespace === '' ? start : `/${start}`,
    at: token.issuedAtMs,
  });
  return Buffer.from(text).toString('base64url');
}

/** Throws 400 with upstream's text. */
export function decodeContinueToken(scope: TokenScope, text: string): ContinueToken {
  const { v, rv, start, at } = parseToken(text);
  if (v !== version)
    throw invalid(
      `continue key is not valid: server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`,
    );
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw invalid(`continue key is not valid: incorrect encoded start resourceVersion (version ${version})`);
  if (typeof start !== 'string' || start === '')
    throw invalid(`continue key is not valid: encoded start key empty (version ${version})`);
  const key = start.startsWith('/') ? start : `/${start}`;
  // No way up or out of the list's own range.
  if (
    key.includes('//') ||
    key.split('/').some((part) => part === '.' || part === '..') ||
    (key.length > 1 && key.endsWith('/'))
  )
    throw invalid(`continue key is not valid: ${start}`);
  const name = key.slice(1).replace(/\u0000$/, '');
  return {
    revision: rv,
    startAfter: scopePrefix(scope) + name,
    issuedAtMs: typeof at === 'number' ? at : 0,
  };
}

function parseToken(text: string): Record<string, unknown> {
  const bad = /[^A-Za-z0-9_-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : -1);
  if (bad >= 0) throw invalid(`continue key is not valid: illegal base64 data at input byte ${String(bad)}`);
  const json = Buffer.from(text, 'base64url').toString('latin1');
  try {
    const value: unknown = JSON.parse(Buffer.from(json, 'latin1').toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw invalid(
      `continue key is not valid: json: cannot unmarshal ${goKind(value)} into Go value of type storage.continueToken`,
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(`continue key is not valid: ${goSyntaxError(json)}`);
    throw error;
  }
}

/** The text of encoding/json for the commonest damage: nothing, cut off, or no JSON at all. */
function goSyntaxError(json: string): string {
  const first = json.trimStart()[0];
  if (first === undefined) return 'unexpected end of JSON input';
  if (!/["{[\-\dtfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
  return 'unexpected end of JSON input';
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const invalid = (why: string): StatusError => statusErrors.badRequest(`invalid continue token: ${why}`);
