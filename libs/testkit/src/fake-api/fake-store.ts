import {
  type KubeObject,
  type ObjectMeta,
  apiVersionOf,
  deepCopy,
  generateName,
  semanticEqual,
  statusErrors,
  timeText,
} from '@reckon/api/machinery';
import type { ResourceRef } from '@reckon/client/rest';
import { type Clock, type Random, seededRandom, systemClock } from '@reckon/kernel';
import { kindsWithStatus } from './fake-kinds';

export interface FakeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly ref: ResourceRef;
  readonly object: KubeObject;
  /** The object before, undefined for ADDED. */
  readonly previous: KubeObject | undefined;
}

export interface FakeDelete {
  readonly gracePeriodSeconds?: number | null;
  readonly propagationPolicy?: string | null;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | null;
}

type Body = Omit<KubeObject, 'metadata'> & { metadata?: ObjectMeta };

const collectionOf = (ref: Pick<ResourceRef, 'group' | 'resource'>): string => `${ref.group}/${ref.resource}`;
const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

/** The objects of the fake API, their history, and what writes mean to them. Objects given out are frozen in time: never changed. */
export class FakeStore {
  /** Like etcd's, never 0. */
  revision = 1;
  readonly history: FakeEvent[] = [];
  /** Watches from before this are told that it is gone. */
  floor = 0;
  private readonly collections = new Map<string, Map<string, KubeObject>>();
  private readonly listeners = new Set<(event: FakeEvent) => void>();
  readonly clock: Clock;
  private readonly random: Random;

