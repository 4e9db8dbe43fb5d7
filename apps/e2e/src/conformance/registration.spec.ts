import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@reckon/testkit';
import { exerciseApi, expectDiscovered } from './api-operations';
import { type ApiObject, type ConformanceCluster, namesOf, startConformanceCluster } from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const admission = 'admissionregistration.k8s.io';
const root = `/apis/${admission}/v1`;
const condition = {
  type: 'Tested',
  status: 'True',
  reason: 'E2E',
  message: 'by a test',
  lastTransitionTime: '2026-02-03T04:05:06Z',
};

describe('[sig-api-machinery] API priority and fairness', () => {
  const group = 'flowcontrol.apiserver.k8s.io';

  it('should support FlowSchema API operations', async () => {
    const spec = {
      matchingPrecedence: 10_000,
      priorityLevelConfiguration: { name: 'global-default' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'example-e2e-user' } }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    };
    await exerciseApi(cluster, {
      group,
      resource: 'flowschemas',
      kind: 'FlowSchema',
      fields: { spec },
      changed: { spec: { ...spec, matchingPrecedence: 9_999 } },
      status: { conditions: [condition] },
    });
  });

  it('should support PriorityLevelConfiguration API operations', async () => {
    const limited = { nominalConcurrencyShares: 2, lendablePercent: 0, limitResponse: { type: 'Reject' } };
    const spec = { type: 'Limited', limited };
    await exerciseApi(cluster, {
      group,
      resource: 'prioritylevelconfigurations',
      kind: 'PriorityLevelConfiguration',
      fields: { spec },
      changed: { spec: { ...spec, limited: { ...limited, nominalConcurrencyShares: 4 } } },
      status: { conditions: [condition] },
    });
  });
});

describe('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]', () => {
  const webhook = (name: string, fields: object = {}): object => ({
    name,
    admissionReviewVersions: ['v1', 'v1beta1'],
    sideEffects: 'None',
    // Its rules match nothing that anybody does here: what is shown is the registration, not the call.
    rules: [{ operations: ['CREATE'], apiGroups: ['e2e.example.com'], apiVersions: ['v1'], resources: ['things'] }],
    clientConfig: { url: 'https://127.0.0.1:9/webhook', caBundle: '' },
    ...fields,
  });
  const configurations = {
    mutating: { resource: 'mutatingwebhookconfigurations' },
    validating: { resource: 'validatingwebhookconfigurations' },
  };
  type Type = keyof typeof configurations;
  const webhooksOf = (made: ApiObject): readonly object[] => made['webhooks'] as object[];

  async function expectMatchConditions(type: Type): Promise<void> {
    const { resource } = configurations[type];
    const path = `${root}/${resource}/${type}-conditions`;
    const initial = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }];
    await cluster.create(`${root}/${resource}`, {
      metadata: { name: `${type}-conditions` },
      webhooks: [webhook('conditions.example.com', { matchConditions: initial })],
    });
    const read = await cluster.get(path);
    expect(webhooksOf(read)).toMatchObject([{ matchConditions: initial }]);
    const further = [...initial, { name: 'expression-2', expression: "object.metadata.namespace == 'staging'" }];
    await cluster.update(path, {
      ...read,
      webhooks: [webhook('conditions.example.com', { matchConditions: further })],
    });
    expect(webhooksOf(await cluster.get(path))).toMatchObject([{ matchConditions: further }]);
    await cluster.delete(path);
  }

  async function expectRefused(type: Type): Promise<void> {
    const reply = await cluster.raw.send('POST', `${root}/${configurations[type].resource}`, {
      body: {
        metadata: { name: `${type}-refused` },
        webhooks: [
          webhook('refused.example.com', {
            matchConditions: [
              { name: 'invalid-expression-1', expression: '... [] bad expression' },
              { name: 'invalid-expression-2', expression: 'has(' },
            ],
          }),
        ],
      },
    });
    expect([reply.status, reply.body]).toMatchObject([
      422,
      { reason: 'Invalid', message: expect.stringContaining('compilation failed') as unknown },
    ]);
  }

  it('should include webhook resources in discovery documents', async () => {
    const { groups } = (await cluster.raw.send('GET', '/apis')).body as {
      groups: { name: string; versions: object[] }[];
    };
    expect(groups.find(({ name }) => name === admission)?.versions).toContainEqual({
      groupVersion: `${admission}/v1`,
      version: 'v1',
    });
    for (const [resource, kind] of [
      ['mutatingwebhookconfigurations', 'MutatingWebhookConfiguration'],
      ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'],
    ] as const)
      await expectDiscovered(cluster, { group: admission, resource, kind });
  });

  it('should be able to create and update mutating webhook configurations with match conditions', () =>
    expectMatchConditions('mutating'));
  it('should be able to create and update validating webhook configurations with match conditions', () =>
    expectMatchConditions('validating'));
  it('should reject mutating webhook configurations with invalid match conditions', () => expectRefused('mutating'));
  it('should reject validating webhook configurations with invalid match conditions', () =>
    expectRefused('validating'));
});

