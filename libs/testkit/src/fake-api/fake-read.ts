import type { ServerResponse } from 'node:http';
import {
  type FieldRequirement,
  type KubeList,
  type KubeObject,
  apiVersionOf,
  parseFieldSelector,
  parseLabelSelector,
  statusErrors,
} from '@reckon/api/machinery';
import type { FakeEvent, FakeStore } from './fake-store';
import type { FakeTarget } from './fake-target';

export interface FakeRead {
  readonly target: FakeTarget;
  readonly query: URLSearchParams;
  /** Answer with PartialObjectMetadata. */
  readonly isMetadataOnly: boolean;
}

/** Pages that wait to be fetched, by token. */
export type FakePages = Map<string, { readonly revision: number; readonly items: readonly KubeObject[] }>;

export const metadataOf = ({ metadata }: KubeObject): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

export function listObjects(
  store: FakeStore,
  pages: FakePages,
  { target, query, isMetadataOnly }: FakeRead,
): KubeList<unknown> {
  const token = query.get('continue') ?? '';
  const page = token === '' ? { revision: store.revision, items: selected(store, target, query) } : pages.get(token);
  pages.delete(token);
  if (page === undefined || page.revision < store.floor)
    throw statusErrors.expired('The provided continue parameter is too old to display a consistent list result.');
  const limit = Number(query.get('limit') ?? 0);
  const items = limit > 0 ? page.items.slice(0, limit) : page.items;
  const rest = page.items.slice(items.length);
  const next =
    rest.length === 0
      ? ''
      : `${String(page.revision)}.${String(rest.length)}.${target.ref.resource}.${String(pages.size)}`;
  if (next !== '') pages.set(next, { revision: page.revision, items: rest });
  return {
    kind: isMetadataOnly ? 'PartialObjectMetadataList' : `${target.ref.kind}List`,
    apiVersion: isMetadataOnly ? 'meta.k8s.io/v1' : apiVersionOf(target.ref),
    metadata: {
      resourceVersion: String(page.revision),
      ...(next === '' ? {} : { continue: next, remainingItemCount: rest.length }),
    },
    items: isMetadataOnly ? items.map(metadataOf) : [...items],
  };
}

const selected = (store: FakeStore, target: FakeTarget, query: URLSearchParams): KubeObject[] =>
  store.list(target.ref, target.namespace).filter(matcher(query));

/** Sends events until the client goes. `flush(true)` holds events back, `flush(false)` lets them go. */
export function watchObjects(
  store: FakeStore,
  response: ServerResponse,
  { target, query, isMetadataOnly }: FakeRead,
): { readonly flush: (isHeld: boolean) => void; readonly end: () => void } {
  const from = Number(query.get('resourceVersion') ?? 0);
  const matches = matcher(query);
  const queue: FakeEvent[] = [];
  let isHeld = false;
  const send = (type: string, object: unknown): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const show = (object: KubeObject): KubeObject => (isMetadataOnly ? metadataOf(object) : object);
  const tell = (event: FakeEvent): void => {
    const { object, previous } = event;
    const was = previous !== undefined && matches(previous);
    const is = event.type !== 'DELETED' && matches(object);
    if (is) send(was ? 'MODIFIED' : 'ADDED', show(object));
    // Who leaves the selection is told with the old content and the new revision.
    else if (was) {
      const { resourceVersion = '' } = object.metadata;
      send('DELETED', show({ ...previous, metadata: { ...previous.metadata, resourceVersion } }));
    }
  };
  const concerns = ({ ref, object }: FakeEvent): boolean =>
    ref.group === target.ref.group &&
    ref.resource === target.ref.resource &&
    (target.namespace === '' || object.metadata.namespace === target.namespace);

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (from > 0 && from < store.floor) {
    send('ERROR', statusErrors.expired('too old resource version').status);
    response.end();
    return { flush: () => undefined, end: () => undefined };
  }
  if (from === 0) for (const object of selected(store, target, query)) send('ADDED', show(object));
  else for (const event of store.history) if (event.revision > from && concerns(event)) tell(event);
  const unsubscribe = store.subscribe((event) => {
    if (!concerns(event)) return;
    if (isHeld) queue.push(event);
    else tell(event);
  });
  response.on('close', unsubscribe);
  return {
    flush(held) {
      isHeld = held;
      if (!held) for (const event of queue.splice(0)) tell(event);
    },
    end() {
      unsubscribe();
      if (response.writableEnded) return;
      // A bookmark past events that are held back would make the client skip them.
      if (query.get('allowWatchBookmarks') === 'true' && queue.length === 0)
        send('BOOKMARK', {
          kind: target.ref.kind,
          apiVersion: apiVersionOf(target.ref),
          metadata: { resourceVersion: String(store.revision) },
        });
      response.end();
    },
  };
}

function matcher(query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '').requirements;
  return (object) => labels.matches(object.metadata.labels) && fields.every((f) => fieldMatches(object, f));
}

/** Any path of the object may be selected by; what is absent is ''. */
function fieldMatches(object: KubeObject, { field, operator, value }: FieldRequirement): boolean {
  let at: unknown = object;
  for (const step of field.split('.'))
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined;
  const text = typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? String(at) : '';
  return (text === value) === (operator !== '!=');
}