  constructor(options: { readonly clock?: Clock; readonly random?: Random } = {}) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? seededRandom(1);
  }

  find(ref: ResourceRef, namespace: string, name: string): KubeObject | undefined {
    return this.collections.get(collectionOf(ref))?.get(keyOf(namespace, name));
  }

  get(ref: ResourceRef, namespace: string, name: string): KubeObject {
    const found = this.find(ref, namespace, name);
    if (found === undefined) throw statusErrors.notFound(ref, name);
    return found;
  }

  /** Sorted by key; '' is every namespace. */
  list(ref: ResourceRef, namespace = ''): KubeObject[] {
    return [...(this.collections.get(collectionOf(ref)) ?? [])]
      .filter(([key]) => namespace === '' || key.startsWith(`${namespace}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  create(ref: ResourceRef, namespace: string, body: Body): KubeObject {
    const metadata = { ...body.metadata };
    const name = metadata.name ?? this.freeName(ref, namespace, metadata.generateName);
    if (name === '') throw statusErrors.badRequest('name or generateName is required');
    if (this.find(ref, namespace, name) !== undefined) throw statusErrors.alreadyExists(ref, name);
    const object: KubeObject = deepCopy({
      ...body,
      apiVersion: apiVersionOf(ref),
      kind: ref.kind,
      metadata: {
        ...metadata,
        name,
        ...(ref.namespaced ? { namespace } : {}),
        uid: this.random.uuid(),
        creationTimestamp: timeText(this.clock.nowMs()),
        generation: 1,
      },
    });
    if (ref.kind === 'Pod') object['status'] = { phase: 'Pending' };
    else if (ref.kind === 'Namespace') {
      object['status'] = { phase: 'Active' };
      object['spec'] = { finalizers: ['kubernetes'] };
    } else if (kindsWithStatus.has(ref.kind) && ref.kind !== 'Node') delete object['status'];
    return this.commit(ref, 'ADDED', object, undefined);
  }

  /** `subresource` '' writes all but status, 'status' status and metadata but labels, as workloads do. */
  update(ref: ResourceRef, namespace: string, body: Body, subresource = ''): KubeObject {
    const name = body.metadata?.name ?? '';
    const old = this.get(ref, namespace, name);
    const sent = body.metadata?.resourceVersion ?? '';
    const isOtherUid = body.metadata?.uid !== undefined && body.metadata.uid !== old.metadata.uid;
    if ((sent !== '' && sent !== old.metadata.resourceVersion) || isOtherUid)
      throw statusErrors.conflict(
        ref,
        name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    const next = deepCopy({ ...body, apiVersion: apiVersionOf(ref), kind: ref.kind }) as KubeObject;
    keepIdentity(next, old);
    if (subresource === 'status') {
      for (const field of Object.keys(next)) if (!['status', 'metadata'].includes(field)) delete next[field];
      for (const [field, value] of Object.entries(old))
        if (!['status', 'metadata'].includes(field)) next[field] = value;
      restore(next.metadata, old.metadata, 'labels');
    } else if (subresource === 'finalize') {
      restore(next, old, 'status');
    } else if (kindsWithStatus.has(ref.kind)) restore(next, old, 'status');
    if (!isSameSpec(next, old)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (semanticEqual(next, old)) return old;
    if (isFinished(ref, next)) return this.remove(ref, old);
    return this.commit(ref, 'MODIFIED', next, old);
  }

  /** Marks or removes, as grace and finalizers demand. */
  delete(ref: ResourceRef, namespace: string, name: string, options: FakeDelete = {}): KubeObject {
    const old = this.get(ref, namespace, name);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== old.metadata.uid)
      throw statusErrors.conflict(
        ref,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`,
      );
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      throw statusErrors.conflict(ref, name, 'Precondition failed: ResourceVersion');
    const finalizers = new Set(old.metadata.finalizers ?? []);
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    const graceSeconds = graceOf(ref, old, options);
    if (graceSeconds === 0 && finalizers.size === 0 && ref.kind !== 'Namespace') return this.remove(ref, old);
    const next = deepCopy(old);
    next.metadata.deletionTimestamp ??= timeText(this.clock.nowMs() + graceSeconds * 1000);
    next.metadata.deletionGracePeriodSeconds = graceSeconds;
    if (finalizers.size > 0) next.metadata.finalizers = [...finalizers];
    if (ref.kind === 'Namespace') next['status'] = { ...(old['status'] as object), phase: 'Terminating' };
    return semanticEqual(next, old) ? old : this.commit(ref, 'MODIFIED', next, old);
  }

  /** Writes an object as it is, without any rule: what a test wants to be the case. */
  put(ref: ResourceRef, object: KubeObject): KubeObject {
    const old = this.find(ref, object.metadata.namespace ?? '', object.metadata.name ?? '');
    const next = deepCopy({ ...object, apiVersion: apiVersionOf(ref), kind: ref.kind });
    next.metadata.uid ??= old?.metadata.uid ?? this.random.uuid();
    next.metadata.creationTimestamp ??= old?.metadata.creationTimestamp ?? timeText(this.clock.nowMs());
    next.metadata.generation ??= old?.metadata.generation ?? 1;
    return this.commit(ref, old === undefined ? 'ADDED' : 'MODIFIED', next, old);
  }

  subscribe(listener: (event: FakeEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Watches and pages from before now get 410. */
  forgetHistory(): void {
    this.floor = this.revision;
    this.history.length = 0;
  }

  private remove(ref: ResourceRef, old: KubeObject): KubeObject {
    return this.commit(ref, 'DELETED', deepCopy(old), old);
  }

  private commit(
    ref: ResourceRef,
    type: FakeEvent['type'],
    object: KubeObject,
    previous: KubeObject | undefined,
  ): KubeObject {
    this.revision++;
    object.metadata.resourceVersion = String(this.revision);
    let collection = this.collections.get(collectionOf(ref));
    if (collection === undefined) this.collections.set(collectionOf(ref), (collection = new Map<string, KubeObject>()));
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name ?? '');
    if (type === 'DELETED') collection.delete(key);
    else collection.set(key, object);
    const event: FakeEvent = { type, revision: this.revision, ref, object, previous };
    this.history.push(event);
    for (const listener of this.listeners) listener(event);
    return object;
  }

  private freeName(ref: ResourceRef, namespace: string, base: string | undefined): string {
    if (base === undefined || base === '') return '';
    for (;;) {
      const name = generateName(base, this.random);
      if (this.find(ref, namespace, name) === undefined) return name;
    }
  }
}

const fixedFields = [
  'uid',
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
] as const;

function keepIdentity(next: KubeObject, old: KubeObject): void {
  for (const field of fixedFields) restore(next.metadata, old.metadata, field);
}

function restore(next: object, old: object, field: string): void {
  const [to, from] = [next as Record<string, unknown>, old as Record<string, unknown>];
  if (from[field] === undefined) delete to[field];
  else to[field] = from[field];
}

function isSameSpec(a: KubeObject, b: KubeObject): boolean {
  const spec = (o: KubeObject): unknown => ({ ...o, metadata: undefined, status: undefined });
  return semanticEqual(spec(a), spec(b));
}

/** What is being deleted goes when its last finalizer does (a Namespace: those of its spec too; a pod only when its kubelet says so). */
function isFinished(ref: ResourceRef, object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp === undefined || (object.metadata.finalizers ?? []).length > 0) return false;
  if (ref.kind === 'Pod') return object.metadata.deletionGracePeriodSeconds === 0;
  if (ref.kind !== 'Namespace') return true;
  return ((object['spec'] as { finalizers?: unknown[] } | undefined)?.finalizers ?? []).length === 0;
}

function graceOf(ref: ResourceRef, object: KubeObject, options: FakeDelete): number {
  if (ref.kind !== 'Pod') return 0;
  const spec = object['spec'] as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const phase = (object['status'] as { phase?: string } | undefined)?.phase;
  if ((spec?.nodeName ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  return options.gracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
}