const matchConstraints = {
  resourceRules: [
    { apiGroups: ['e2e.example.com'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['things'] },
  ],
};

describe('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  it('should support ValidatingAdmissionPolicy API operations', async () => {
    await exerciseApi(cluster, {
      group: admission,
      resource: 'validatingadmissionpolicies',
      kind: 'ValidatingAdmissionPolicy',
      fields: {
        spec: {
          matchConstraints,
          validations: [{ expression: 'object.spec.replicas <= 100', message: 'too many' }],
          variables: [{ name: 'replicas', expression: 'object.spec.replicas' }],
          auditAnnotations: [{ key: 'example', valueExpression: "'one'" }],
        },
      },
      status: { conditions: [condition] },
    });
  });

  it('should support ValidatingAdmissionPolicyBinding API operations', async () => {
    await exerciseApi(cluster, {
      group: admission,
      resource: 'validatingadmissionpolicybindings',
      kind: 'ValidatingAdmissionPolicyBinding',
      fields: { spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } },
    });
  });
});

describe('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]', () => {
  it('should support MutatingAdmissionPolicy API operations', async () => {
    await exerciseApi(cluster, {
      group: admission,
      resource: 'mutatingadmissionpolicies',
      kind: 'MutatingAdmissionPolicy',
      fields: {
        spec: {
          matchConstraints,
          reinvocationPolicy: 'Never',
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 1}}' },
            },
          ],
        },
      },
    });
  });

  it('should support MutatingAdmissionPolicyBinding API operations', async () => {
    await exerciseApi(cluster, {
      group: admission,
      resource: 'mutatingadmissionpolicybindings',
      kind: 'MutatingAdmissionPolicyBinding',
      fields: { spec: { policyName: 'replicalimit-policy.example.com' } },
    });
  });
});

describe('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin]', () => {
  const group = 'apiextensions.k8s.io';
  const collection = `/apis/${group}/v1/customresourcedefinitions`;
  const definition = (plural: string, labels: Readonly<Record<string, string>> = {}): object => ({
    apiVersion: `${group}/v1`,
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.e2e.example.com`, labels },
    spec: {
      group: 'e2e.example.com',
      scope: 'Cluster',
      names: { plural, singular: plural.slice(0, -1), kind: `Kind${plural}`, listKind: `Kind${plural}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });

  it('Simple CustomResourceDefinition creating/deleting custom resource definition objects works', async () => {
    const made = await cluster.create(collection, definition('noxus'));
    expect(made).toMatchObject({ spec: { conversion: { strategy: 'None' } } });
    await cluster.delete(`${collection}/${made.metadata.name}`);
    await cluster.gone(`${collection}/${made.metadata.name}`);
  });

  it('Simple CustomResourceDefinition listing custom resource definition objects works', async () => {
    const labels = { 'e2e-list-test-uuid': 'listed' };
    const plurals = Array.from({ length: 10 }, (_, nth) => `listed${String(nth)}s`);
    for (const plural of plurals) await cluster.create(collection, definition(plural, labels));
    await cluster.create(collection, definition('unlisteds'));
    const selected = `${collection}?labelSelector=e2e-list-test-uuid%3Dlisted`;
    expect(namesOf(await cluster.list(selected))).toEqual(plurals.map((plural) => `${plural}.e2e.example.com`));
    await cluster.delete(selected);
    await eventually(async () => {
      expect((await cluster.list(selected)).items).toEqual([]);
    });
    await cluster.delete(`${collection}/unlisteds.e2e.example.com`);
  });

  it('Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works', async () => {
    const { metadata } = await cluster.create(collection, definition('statuses'));
    const path = `${collection}/${metadata.name}`;
    const conditions = async (): Promise<readonly object[]> =>
      ((await cluster.get(`${path}/status`)).status?.['conditions'] ?? []) as object[];
    const updated = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await cluster.change(
      path,
      (current) => ({
        ...current,
        status: { ...current.status, conditions: [...((current.status?.['conditions'] ?? []) as object[]), updated] },
      }),
      `${path}/status`,
    );
    expect(await conditions()).toContainEqual(expect.objectContaining(updated));
    const patched = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await cluster.patch(`${path}/status`, {
      metadata: { annotations: { 'patched-status': 'true' } },
      status: { conditions: [...(await conditions()), patched] },
    });
    expect(await conditions()).toEqual(
      expect.arrayContaining([updated, patched].map((one) => expect.objectContaining(one) as unknown)),
    );
    await cluster.delete(path);
  });

  it('should include custom resource definition resources in discovery documents', async () => {
    await expectDiscovered(cluster, {
      group,
      resource: 'customresourcedefinitions',
      kind: 'CustomResourceDefinition',
      status: {},
    });
  });
});
