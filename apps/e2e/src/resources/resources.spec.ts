/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment, @typescript-eslint/no-misused-spread -- the library takes plain objects for its classes, and its documentation passes them */
import { KubeConfig, KubernetesObjectApi, type KubernetesObject, PatchStrategy, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReckonProcess, RawClient, eventually, startReckon } from '@reckon/testkit';
import { answeredExamples } from './answered-examples';
import { examples } from './examples';
import { namespace, type ResourceExample } from './resource-example';

interface Discovered {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

interface Stored extends KubernetesObject {
  readonly status?: Record<string, unknown>;
}

const groupVersions = /\/v[12]$/;

/** What the server says that it serves, resource by resource. */
async function discover(raw: RawClient): Promise<Discovered[]> {
  const { body } = await raw.send('GET', '/apis');
  const groups = (body as { groups: { versions: { groupVersion: string }[] }[] }).groups;
  const versions = ['v1', ...groups.flatMap((group) => group.versions.map((version) => version.groupVersion))];
  const lists = await Promise.all(
    versions.map(async (version) => {
      const list = await raw.send('GET', version === 'v1' ? '/api/v1' : `/apis/${version}`);
      const { resources } = list.body as { resources: { name: string; verbs: string[] }[] };
      const prefix = version === 'v1' ? '/v1' : version;
      return resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, verbs }) => ({
          resource: `${prefix}/${name}`,
          verbs,
          subresources: resources.flatMap((other) =>
            other.name.startsWith(`${name}/`) ? [other.name.split('/')[1] ?? ''] : [],
          ),
        }));
    }),
  );
  return lists.flat().filter(({ resource }) => groupVersions.test(resource.slice(0, resource.lastIndexOf('/'))));
}

/** `/apis/apps/v1/namespaces/examples/deployments`. */
function collectionOf({ resource, object }: ResourceExample): string {
  const [group = '', version = '', name = ''] = resource.split('/');
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = object.metadata.namespace === undefined ? '' : `/namespaces/${object.metadata.namespace}`;
  return `${root}${scope}/${name}`;
}

const labelled = (value: string): object => ({ metadata: { labels: { step: value } } });

/** At least this: controllers write statuses, too. */
function including(value: unknown): unknown {
  if (Array.isArray(value)) return expect.arrayContaining(value.map(including));
  if (typeof value !== 'object' || value === null) return value;
  return expect.objectContaining(Object.fromEntries(Object.entries(value).map(([key, v]) => [key, including(v)])));
}

