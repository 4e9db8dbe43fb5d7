import { expect } from 'vitest';
import {
  Kubectl,
  type RawReply,
  RawClient,
  type RawWatch,
  type ReckonOptions,
  eventually,
  startReckon,
} from '@reckon/testkit';

/** An object as the API answers it; what is in its spec and status is compared, not read. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ApiMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface ApiMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
}

export interface ApiList {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly ApiObject[];
}

export type PatchType = 'json-patch' | 'merge-patch' | 'strategic-merge-patch';

/** A cluster of `reckon up` and the few requests that the lines of the conformance suite are made of. */
export interface ConformanceCluster {
  readonly raw: RawClient;
  readonly kubectl: Kubectl;
  readonly kubeconfig: string;
  /** A new namespace; resolves when pods can be made in it. */
  namespace(base: string): Promise<string>;
  /** Each rejects, saying what the server answered, when that is no success. */
  get(path: string): Promise<ApiObject>;
  list(path: string): Promise<ApiList>;
  create(collection: string, body: object): Promise<ApiObject>;
  update(path: string, body: object): Promise<ApiObject>;
  /** Reads, changes and writes, again when somebody else wrote in between. */
  change(path: string, change: (current: ApiObject) => object, at?: string): Promise<ApiObject>;
  patch(path: string, body: object, type?: PatchType): Promise<ApiObject>;
  delete(path: string, options?: object): Promise<ApiObject>;
  /** Events come into the watch's list as the server sends them. */
  watch(path: string): Promise<RawWatch>;
  /** Resolves when a get says 404. */
  gone(path: string): Promise<void>;
  dispose(): Promise<void>;
}

export async function startConformanceCluster(options: ReckonOptions = {}): Promise<ConformanceCluster> {
  const reckon = await startReckon(options);
  const raw = RawClient.of(reckon.kubeconfig);
  const watches: RawWatch[] = [];
  let made = 0;

  const succeed = async (
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawReply> => {
    const reply = await raw.send(method, path, { ...(body === undefined ? {} : { body }), headers });
    if (reply.status < 200 || reply.status > 202)
      throw new Error(`${method} ${path}: ${String(reply.status)} ${reply.text}`);
    return reply;
  };
  const object = async (...request: Parameters<typeof succeed>): Promise<ApiObject> =>
    (await succeed(...request)).body as ApiObject;

  const cluster: ConformanceCluster = {
    raw,
    kubectl: new Kubectl(reckon.kubeconfig),
    kubeconfig: reckon.kubeconfig,
    async namespace(base) {
      const name = `${base}-${String(++made)}`;
      await object('POST', '/api/v1/namespaces', { metadata: { name } });
      await eventually(() => object('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`));
      return name;
    },
    get: (path) => object('GET', path),
    list: async (path) => (await succeed('GET', path)).body as ApiList,
    create: (collection, body) => object('POST', collection, body),
    update: (path, body) => object('PUT', path, body),
    async change(path, change, at = path) {
      for (;;) {
        const reply = await raw.send('PUT', at, { body: change(await object('GET', path)) });
        if (reply.status === 200) return reply.body as ApiObject;
        expect([reply.status, reply.text]).toEqual([409, reply.text]);
      }
    },
    patch: (path, body, type = 'merge-patch') =>
      object('PATCH', path, body, { 'content-type': `application/${type}+json` }),
    delete: (path, body) => object('DELETE', path, body),
    async watch(path) {
      const watch = await raw.watch(path);
      watches.push(watch);
      return watch;
    },
    async gone(path) {
      await eventually(async () => {
        const reply = await raw.send('GET', path);
        expect(reply.status, reply.text).toBe(404);
      });
    },
    async dispose() {
      for (const watch of watches) watch.close();
      raw.close();
      await reckon.dispose();
    },
  };
  return cluster;
}

export const namesOf = (list: ApiList): string[] => list.items.map(({ metadata }) => metadata.name);

/** A pod template that the fake kubelet runs. */
export const podSpec = (image = 'registry.example/pause:1'): object => ({
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'main', image }],
});
