import { type KubeList, type KubeObject, StatusError, isStatus } from '@reckon/api/machinery';
import type { RestClient } from './rest-client';
import { type ResourceRef, resourcePath } from './resource-ref';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly limit?: number;
  readonly continue?: string;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export type WatchEventOf<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: T };

export const patchTypes = {
  /** Server-side apply; the body is sent as JSON, which is YAML too. */
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export interface PatchRequest {
  readonly type: keyof typeof patchTypes;
  readonly body: unknown;
  readonly subresource?: string;
  readonly fieldManager?: string;
  /** Apply only: takes over fields that others manage. */
  readonly force?: boolean;
}

interface HasMeta {
  metadata?: { name?: string; namespace?: string };
}

/** What to ask for when only the metadata is of interest; a server that cannot sends whole objects. */
const metadataAccept = {
  object: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
} as const;

/** One collection of one apiserver. `T` is what the caller knows of its kind. */
export class ResourceClient<T = KubeObject> {
  /** `metadata`: get, list, watch and patch are answered with the metadata of objects only (client-go/metadata). */
  constructor(
    private readonly rest: RestClient,
    readonly ref: ResourceRef,
    private readonly content: 'whole' | 'metadata' = 'whole',
  ) {}

  get(namespace: string, name: string, signal?: AbortSignal): Promise<T> {
    return this.rest.request<T>('GET', resourcePath(this.ref, namespace, name), {
      ...this.accepting('object'),
      ...withSignal(signal),
    });
  }

  list(namespace: string, options: ListOptions = {}, signal?: AbortSignal): Promise<KubeList<T>> {
    return this.rest.list<T>(resourcePath(this.ref, namespace), {
      query: { ...options },
      ...this.accepting('list'),
      ...withSignal(signal),
    });
  }

  /** Events after `options.resourceVersion`; an ERROR event is thrown as its StatusError. */
  async *watch(namespace: string, options: WatchOptions = {}): AsyncGenerator<WatchEventOf<T>> {
    const { signal, ...query } = options;
    const lines = this.rest.jsonLines<{ type: string; object: unknown }>(resourcePath(this.ref, namespace), {
      query: { watch: true, ...query },
      ...this.accepting('object'),
      ...withSignal(signal),
    });
    for await (const event of lines) {
      if (event.type === 'ERROR') {
        if (isStatus(event.object)) throw new StatusError(event.object);
        throw new Error(`watch of ${this.ref.resource} sent an ERROR event that is not a Status`);
      }
      yield event as WatchEventOf<T>;
    }
  }

  create(object: T & HasMeta, signal?: AbortSignal): Promise<T> {
    return this.rest.request<T>('POST', resourcePath(this.ref, object.metadata?.namespace ?? ''), {
      body: this.typed(object),
      ...withSignal(signal),
    });
  }

  /** PUT; with a resourceVersion in the object a lost race is a 409 StatusError. */
  update(object: T & HasMeta, subresource = ''): Promise<T> {
    return this.rest.request<T>('PUT', this.pathOf(object, subresource), { body: this.typed(object) });
  }

  updateStatus(object: T & HasMeta): Promise<T> {
    return this.update(object, 'status');
  }

  patch(namespace: string, name: string, patch: PatchRequest): Promise<T> {
    return this.rest.request<T>('PATCH', resourcePath(this.ref, namespace, name, patch.subresource), {
      body: patch.body,
      contentType: patchTypes[patch.type],
      query: { fieldManager: patch.fieldManager, force: patch.force },
      ...this.accepting('object'),
    });
  }

  delete(namespace: string, name: string, options: DeleteRequest = {}): Promise<unknown> {
    return this.rest.request('DELETE', resourcePath(this.ref, namespace, name), {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
    });
  }

  deleteCollection(namespace: string, list: ListOptions = {}, options: DeleteRequest = {}): Promise<unknown> {
    return this.rest.request('DELETE', resourcePath(this.ref, namespace), {
      query: { ...list },
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
    });
  }

  /** POST to a subresource with a body of another kind: `pods/binding`, `pods/eviction`, `serviceaccounts/token`. */
  post<R>(namespace: string, name: string, subresource: string, body: unknown): Promise<R> {
    return this.rest.request<R>('POST', resourcePath(this.ref, namespace, name, subresource), { body });
  }

  private accepting(what: keyof typeof metadataAccept): { accept?: string } {
    return this.content === 'metadata' ? { accept: metadataAccept[what] } : {};
  }

  private pathOf(object: HasMeta, subresource: string): string {
    return resourcePath(this.ref, object.metadata?.namespace ?? '', object.metadata?.name ?? '', subresource);
  }

  /** Items of lists carry no type; a body must. */
  private typed(object: T): T {
    return {
      apiVersion: this.ref.group === '' ? this.ref.version : `${this.ref.group}/${this.ref.version}`,
      kind: this.ref.kind,
      ...object,
    };
  }
}

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };
