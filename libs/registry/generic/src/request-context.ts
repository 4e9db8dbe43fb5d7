import type { Attribution } from '@reckon/store/contract';

/** k8s.io/apiserver/pkg/authentication/user.Info */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What every step of a request knows: who asks, and where warnings and annotations go. */
export interface RequestContext {
  /** After impersonation. */
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Audit id; also the log entry's `request`. */
  readonly requestId: string;
  /** What was authorized: a patch is `patch`, though an update comes of it. Absent: what comes of it. */
  readonly verb?: string;
  /** `fieldManager` of the query, else the first part of the User-Agent up to '/' (max 128 characters). */
  readonly fieldManager: string;
  /** API time of this request in ms. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Becomes a `Warning: 299 - "…"` header; duplicates are dropped. */
  warn(text: string): void;
  /**
   * An annotation of the request's audit event; the first value of a key stays. At level `Request` only events of that level and
   * above carry it. Does nothing for a request that is not audited; absent where nothing can be.
   */
  annotate?(key: string, value: string, level?: 'Metadata' | 'Request'): void;
}

export const attributionOf = (ctx: RequestContext): Attribution => ({
  actor: ctx.user.name,
  agent: ctx.userAgent,
  manager: ctx.fieldManager,
  request: ctx.requestId,
});
