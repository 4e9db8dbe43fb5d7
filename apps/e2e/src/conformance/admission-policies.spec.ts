import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceCluster, startConformanceCluster } from './conformance-cluster';

const root = '/apis/admissionregistration.k8s.io/v1';

let cluster: ConformanceCluster;
let namespace: string;
let made: string[] = [];

beforeAll(async () => {
  cluster = await startConformanceCluster();
  namespace = await cluster.namespace('policy');
});
afterAll(async () => {
  await cluster.dispose();
});
afterEach(async () => {
  for (const path of made) await cluster.raw.send('DELETE', path);
  made = [];
});

type Type = 'validating' | 'mutating';

/** A policy about Deployments of the namespace of this test, and its binding. */
async function policy(type: Type, name: string, spec: object): Promise<void> {
  const policies = `${root}/${type}admissionpolicies`;
  const bindings = `${root}/${type}admissionpolicybindings`;
  const rules = [
    { operations: ['CREATE', 'UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  made.push(`${policies}/${name}`, `${bindings}/${name}-binding`);
  await cluster.create(policies, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: rules, namespaceSelector }, ...spec },
  });
  await cluster.create(bindings, {
    metadata: { name: `${name}-binding` },
    spec: {
      policyName: name,
      matchResources: { namespaceSelector },
      ...(type === 'validating' ? { validationActions: ['Deny'] } : {}),
    },
  });
}

const workload = (name: string, replicas: number): object => ({
  metadata: { name, labels: { app: 'nginx' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'nginx' } },
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: { containers: [{ name: 'nginx', image: 'nginx:latest' }] },
    },
  },
});

async function make(resource: string, name: string, replicas: number): Promise<{ status: number; body: unknown }> {
  const collection = `/apis/apps/v1/namespaces/${namespace}/${resource}`;
  made.push(`${collection}/${name}`);
  return await cluster.raw.send('POST', collection, { body: workload(name, replicas) });
}

const deniedBy = (name: string, why: string): object => ({
  kind: 'Status',
  status: 'Failure',
  reason: 'Invalid',
  code: 422,
  message: `deployments.apps "marker-deployment" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}-binding' denied request: ${why}`,
  details: { name: 'marker-deployment', group: 'apps', kind: 'deployments' },
});

describe('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  it('should validate against a Deployment', async () => {
    const validations = [
      {
        expression: 'object.spec.replicas > 1',
        messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
      },
    ];
    await policy('validating', 'replicas.example.com', { validations });
    // The message cannot be made of a text and a number.
    expect((await make('deployments', 'marker-deployment', 1)).body).toMatchObject(
      deniedBy('replicas.example.com', 'failed expression: object.spec.replicas > 1'),
    );
    expect((await make('deployments', 'replicated', 2)).status).toBe(201);
    expect((await make('replicasets', 'non-replicated', 1)).status).toBe(201);
  });

  it('should allow expressions to refer variables.', async () => {
    await policy('validating', 'variables.example.com', {
      variables: [
        { name: 'replicas', expression: 'object.spec.replicas' },
        { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
      ],
      validations: [
        { expression: 'variables.replicas > 1' },
        { expression: 'variables.oddReplicas', messageExpression: "'wants odd, got ' + string(variables.replicas)" },
      ],
    });
    expect((await make('deployments', 'marker-deployment', 1)).body).toMatchObject(
      deniedBy('variables.example.com', 'failed expression: variables.replicas > 1'),
    );
    expect((await make('deployments', 'marker-deployment', 4)).body).toMatchObject(
      deniedBy('variables.example.com', 'wants odd, got 4'),
    );
    expect((await make('deployments', 'replicated', 3)).status).toBe(201);
    expect((await make('replicasets', 'non-replicated', 1)).status).toBe(201);
  });
});

describe('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  const annotated = (expression: string): object => ({
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
  });

  it('should mutate a Deployment', async () => {
    const expression = 'Object{ metadata: Object.metadata{ annotations: { "mutated-by": "admission-policy" } } }';
    await policy('mutating', 'mutate.example.com', annotated(expression));
    const { status, body } = await make('deployments', 'mutated', 2);
    expect([status, body]).toMatchObject([201, { metadata: { annotations: { 'mutated-by': 'admission-policy' } } }]);
  });

  it('should mutate a Deployment with annotations', async () => {
    const expression =
      'Object{ metadata: Object.metadata{ annotations: { "my-foo-annotation": object.metadata.name } }, spec: Object.spec{ replicas: object.spec.replicas + 1 } }';
    await policy('mutating', 'annotate.example.com', annotated(expression));
    const { status, body } = await make('deployments', 'annotated', 2);
    expect([status, body]).toMatchObject([
      201,
      { metadata: { annotations: { 'my-foo-annotation': 'annotated' } }, spec: { replicas: 3 } },
    ]);
  });
});
