import type { FieldError, KubeObject } from '@reckon/api/machinery';
import type { Change, Storage, StoredJson } from '@reckon/store/contract';
import type { RequestContext } from './request-context';

/** `metadata` is complete and every zero value is present (the decoder normalised it). */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  orphanDependents?: boolean;
  dryRun?: string[];
}

/**
 * What no table can say about a kind: upstream's `rest.RESTCreateStrategy`, `RESTUpdateStrategy`, `RESTDeleteStrategy`
 * (k8s.io/apiserver/pkg/registry/rest). The generic store calls it in the order of `before-create.ts` and `before-update.ts`.
 * Objects are plain, mutable, normalised and defaulted; `old` must not be written to.
 *
 * T is the typed view of the object (e.g. corev1.Pod).
 */
export interface Strategy<T = KubeObject> {
  /**
   * Sets versioned defaults (upstream's `SetDefaults_…`), for bodies and for objects read in an older form. Writes nothing where nothing
   * is missing: parts may be the stored object's.
   */
  readonly defaults?: (object: T) => void;
  /** Messages of what is wrong with a name; `prefix` true when it is a generateName base. Default: DNS-1123 subdomain. */
  readonly nameRule?: (name: string, prefix: boolean) => string[];
  /** Clears what a client may not set (status), sets initial generation etc. */
  readonly prepareForCreate?: (ctx: RequestContext, object: T) => void;
  readonly validate?: (ctx: RequestContext, object: T) => FieldError[];
  readonly warningsOnCreate?: (ctx: RequestContext, object: T) => string[];
  /** Keeps status on a spec write; bumps `metadata.generation` when the spec changed (the store does not). */
  readonly prepareForUpdate?: (ctx: RequestContext, object: T, old: T) => void;
  readonly validateUpdate?: (ctx: RequestContext, object: T, old: T) => FieldError[];
  readonly warningsOnUpdate?: (ctx: RequestContext, object: T, old: T) => string[];
  /** PUT on a missing name creates it (upstream: Endpoints, Leases, Events, Services?, RBAC …: see each strategy). Default false. */
  readonly allowCreateOnUpdate?: boolean;
  /** PUT without resourceVersion is accepted. Default true. */
  readonly allowUnconditionalUpdate?: boolean;
  /** True if the deletion is graceful: sets `gracePeriodSeconds` of the options (pods). Default: not graceful. */
  readonly checkGracefulDelete?: (ctx: RequestContext, object: T, options: DeleteOptions) => boolean;
  /** `OrphanDependents` for legacy kinds; `Unsupported` never sets a finalizer for the garbage collector (Events); default background. */
  readonly defaultPropagation?: 'Orphan' | 'Background' | 'Unsupported';
  /** A finished delete answers the object instead of a Status (upstream's `ReturnDeletedObject`: pods, services, …). */
  readonly returnsDeletedObject?: boolean;
  /**
   * Runs first in a delete, on a fresh copy that it may change. `delete`: go on as usual; `update`: write the changed object and
   * answer it (a namespace that begins to terminate); `keep`: write nothing, answer the object (a namespace still being emptied).
   */
  readonly interceptDelete?: (ctx: RequestContext, object: T, options: DeleteOptions) => 'delete' | 'update' | 'keep';
  /** A further condition for deleting an object whose last finalizer an update removed (namespaces: `spec.finalizers` is empty). */
  readonly mayDeleteDuringUpdate?: (object: T, old: T) => boolean;
  /**
   * Fields that writers through this (sub)resource cannot own (upstream's `GetResetFields`), as paths. Default: `status` for the
   * object itself, `spec` for the `status` subresource.
   */
  readonly resetFields?: readonly (readonly string[])[];
  /**
   * Runs synchronously right before the append, on the newest state including changes in flight: allocates (cluster IPs, ports) into
   * `object`, and may return further changes that are appended in the same step (a quota's usage, a PDB's status).
   * `old` is undefined on create; `object` is undefined on delete. May throw StatusError.
   */
  readonly decide?: (
    ctx: RequestContext,
    storage: Storage,
    object: T | undefined,
    old: T | undefined,
  ) => readonly Change[];
  /** `decide` is asked of an update that changes nothing, too: what it adds is appended without the object. Default false. */
  readonly decidesUnchanged?: boolean;
  /** False: what is written through it is nobody's field (binding). Default true. */
  readonly recordsManagers?: boolean;
  /** Trims a stored object before it is shown (upstream's Decorator); rare, costs the byte path. */
  readonly decorate?: (object: T) => void;
}

/** Typed strategies are used as untyped ones at the seam; the row guarantees the type. */
export const eraseStrategy = <T>(strategy: Strategy<T>): Strategy => strategy as unknown as Strategy;

export type { StoredJson };
