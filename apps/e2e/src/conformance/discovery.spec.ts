import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

/** A resource of each group, as upstream's tests of discovery name them. */
const expected: readonly (readonly [group: string, version: string, resource: string])[] = [
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['apps', 'v1', 'deployments'],
  ['authentication.k8s.io', 'v1', 'tokenreviews'],
  ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
  ['autoscaling', 'v1', 'horizontalpodautoscalers'],
  ['autoscaling', 'v2', 'horizontalpodautoscalers'],
  ['batch', 'v1', 'jobs'],
  ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
  ['coordination.k8s.io', 'v1', 'leases'],
  ['discovery.k8s.io', 'v1', 'endpointslices'],
  ['events.k8s.io', 'v1', 'events'],
  ['networking.k8s.io', 'v1', 'ingresses'],
  ['node.k8s.io', 'v1', 'runtimeclasses'],
  ['policy', 'v1', 'poddisruptionbudgets'],
  ['scheduling.k8s.io', 'v1', 'priorityclasses'],
  ['storage.k8s.io', 'v1', 'csinodes'],
];

interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
  readonly preferredVersion: { readonly groupVersion: string };
}

interface GroupDiscovery {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const read = async <T>(path: string, accept = 'application/json'): Promise<T> => {
  const reply = await cluster.raw.send('GET', path, { headers: { accept } });
  expect(reply.status, reply.text).toBe(200);
  return reply.body as T;
};

/** `group/version/resource` of a document of aggregated discovery. */
const aggregated = async (path: string, accept: string): Promise<string[]> => {
  const { kind, items } = await read<{ kind: string; items: GroupDiscovery[] }>(path, accept);
  expect(kind).toBe('APIGroupDiscoveryList');
  return items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource }) => `${metadata.name ?? ''}/${version}/${resource}`),
    ),
  );
};

describe('[sig-api-machinery] Discovery', () => {
  it('should validate PreferredVersion for each APIGroup', async () => {
    const { groups } = await read<{ groups: ApiGroup[] }>('/apis/');
    expect(groups.length).toBeGreaterThan(15);
    for (const { name } of groups) {
      const group = await read<ApiGroup>(`/apis/${name}/`);
      expect(group.versions.map(({ groupVersion }) => groupVersion)).toContain(group.preferredVersion.groupVersion);
    }
  });

  it('should locate the groupVersion and a resource within each APIGroup', async () => {
    for (const [group, version, resource] of [['', 'v1', 'namespaces'] as const, ...expected]) {
      const path = group === '' ? '/api/v1' : `/apis/${group}/${version}`;
      const list = await read<{ groupVersion: string; resources: { name: string }[] }>(path);
      expect(list.groupVersion).toBe(group === '' ? 'v1' : `${group}/${version}`);
      expect(list.resources.map(({ name }) => name)).toContain(resource);
    }
  });
});

describe('[sig-api-machinery] AggregatedDiscovery', () => {
  const inV2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

  it('should support raw aggregated discovery endpoint Accept headers', async () => {
    expect(await aggregated('/apis', inV2)).toEqual(expect.arrayContaining(expected.map((row) => row.join('/'))));
    expect(await aggregated('/api', inV2)).toContain('/v1/namespaces');
  });

  it('should support aggregated discovery interface', async () => {
    // What client-go's discovery client sends: the aggregated form first, what came before it as a second choice.
    const accept = `${inV2},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;
    const legacy = await aggregated('/api', accept);
    const named = await aggregated('/apis', accept);
    expect(legacy).toContain('/v1/namespaces');
    expect(named).toEqual(expect.arrayContaining(expected.map((row) => row.join('/'))));
    // The same as the documents of each group version say, which older clients read.
    const { groups } = await read<{ groups: ApiGroup[] }>('/apis');
    const unaggregated = await Promise.all(
      ['v1', ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion))].map(
        async (groupVersion) => {
          const path = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`;
          const { resources } = await read<{ resources: { name: string }[] }>(path);
          return resources
            .filter(({ name }) => !name.includes('/'))
            .map(({ name }) => `${groupVersion === 'v1' ? '/v1' : groupVersion}/${name}`);
        },
      ),
    );
    expect([...legacy, ...named].sort()).toEqual(unaggregated.flat().sort());
  });
});

describe('[sig-api-machinery] server version', () => {
  it('should find the server version', async () => {
    const version = await read<{ major: string; minor: string; gitVersion: string }>('/version');
    expect([version.major, version.minor.replace(/[^0-9A-Za-z]+/g, '')]).toEqual([
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^\d+$/),
    ]);
    expect(version.gitVersion).toMatch(/^v1\.36\./);
  });
});

describe('[sig-architecture] Conformance Tests', () => {
  it('should have at least two untainted nodes', async () => {
    const { items } = await cluster.list('/api/v1/nodes');
    const free = items.filter(({ spec }) => spec?.['taints'] === undefined && spec?.['unschedulable'] !== true);
    expect(free.length).toBeGreaterThanOrEqual(2);
    for (const { status } of free)
      expect(status?.['conditions']).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  });
});

describe('[sig-api-machinery] Servers with support for Table transformation', () => {
  it('should return a 406 for a backend which does not implement metadata', async () => {
    const reply = await cluster.raw.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace: 'default', verb: 'list', resource: 'configmaps' } },
      },
    });
    expect([reply.status, reply.body]).toMatchObject([406, { kind: 'Status', reason: 'NotAcceptable', code: 406 }]);
  });
});

describe('[sig-api-machinery] FieldValidation', () => {
  const labels = `{"app": "nginx"}`;
  const rest = `"selector": {"matchLabels": ${labels}},
    "template": {"metadata": {"labels": ${labels}}, "spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]}}`;
  const create = (text: string): ReturnType<ConformanceCluster['raw']['send']> =>
    cluster.raw.send(
      'POST',
      '/apis/apps/v1/namespaces/default/deployments?fieldManager=field_validation_mgr&fieldValidation=Strict',
      { body: text },
    );

  it('should detect unknown and duplicate fields of a typed object', async () => {
    const reply = await create(`{"apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"name": "my-dep", "labels": ${labels}},
      "spec": {"unknownField": "foo", "replicas": 2, "replicas": 3, ${rest}}}`);
    expect([reply.status, reply.body]).toMatchObject([
      400,
      {
        reason: 'BadRequest',
        message: expect.stringContaining(
          'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
        ) as unknown,
      },
    ]);
  });

  it('should detect unknown metadata fields of a typed object', async () => {
    const reply = await create(`{"apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"name": "my-dep", "unknownMeta": "foo", "labels": ${labels}}, "spec": {${rest}}}`);
    expect([reply.status, reply.body]).toMatchObject([
      400,
      {
        reason: 'BadRequest',
        message: expect.stringContaining('strict decoding error: unknown field "metadata.unknownMeta"') as unknown,
      },
    ]);
  });
});
