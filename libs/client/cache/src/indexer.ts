import type { KubeObject } from '@reckon/api/machinery';

/** Maps an object to the values under which it is found; several or none. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** `namespace/name`, or `name` for cluster-scoped objects (client-go/tools/cache.MetaNamespaceKeyFunc). */
export function objectKey(object: {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}): string {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** The inverse of `objectKey`. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash === -1 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * What readers of an informer see. Objects are shared: whoever wants to change one copies it first
 * (client-go/tools/cache.Indexer).
 */
export interface Lister<T> {
  get(namespace: string, name: string): T | undefined;
  byKey(key: string): T | undefined;
  /** All, or those of one namespace. */
  list(namespace?: string): T[];
  byIndex(index: string, value: string): T[];
  readonly size: number;
}

/** The cache behind an informer: objects by key, and by namespace and by each named index. */
export class Indexer<T = KubeObject> implements Lister<T> {
  private readonly objects = new Map<string, T>();
  private readonly indices = new Map<string, { of: IndexFunction<T>; values: Map<string, Set<string>> }>();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    this.addIndex('namespace', (o) => [splitKey(objectKey(o as KubeObject)).namespace]);
    for (const [name, of] of Object.entries(indexes)) this.addIndex(name, of);
  }

  /** May be called when objects are there already; a name that exists is left as it is. */
  addIndex(name: string, of: IndexFunction<T>): void {
    if (this.indices.has(name)) return;
    const index = { of, values: new Map<string, Set<string>>() };
    this.indices.set(name, index);
    for (const [key, object] of this.objects) for (const value of of(object)) insert(index.values, value, key);
  }

  get size(): number {
    return this.objects.size;
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  byKey(key: string): T | undefined {
    return this.objects.get(key);
  }

  list(namespace?: string): T[] {
    return namespace === undefined || namespace === ''
      ? [...this.objects.values()]
      : this.byIndex('namespace', namespace);
  }

  byIndex(name: string, value: string): T[] {
    const index = this.indices.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    const found: T[] = [];
    for (const key of index.values.get(value) ?? []) {
      const object = this.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  keys(): IterableIterator<string> {
    return this.objects.keys();
  }

  set(key: string, object: T): T | undefined {
    const old = this.objects.get(key);
    this.objects.set(key, object);
    for (const { of, values } of this.indices.values()) {
      const after = of(object);
      if (old !== undefined) for (const value of of(old)) if (!after.includes(value)) remove(values, value, key);
      for (const value of after) insert(values, value, key);
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.objects.get(key);
    if (old === undefined) return undefined;
    this.objects.delete(key);
    for (const { of, values } of this.indices.values()) for (const value of of(old)) remove(values, value, key);
    return old;
  }
}

function insert(values: Map<string, Set<string>>, value: string, key: string): void {
  const keys = values.get(value);
  if (keys === undefined) values.set(value, new Set([key]));
  else keys.add(key);
}

function remove(values: Map<string, Set<string>>, value: string, key: string): void {
  const keys = values.get(value);
  if (keys === undefined) return;
  keys.delete(key);
  if (keys.size === 0) values.delete(value);
}
