/** One resource that can be stored, by an object of it. */
export interface ResourceExample {
  /** `<group>/<version>/<resource>`; the core group is ''. */
  readonly resource: string;
  readonly object: ExampleObject;
  /** A status that a controller could write, where the resource has the subresource; it is merged into the object's. */
  readonly status?: object;
  /** Upstream's strategy lets a write of the object itself change its status, too. */
  readonly hasOpenStatus?: true;
}

export interface ExampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Every namespaced example is in it. */
export const namespace = 'examples';

type Scope = 'namespaced' | 'cluster';

/** `fields` are all but `apiVersion`, `kind` and `metadata`. */
export function object(
  scope: Scope,
  apiVersion: string,
  kind: string,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): ExampleObject {
  return { apiVersion, kind, metadata: { name, ...(scope === 'cluster' ? {} : { namespace }) }, ...fields };
}

/** A condition as most kinds have them. */
export const condition = (type: string): object => ({
  type,
  status: 'True',
  reason: 'Tested',
  message: 'as a controller would say it',
  lastTransitionTime: '2026-02-03T04:05:06Z',
});

export const podTemplate = (restartPolicy: 'Always' | 'Never' = 'Always'): object => ({
  metadata: { labels: { app: 'example' } },
  spec: { restartPolicy, containers: [{ name: 'main', image: 'registry.example/app:1' }] },
});

export const selector = { matchLabels: { app: 'example' } };