describe('every resource', () => {
  let reckon: ReckonProcess;
  let config: KubeConfig;
  let objects: KubernetesObjectApi;
  let raw: RawClient;
  let served: Discovered[];

  beforeAll(async () => {
    reckon = await startReckon();
    config = new KubeConfig();
    config.loadFromFile(reckon.kubeconfig);
    objects = KubernetesObjectApi.makeApiClient(config);
    raw = RawClient.of(reckon.kubeconfig);
    served = await discover(raw);
    await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });
  afterAll(async () => {
    raw.close();
    await reckon.dispose();
  });

  it('is served, and has an example', () => {
    expect(served).toHaveLength(68);
    const known = [
      ...examples.map(({ resource }) => resource),
      ...answeredExamples.map(({ resource }) => resource),
      // Has a test of its own below: what it makes is a change of a pod.
      '/v1/bindings',
      // Made when asked for: below.
      '/v1/componentstatuses',
    ];
    expect(known.toSorted()).toEqual(served.map(({ resource }) => resource).toSorted());
  });

  it.each(examples)('$resource is created, read, watched, changed in every way and deleted', async (example) => {
    const { object, resource } = example;
    const { name } = object.metadata;
    const collection = collectionOf(example);
    const own = served.find((row) => row.resource === resource);
    const header = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { ...object.metadata, namespace: object.metadata.namespace ?? '' },
    };
    const read = (): Promise<Stored> => objects.read<Stored>(header);
    const patch = (strategy: PatchStrategy, value: string): Promise<Stored> =>
      objects.patch<Stored>(
        { ...header, ...labelled(value), metadata: { ...object.metadata, labels: { step: value } } },
        undefined,
        undefined,
        'example',
        undefined,
        strategy,
      );

    const seen: string[] = [];
    const start = await objects.list(object.apiVersion, object.kind, object.metadata.namespace);
    const watch = await new Watch(config).watch(
      collection,
      { resourceVersion: start.metadata?.resourceVersion ?? '', fieldSelector: `metadata.name=${name}` },
      (type: string, changed: Stored) => seen.push(`${type} ${changed.metadata?.labels?.['step'] ?? '-'}`),
      () => undefined,
    );
    try {
      const created = await objects.create<Stored>(structuredClone(object));
      expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect((await read()).metadata?.uid).toBe(created.metadata?.uid);
      await expect(objects.create(structuredClone(object) as unknown as Stored)).rejects.toMatchObject({ code: 409 });

      const list = await objects.list<Stored>(object.apiVersion, object.kind, object.metadata.namespace);
      expect(list.items.map((item) => item.metadata?.name)).toContain(name);

      const updated = await eventually(async () => {
        const current = await read();
        return await objects.replace<Stored>({
          ...current,
          metadata: { ...current.metadata, labels: { step: 'update' } },
        });
      });
      expect(updated.metadata?.labels).toMatchObject({ step: 'update' });
      expect(updated.metadata?.uid).toBe(created.metadata?.uid);

      expect((await patch(PatchStrategy.MergePatch, 'merge')).metadata?.labels).toMatchObject({ step: 'merge' });
      expect((await patch(PatchStrategy.StrategicMergePatch, 'strategic')).metadata?.labels).toMatchObject({
        step: 'strategic',
      });
      const json = await raw.send('PATCH', `${collection}/${name}`, {
        body: [{ op: 'replace', path: '/metadata/labels/step', value: 'json' }],
        headers: { 'content-type': PatchStrategy.JsonPatch },
      });
      expect([json.status, (json.body as Stored).metadata?.labels?.['step']]).toEqual([200, 'json']);

      const conflict = patch(PatchStrategy.ServerSideApply, 'apply');
      await expect(conflict).rejects.toMatchObject({ code: 409 });
      const applied = await objects.patch<Stored>(
        { ...header, metadata: { ...object.metadata, labels: { step: 'apply' } } },
        undefined,
        undefined,
        'example',
        true,
        PatchStrategy.ServerSideApply,
      );
      expect(applied.metadata?.labels).toMatchObject({ step: 'apply' });

      expect(example.status !== undefined).toBe(own?.subresources.includes('status'));
      if (example.status !== undefined) {
        const status = await raw.send('PATCH', `${collection}/${name}/status`, {
          body: { status: example.status },
          headers: { 'content-type': PatchStrategy.MergePatch },
        });
        expect(status.status, status.text).toBe(200);
        expect((status.body as Stored).status).toMatchObject(example.status);
        const put = await eventually(async () => {
          const through = await raw.send('GET', `${collection}/${name}/status`);
          expect((through.body as Stored).metadata?.uid).toBe(created.metadata?.uid);
          const current = through.body as Stored;
          const body = { ...current, status: { ...current.status, ...example.status } };
          const reply = await raw.send('PUT', `${collection}/${name}/status`, { body });
          expect(reply.status, reply.text).toBe(200);
          return reply.body as Stored;
        });
        expect(put.status).toEqual(including(example.status));
        const applied = await raw.send('PATCH', `${collection}/${name}/status?fieldManager=status-example&force=true`, {
          body: { apiVersion: object.apiVersion, kind: object.kind, metadata: { name }, status: example.status },
          headers: { 'content-type': PatchStrategy.ServerSideApply },
        });
        expect([applied.status, applied.text]).toEqual([200, applied.text]);
        expect((applied.body as Stored).status).toEqual(including(example.status));
        const ignored = await raw.send('PATCH', `${collection}/${name}`, {
          body: { status: null },
          headers: { 'content-type': PatchStrategy.MergePatch },
        });
        const kept = Object.keys((ignored.body as Stored).status ?? {});
        const expected = example.hasOpenStatus === true ? [] : Object.keys(example.status);
        expect([ignored.status, kept]).toEqual([200, expect.arrayContaining(expected)]);
      }
      await eventually(() => {
        for (const step of ['ADDED -', 'update', 'merge', 'strategic', 'json', 'apply'])
          expect(seen).toContain(step.startsWith('ADDED') ? step : `MODIFIED ${step}`);
      });

      await objects.delete(header);
      await eventually(() => expect(read()).rejects.toMatchObject({ code: 404 }));
      await eventually(() => {
        expect(seen).toContain('DELETED apply');
      });
    } finally {
      watch.abort();
    }

    if (own?.verbs.includes('deletecollection') !== true) {
      expect(resource).toBe('/v1/namespaces');
      return;
    }
    const again = { ...structuredClone(object), metadata: { ...object.metadata, labels: { collection: 'yes' } } };
    await objects.create<Stored>(again);
    const emptied = await raw.send('DELETE', `${collection}?labelSelector=collection%3Dyes`);
    expect(emptied.status).toBe(200);
    await eventually(() => expect(read()).rejects.toMatchObject({ code: 404 }));
  });

  it.each(answeredExamples)('$resource is answered', async ({ path, kind, body, answer, resource }) => {
    const [group = '', version = ''] = resource.split('/');
    const reply = await raw.send('POST', path, { body: { apiVersion: `${group}/${version}`, kind, ...body } });
    expect([reply.status, reply.body]).toMatchObject([201, { kind, ...answer }]);
    expect(served.find((row) => row.resource === resource)?.verbs).toEqual(['create']);
  });

  it('/v1/bindings puts a pod on a node', async () => {
    const pod = { spec: { schedulerName: 'none', containers: [{ name: 'main', image: 'registry.example/app:1' }] } };
    await objects.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bound', namespace }, ...pod });
    const reply = await raw.send('POST', `/api/v1/namespaces/${namespace}/bindings`, {
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'bound' },
        target: { apiVersion: 'v1', kind: 'Node', name: 'reckon-node-0' },
      },
    });
    expect([reply.status, reply.body]).toMatchObject([201, { kind: 'Status', status: 'Success' }]);
    const read = await raw.send('GET', `/api/v1/namespaces/${namespace}/pods/bound`);
    expect(read.body).toMatchObject({ spec: { nodeName: 'reckon-node-0' } });
  });

  it.each([
    ['merge patch', PatchStrategy.MergePatch],
    ['strategic merge patch', PatchStrategy.StrategicMergePatch],
    ['apply', PatchStrategy.ServerSideApply],
  ])("a pod's two fields for its address go together, whoever writes one of them: %s", async (_, type) => {
    const pods = '/api/v1/namespaces/default/pods';
    const kind = { apiVersion: 'v1', kind: 'Pod' };
    const metadata = { name: `address-${type.replace(/\W/g, '-')}`.slice(0, 60).replace(/-+$/, '') };
    const spec = { schedulerName: 'nobody', containers: [{ name: 'c', image: 'i' }] };
    const made = await raw.send('POST', pods, { body: { ...kind, metadata, spec } });
    expect(made.status, made.text).toBe(201);
    const write = (status: object) =>
      raw.send('PATCH', `${pods}/${metadata.name}/status?fieldManager=kubelet`, {
        body: { ...kind, metadata, status },
        headers: { 'content-type': type },
      });
    const addresses = async (): Promise<unknown> => {
      const { body } = await raw.send('GET', `${pods}/${metadata.name}`);
      const { podIP, podIPs } = (body as Stored).status ?? {};
      return { podIP, podIPs };
    };
    expect((await write({ podIP: '10.0.0.1' })).status).toBe(200);
    expect(await addresses()).toEqual({ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] });
    const wrong = await write({ podIP: 'x' });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('status.podIPs[0]: Invalid value')]);
    expect((await write({ podIP: '10.0.0.3', podIPs: [{ ip: '10.0.0.2' }] })).status).toBe(200);
    expect(await addresses()).toEqual({ podIP: '10.0.0.3', podIPs: [{ ip: '10.0.0.3' }] });
    await raw.send('DELETE', `${pods}/${metadata.name}?gracePeriodSeconds=0`);
  });

  it('/v1/componentstatuses is listed and read', async () => {
    const list = await raw.send('GET', '/api/v1/componentstatuses');
    const { items } = list.body as { items: { metadata: { name: string }; conditions: object[] }[] };
    expect(items.map((item) => item.metadata.name)).toContain('scheduler');
    for (const item of items) expect(item.conditions).toMatchObject([{ type: 'Healthy' }]);
    const one = await raw.send('GET', '/api/v1/componentstatuses/scheduler');
    expect([one.status, one.body]).toMatchObject([200, { kind: 'ComponentStatus', metadata: { name: 'scheduler' } }]);
    // Upstream's storage has no NotFound for it.
    const none = await raw.send('GET', '/api/v1/componentstatuses/nothing');
    expect([none.status, none.body]).toMatchObject([
      500,
      { status: 'Failure', message: 'Component not found: nothing' },
    ]);
  });
});
