import { type KubeObject, StatusError, failure } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import type { Node, Pod } from '../framework/kinds';

interface Change {
  readonly revision: number;
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** As much of an apiserver as a scheduler speaks to: list and watch, binding, patches of pod status, delete. */
export class FakeCluster {
  private readonly objects = new Map<string, Map<string, KubeObject>>();
  private readonly changes: Change[] = [];
  private revision = 1;
  private wakeWatchers = new Set<() => void>();
  readonly bound: string[] = [];
  readonly deleted: string[] = [];
  readonly statusPatches: { readonly pod: string; readonly body: unknown }[] = [];
  /** Answers a binding with this error instead, while it is set. */
  failBinding: Error | undefined;

  readonly rest = {
    resource: (ref: { readonly resource: string; readonly kind: string }) => ({
      ref,
      list: async () => ({
        metadata: { resourceVersion: String(this.revision) },
        items: [...this.of(ref.resource).values()].map((o) => structuredClone(o)),
      }),
      watch: (_: string, options: { readonly resourceVersion?: string; readonly signal?: AbortSignal }) =>
        this.watch(ref.resource, Number(options.resourceVersion), options.signal),
      post: async (namespace: string, name: string, subresource: string, body: { readonly target: { readonly name: string } }) => {
        if (subresource !== 'binding') throw new Error(`no ${subresource} here`);
        await Promise.resolve();
        if (this.failBinding !== undefined) throw this.failBinding;
        const pod = this.mustHave<Pod>('pods', `${namespace}/${name}`);
        this.bound.push(`${namespace}/${name} → ${body.target.name}`);
        this.put('pods', { ...pod, spec: { containers: [], ...pod.spec, nodeName: body.target.name } });
      },
      patch: async (namespace: string, name: string, patch: { readonly body: unknown }) => {
        await Promise.resolve();
        const pod = this.mustHave<Pod>('pods', `${namespace}/${name}`);
        this.statusPatches.push({ pod: name, body: patch.body });
        const { status } = patch.body as { status: Record<string, unknown> };
        const merged = { ...pod.status, ...status };
        for (const [key, value] of Object.entries(merged)) if (value === null) Reflect.deleteProperty(merged, key);
        this.put('pods', { ...pod, status: merged });
      },
      delete: async (namespace: string, name: string) => {
        await Promise.resolve();
        this.mustHave('pods', `${namespace}/${name}`);
        this.deleted.push(name);
        this.remove('pods', `${namespace}/${name}`);
      },
    }),
  } as unknown as RestClient;

  put(resource: 'pods' | 'nodes' | 'namespaces' | 'poddisruptionbudgets', object: KubeObject): void {
    const key = objectKey(object);
    const isNew = !this.of(resource).has(key);
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = String(++this.revision);
    this.of(resource).set(key, stored);
    this.tell({ revision: this.revision, resource, type: isNew ? 'ADDED' : 'MODIFIED', object: stored });
  }

  remove(resource: 'pods' | 'nodes', key: string): void {
    const object = this.of(resource).get(key);
    if (object === undefined) return;
    this.of(resource).delete(key);
    this.tell({ revision: ++this.revision, resource, type: 'DELETED', object });
  }

  pod(name: string): Pod | undefined {
    return this.of('pods').get(`default/${name}`) as Pod | undefined;
  }

  node(name: string): Node | undefined {
    return this.of('nodes').get(name) as Node | undefined;
  }

  get pods(): Pod[] {
    return [...this.of('pods').values()] as Pod[];
  }

  private tell(change: Change): void {
    this.changes.push(change);
    for (const wake of this.wakeWatchers) wake();
    this.wakeWatchers = new Set();
  }

  private async *watch(resource: string, from: number, signal: AbortSignal | undefined) {
    let next = 0;
    for (;;) {
      for (; next < this.changes.length; next++) {
        const change = this.changes[next];
        if (change === undefined || change.revision <= from || change.resource !== resource) continue;
        yield { type: change.type, object: structuredClone(change.object) };
      }
      if (signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        this.wakeWatchers.add(resolve);
        signal?.addEventListener('abort', () => {
          resolve();
        });
      });
      if (signal?.aborted === true) return;
    }
  }

  private of(resource: string): Map<string, KubeObject> {
    let objects = this.objects.get(resource);
    if (objects === undefined) {
      objects = new Map();
      this.objects.set(resource, objects);
    }
    return objects;
  }

  private mustHave<T extends KubeObject>(resource: string, key: string): T {
    const object = this.of(resource).get(key);
    if (object === undefined) throw new StatusError(failure({ reason: 'NotFound', code: 404, message: `${resource} "${key}" not found` }));
    return object as T;
  }
}
