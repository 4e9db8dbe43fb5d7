import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type KubeObject, type ObjectMeta, StatusError, statusErrors, timeText } from '@reckon/api/machinery';
import type { authorizationv1 } from '@reckon/api/types';
import type { ClientConfig, ResourceRef } from '@reckon/client/rest';
import type { Clock, Random, Running } from '@reckon/kernel';
import { discoveryDocument } from './fake-discovery';
import { fakeKinds } from './fake-kinds';
import { mergePatch, strategicPatch } from './fake-patch';
import { type FakePages, type FakeRead, listObjects, metadataOf, watchObjects } from './fake-read';
import { type FakeDelete, FakeStore } from './fake-store';
import { type FakeTarget, targetOf } from './fake-target';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface FakeApiOptions {
  /** Beyond `fakeKinds`. */
  readonly kinds?: readonly ResourceRef[];
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * An apiserver in memory, for tests of its clients: list, watch, create, update, patch, delete, status of any kind, pods/binding,
 * pods/eviction, namespaces/finalize, discovery, SubjectAccessReviews. It validates nothing and knows no rights.
 */
export interface FakeApi extends Running {
  readonly config: ClientConfig;
  /** To read and write from within the test. */
  readonly store: FakeStore;
  /** Every request so far, the oldest first. */
  readonly requests: readonly FakeRequest[];
  /** Adds a kind while it runs, as a CustomResourceDefinition does. */
  serve(kind: ResourceRef): void;
  /** Asked before each request; what it gives back is the answer. Undefined lets it through. */
  refuse(rule: ((request: FakeRequest) => StatusError | undefined) | undefined): void;
  /** Who may do what, for SubjectAccessReviews; everybody everything unless a rule is given. */
  allow(rule: (spec: AccessAsked) => boolean): void;
  /**
   * From now on it is older than its clients: it has no aggregated discovery, says null of an empty list of metadata, and drops these
   * fields wherever they are sent.
   */
  growOld(unknownFields?: readonly string[]): void;
  /** Watches of a resource (`pods`), or all, stay open and silent until they are let go. */
  holdWatches(isHeld: boolean, resource?: string): void;
  /** Ends watches as a server does when their time is up. */
  endWatches(): void;
  /** Breaks the connections that `choose` says (all by default). */
  cutConnections(choose?: () => boolean): void;
}

type AccessAsked = authorizationv1.SubjectAccessReviewSpec;

const accessReviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

interface State {
  readonly store: FakeStore;
  readonly kinds: ResourceRef[];
  readonly pages: FakePages;
  readonly requests: FakeRequest[];
  readonly watches: Map<ReturnType<typeof watchObjects>, string>;
  /** Resources whose watches are silent; '' is all. */
  readonly held: Set<string>;
  refuse: ((request: FakeRequest) => StatusError | undefined) | undefined;
  allow: (spec: AccessAsked) => boolean;
  /** Of a server that is older than its clients; undefined: it is not. */
  unknownFields: ReadonlySet<string> | undefined;
}

export async function startFakeApi(options: FakeApiOptions = {}): Promise<FakeApi> {
  const state: State = {
    store: new FakeStore(options),
    kinds: [...fakeKinds, ...(options.kinds ?? [])],
    pages: new Map(),
    requests: [],
    watches: new Map(),
    held: new Set(),
    refuse: undefined,
    allow: () => true,
    unknownFields: undefined,
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    answer(state, request, response).catch((error: unknown) => {
      // The client cut its request short.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  const cutConnections = (choose: () => boolean = () => true): void => {
    for (const socket of sockets) if (choose()) socket.destroy();
  };
  return {
    config: { server: `http://127.0.0.1:${String(port)}`, userAgent: 'test' },
    store: state.store,
    requests: state.requests,
    serve(kind) {
      state.kinds.push(kind);
    },
    refuse(rule) {
      state.refuse = rule;
    },
    allow(rule) {
      state.allow = rule;
    },
    growOld(unknownFields = []) {
      state.unknownFields = new Set(unknownFields);
    },
    holdWatches(isHeld, resource = '') {
      if (isHeld) state.held.add(resource);
      else state.held.delete(resource);
      for (const [watch, of] of state.watches) watch.flush(isHeldNow(state, of));
    },
    endWatches() {
      for (const watch of state.watches.keys()) watch.end();
    },
    cutConnections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        cutConnections();
      }),
  };
}

const isHeldNow = ({ held }: State, resource: string): boolean => held.has('') || held.has(resource);

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request, state.unknownFields);
  const url = new URL(request.url ?? '/', 'http://fake');
  const method = request.method ?? 'GET';
  const send = (code: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(code, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  try {
    const asked: FakeRequest = { method, path: url.pathname, body };
    state.requests.push(asked);
    const refusal = state.refuse?.(asked);
    if (refusal !== undefined) throw refusal;
    if (method === 'POST' && url.pathname === accessReviews) {
      const review = body as { readonly spec: AccessAsked };
      send(201, { ...review, status: { allowed: state.allow(review.spec) } });
      return;
    }
    const accept = request.headers.accept ?? '';
    const isAggregated = accept.includes('apidiscovery') && state.unknownFields === undefined;
    const document = method === 'GET' ? discoveryDocument(url.pathname, state.kinds, isAggregated) : undefined;
    if (document !== undefined) {
      send(200, document);
      return;
    }
    const target = targetOf(url.pathname, state.kinds);
    const isMetadataOnly = accept.includes('as=PartialObjectMetadata');
    const read: FakeRead = { target, query: url.searchParams, isMetadataOnly };
    if (method === 'GET' && url.searchParams.get('watch') === 'true') {
      watch(state, response, read);
      return;
    }
    const result =
      method === 'GET'
        ? readOne(state, read)
        : write(state.store, method, target, {
            body,
            type: request.headers['content-type'] ?? '',
            query: url.searchParams,
          });
    send(method === 'POST' ? 201 : 200, result);
  } catch (error) {
    if (error instanceof StatusError) send(error.status.code, error.status, error.headers);
    else send(500, statusErrors.internal(String(error)).status);
  }
}

function watch(state: State, response: ServerResponse, read: FakeRead): void {
  const opened = watchObjects(state.store, response, read);
  const { resource } = read.target.ref;
  opened.flush(isHeldNow(state, resource));
  state.watches.set(opened, resource);
  response.on('close', () => state.watches.delete(opened));
}

function readOne(state: State, read: FakeRead): unknown {
  const { ref, namespace, name } = read.target;
  if (name === '') {
    const list = listObjects(state.store, state.pages, read);
    const isNull = state.unknownFields !== undefined && read.isMetadataOnly && list.items.length === 0;
    return isNull ? { ...list, items: null } : list;
  }
  const object = state.store.get(ref, namespace, name);
  return read.isMetadataOnly ? metadataOf(object) : object;
}

interface Sent {
  readonly body: unknown;
  readonly type: string;
  readonly query: URLSearchParams;
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 };

function write(store: FakeStore, method: string, target: FakeTarget, { body, type, query }: Sent): unknown {
  const { ref, namespace, name, subresource } = target;
  const object = (body ?? {}) as Omit<KubeObject, 'metadata'> & { metadata?: ObjectMeta };
  switch (method) {
    case 'POST':
      if (name === '') return store.create(ref, namespace, object);
      if (subresource === 'binding') return bind(store, target, object);
      if (subresource === 'eviction') {
        store.delete(ref, namespace, name, object['deleteOptions'] ?? {});
        return success;
      }
      throw statusErrors.generic(404);
    case 'PUT':
      return store.update(ref, namespace, object, subresource);
    case 'PATCH': {
      // An apply merges lists by their keys too; who owns what is not kept here.
      const patch = type.includes('strategic') || type.includes('apply-patch') ? strategicPatch : mergePatch;
      if (!type.includes('merge-patch') && !type.includes('apply-patch'))
        throw statusErrors.unsupportedMediaType(`the fake does not know ${type}`);
      const { metadata, ...old } = store.get(ref, namespace, name);
      const unlocked = { ...old, metadata: { ...metadata, resourceVersion: undefined } };
      return store.update(ref, namespace, patch(unlocked, object) as KubeObject, subresource);
    }
    case 'DELETE': {
      const options = { propagationPolicy: query.get('propagationPolicy'), ...(object as FakeDelete) };
      if (name !== '') return store.delete(ref, namespace, name, options);
      for (const { metadata } of store.list(ref, namespace))
        store.delete(ref, metadata.namespace ?? '', metadata.name ?? '', options);
      return success;
    }
    default:
      throw statusErrors.generic(405);
  }
}

/** As the registry of pods does: once only, and the condition with it. */
function bind(store: FakeStore, { ref, namespace, name }: FakeTarget, binding: Record<string, unknown>): unknown {
  const nodeName = (binding['target'] as { name?: string } | undefined)?.name ?? '';
  const pod = store.get(ref, namespace, name);
  const spec = pod['spec'] as { nodeName?: string } | undefined;
  if ((spec?.nodeName ?? '') !== '')
    throw statusErrors.conflict(
      { group: '', resource: 'pods/binding' },
      name,
      `pod ${name} is already assigned to node "${spec?.nodeName ?? ''}"`,
    );
  const status = pod['status'] as { conditions?: { type: string }[] } | undefined;
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timeText(store.clock.nowMs()) };
  store.put(ref, {
    ...pod,
    spec: { ...spec, nodeName },
    status: {
      ...status,
      conditions: [...(status?.conditions ?? []).filter((c) => c.type !== 'PodScheduled'), scheduled],
    },
  });
  return success;
}

async function bodyOf(request: IncomingMessage, unknown: ReadonlySet<string> = new Set()): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  return JSON.parse(text, (key, value: unknown) => (unknown.has(key) ? undefined : value));
}
