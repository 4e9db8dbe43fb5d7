import { goKindOf, type StatusError, statusErrors } from '@reckon/api/machinery';
import type { StorageResource } from '@reckon/store/contract';
import { resourcePrefix } from '@reckon/store/contract';
import { JsonSyntaxError, readPatch } from './patch/read-patch';

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
  const value = jsonOf(Buffer.from(text, 'base64url'));
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return checked(value as Record<string, unknown>);
  throw invalid(
    `continue key is not valid: json: cannot unmarshal ${goKindOf(value)} into Go value of type storage.continueToken`,
  );
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return readPatch(bytes).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalid(`continue key is not valid: ${error.message}`);
    throw error;
  }
}

const members = { v: 'string', rv: 'int64', start: 'string' } as const;

/** The members have the types of Go's struct, or are null, which leaves them empty. */
function checked(token: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(members)) {
    const value = Object.hasOwn(token, name) ? token[name] : undefined;
    if (value === undefined || value === null) continue;
    const isRight = type === 'string' ? typeof value === 'string' : Number.isSafeInteger(value);
    if (!isRight) {
      const kind = typeof value === 'number' ? `number ${String(value)}` : goKindOf(value);
      throw invalid(
        `continue key is not valid: json: cannot unmarshal ${type === 'string' ? goKindOf(value) : kind} into Go struct field continueToken.${name} of type ${type}`,
      );
    }
    found[name] = value;
  }
  return { ...found, at: token['at'] };
}

const invalid = (why: string): StatusError => statusErrors.badRequest(`invalid continue token: ${why}`);
