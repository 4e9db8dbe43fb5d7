import type { KubeList, KubeObject } from '@reckon/api/machinery';
import type { Dispatcher } from 'undici';
import type { RequestOptions, RestClient } from './rest-client';
import { isServed } from './discovery/discover';
import { linesOf } from './line-stream';
import { type ResourceRef, resourcePath } from './resource-ref';
import { type WatchEventOf, watchEventOf } from './watch-event';

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

/** Go's servers say null of a slice that was never made, older ones of every empty list of metadata. */
type SentList<T> = Omit<KubeList<T>, 'items'> & { readonly items: T[] | null };

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
  /**
   * `metadata`: get, list, watch and patch are answered with the metadata of objects only (client-go/metadata). `trailing`: requests
   * give way to all others.
   */
  constructor(
    private readonly rest: RestClient,
    readonly ref: ResourceRef,
    private readonly manner: 'whole' | 'metadata' | 'trailing' = 'whole',
  ) {}

  get(namespace: string, name: string, signal?: AbortSignal): Promise<T> {
    return this.request<T>('GET', resourcePath(this.ref, namespace, name), {
      ...this.accepting('object'),
      ...withSignal(signal),
    });
  }

  async list(namespace: string, options: ListOptions = {}, signal?: AbortSignal): Promise<KubeList<T>> {
    const list = await this.request<SentList<T>>('GET', resourcePath(this.ref, namespace), {
      query: { ...options },
      ...this.accepting('list'),
      ...withSignal(signal),
    });
    return { ...list, items: list.items ?? [] };
  }

  /** Events after `options.resourceVersion`; an ERROR event is thrown as its StatusError. */
  async *watch(namespace: string, options: WatchOptions = {}): AsyncGenerator<WatchEventOf<T>> {
    for await (const lines of this.watchLines(namespace, options))
      for (const line of lines) yield watchEventOf<T>(line);
  }

  /** As `watch`: the events as they arrive, each a line for `watchEventOf`. */
  watchLines(namespace: string, options: WatchOptions = {}): AsyncGenerator<readonly Buffer[]> {
    const { signal, ...query } = options;
    return linesOf(
      this.rest.stream(resourcePath(this.ref, namespace), {
        query: { watch: true, ...query },
        ...this.accepting('object'),
        ...withSignal(signal),
      }),
    );
  }

  /** Whether the server has this collection at all, whoever may read it. */
  isServed(signal?: AbortSignal): Promise<boolean> {
    return isServed(this.rest, this.ref, signal);
  }

  create(object: T & HasMeta, signal?: AbortSignal): Promise<T> {
    return this.request<T>('POST', resourcePath(this.ref, object.metadata?.namespace ?? ''), {
      body: this.typed(object),
      ...withSignal(signal),
    });
  }

  /** PUT; with a resourceVersion in the object a lost race is a 409 StatusError. */
  update(object: T & HasMeta, subresource = ''): Promise<T> {
    return this.request<T>('PUT', this.pathOf(object, subresource), { body: this.typed(object) });
  }

  updateStatus(object: T & HasMeta): Promise<T> {
    return this.update(object, 'status');
  }

  patch(namespace: string, name: string, patch: PatchRequest): Promise<T> {
    return this.request<T>('PATCH', resourcePath(this.ref, namespace, name, patch.subresource), {
      body: patch.body,
      contentType: patchTypes[patch.type],
      query: { fieldManager: patch.fieldManager, force: patch.force },
      ...this.accepting('object'),
    });
  }

  delete(namespace: string, name: string, options: DeleteRequest = {}): Promise<unknown> {
    return this.request('DELETE', resourcePath(this.ref, namespace, name), {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
    });
  }

  deleteCollection(namespace: string, list: ListOptions = {}, options: DeleteRequest = {}): Promise<unknown> {
    return this.request('DELETE', resourcePath(this.ref, namespace), {
      query: { ...list },
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
    });
  }

  /** POST to a subresource with a body of another kind: `pods/binding`, `pods/eviction`, `serviceaccounts/token`. */
  post<R>(namespace: string, name: string, subresource: string, body: unknown): Promise<R> {
    return this.request<R>('POST', resourcePath(this.ref, namespace, name, subresource), { body });
  }

  private request<R>(method: Dispatcher.HttpMethod, path: string, options: RequestOptions = {}): Promise<R> {
    return this.rest.request<R>(method, path, this.manner === 'trailing' ? { ...options, mayTrail: true } : options);
  }

  private accepting(what: keyof typeof metadataAccept): { accept?: string } {
    return this.manner === 'metadata' ? { accept: metadataAccept[what] } : {};
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
