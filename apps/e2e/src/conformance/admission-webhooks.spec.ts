import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AdmissionRequest, startWebhookServer, type WebhookServer } from '../admission-webhooks/webhook-server';
import { type ConformanceCluster, namesOf, podSpec, startConformanceCluster } from './conformance-cluster';

const root = '/apis/admissionregistration.k8s.io/v1';
const collections = {
  mutating: `${root}/mutatingwebhookconfigurations`,
  validating: `${root}/validatingwebhookconfigurations`,
};
type Type = keyof typeof collections;

let cluster: ConformanceCluster;
let server: WebhookServer;
let namespace: string;
let made: string[] = [];

/** What `agnhost webhook` of the suite does at these paths. */
const addKey =
  (wanted: string, added: string) =>
  ({ object }: AdmissionRequest) => ({
    allowed: true,
    ...(object?.data?.[wanted] === 'start' || object?.data?.[wanted] === 'yes'
      ? { patch: [{ op: 'add', path: `/data/${added}`, value: 'yes' }] }
      : {}),
  });
const denyNonCompliant = ({ object, oldObject, operation }: AdmissionRequest) => {
  const { data, metadata } = (operation === 'DELETE' ? oldObject : object) ?? { metadata: {} };
  const key = 'webhook-e2e-test';
  const isBad = data?.[key] === 'webhook-disallow' || metadata.labels?.[key] === 'webhook-disallow';
  return isBad
    ? { allowed: false, status: { reason: 'the object contains unwanted key and value' } }
    : { allowed: true };
};

beforeAll(async () => {
  server = await startWebhookServer({
    '/always-allow-delay-5s': () => ({ allowed: true, afterMs: 5_000 }),
    '/always-deny': () => ({ allowed: false, status: { message: 'this webhook denies all requests' } }),
    '/configmaps': denyNonCompliant,
    '/pods': (request) =>
      request.object?.metadata.name === 'wait-forever' ? { allowed: true, afterMs: 60_000 } : denyNonCompliant(request),
    '/pods/attach': () => ({
      allowed: false,
      status: { message: "attaching to pod 'to-be-attached-pod' is not allowed" },
    }),
    '/mutating-configmaps-1': addKey('mutation-start', 'mutation-stage-1'),
    '/mutating-configmaps-2': addKey('mutation-stage-1', 'mutation-stage-2'),
    '/add-data': () => ({ allowed: true, patch: [{ op: 'add', path: '/data/mutated', value: 'yes' }] }),
    '/add-label': () => ({ allowed: true, patch: [{ op: 'add', path: '/metadata/labels/mutated', value: 'yes' }] }),
    '/mutating-pods': () => ({
      allowed: true,
      patch: [{ op: 'add', path: '/spec/initContainers', value: [{ image: 'webhook-added-image', name: 'added' }] }],
    }),
  });
  cluster = await startConformanceCluster();
  namespace = await cluster.namespace('webhook');
});
afterAll(async () => {
  await cluster.dispose();
  await server.stop();
});
afterEach(async () => {
  for (const path of made) await cluster.raw.send('DELETE', path);
  made = [];
});

const rule = (operations: string[], resource: string, group = ''): object => ({
  operations,
  apiGroups: [group],
  apiVersions: ['v1'],
  resources: [resource],
});

/** Webhooks that see nothing but what happens in the namespace of this test. */
const webhook = (name: string, path: string, rules: object[], more: object = {}): object => ({
  name: `${name}.k8s.io`,
  rules,
  clientConfig: server.clientConfig(path),
  sideEffects: 'None',
  admissionReviewVersions: ['v1', 'v1beta1'],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  ...more,
});

async function register(type: Type, name: string, webhooks: object[], labels: object = {}): Promise<string> {
  await cluster.create(collections[type], { metadata: { name, labels }, webhooks });
  const path = `${collections[type]}/${name}`;
  made.push(path);
  return path;
}

const configMaps = (): string => `/api/v1/namespaces/${namespace}/configmaps`;
const configMap = (name: string, data: object = {}): object => ({ metadata: { name }, data });
const makeConfigMap = (name: string, data?: object): Promise<{ status: number; text: string }> =>
  cluster.raw.send('POST', configMaps(), { body: configMap(name, data) });
const bad = { 'webhook-e2e-test': 'webhook-disallow' };

describe('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]', () => {
  it('should be able to deny pod and configmap creation', async () => {
    const more = { timeoutSeconds: 2 };
    await register('validating', 'deny', [
      webhook('deny-unwanted-pod-container-name-and-label', '/pods', [rule(['CREATE'], 'pods')], more),
      webhook('deny-unwanted-configmap-data', '/configmaps', [rule(['CREATE', 'UPDATE', 'DELETE'], 'configmaps')]),
    ]);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const pod = (name: string, labels: object): object => ({ metadata: { name, labels }, spec: podSpec() });
    const refused = await cluster.raw.send('POST', pods, { body: pod('disallowed-pod', bad) });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      {
        kind: 'Status',
        status: 'Failure',
        reason: 'the object contains unwanted key and value',
        message:
          'admission webhook "deny-unwanted-pod-container-name-and-label.k8s.io" denied the request: the object contains unwanted key and value',
      },
    ]);
    const hanging = await cluster.raw.send('POST', pods, { body: pod('wait-forever', {}) });
    expect([hanging.status, hanging.text]).toEqual([500, expect.stringContaining('context deadline exceeded')]);
    expect((await cluster.raw.send('GET', `${pods}/wait-forever`)).status).toBe(404);

    expect((await makeConfigMap('disallowed', bad)).text).toContain(
      'admission webhook \\"deny-unwanted-configmap-data.k8s.io\\" denied the request',
    );
    await cluster.create(configMaps(), configMap('allowed', { admit: 'this' }));
    const path = `${configMaps()}/allowed`;
    const update = await cluster.raw.send('PUT', path, { body: configMap('allowed', bad) });
    expect(update.text).toContain('the object contains unwanted key and value');
    const patch = await cluster.raw.send('PATCH', path, {
      body: { data: bad },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(patch.text).toContain('the object contains unwanted key and value');

    const exempt = await cluster.namespace('exempted');
    await cluster.create(`/api/v1/namespaces/${exempt}/configmaps`, configMap('disallowed', bad));
  });

  it('should be able to deny attaching pod', async () => {
    await register('validating', 'attach', [
      webhook('deny-attaching-pod', '/pods/attach', [rule(['CONNECT'], 'pods/attach')]),
    ]);
    await cluster.create(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'to-be-attached-pod' },
      spec: podSpec(),
    });
    await cluster.kubectl.run(`wait -n ${namespace} pod/to-be-attached-pod --for=condition=Ready --timeout=30s`);
    const attached = await cluster.kubectl.try(['attach', '-n', namespace, 'to-be-attached-pod', '-i', '-c=main']);
    expect(attached.code).not.toBe(0);
    expect(attached.stderr).toContain("attaching to pod 'to-be-attached-pod' is not allowed");
    const [asked] = server.asked('/pods/attach');
    expect(asked).toMatchObject({
      operation: 'CONNECT',
      subResource: 'attach',
      name: 'to-be-attached-pod',
      object: { kind: 'PodAttachOptions', apiVersion: 'v1', stdin: true, container: 'main' },
    });
  });

  it('should deny crd creation', async () => {
    await register('validating', 'crd', [
      webhook('deny-crd', '/always-deny', [rule(['CREATE'], 'customresourcedefinitions', 'apiextensions.k8s.io')], {
        objectSelector: { matchLabels: { 'e2e-test': 'deny' } },
      }),
    ]);
    const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
    const reply = await cluster.raw.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        metadata: { name: 'things.e2e.example.com', labels: { 'e2e-test': 'deny' } },
        spec: { group: 'e2e.example.com', scope: 'Namespaced', names, versions },
      },
    });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('this webhook denies all requests')]);
  });

  it('should honor timeout', async () => {
    const slow = (timeoutSeconds: number | undefined, failurePolicy: string): object =>
      webhook('allow-configmap-with-delay', '/always-allow-delay-5s', [rule(['CREATE'], 'configmaps')], {
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        failurePolicy,
      });
    const tried = async (nth: number, timeoutSeconds: number | undefined, failurePolicy: string): Promise<string> => {
      const path = await register('validating', `slow-${String(nth)}`, [slow(timeoutSeconds, failurePolicy)]);
      const { status, text } = await makeConfigMap(`slow-${String(nth)}`);
      await cluster.delete(path);
      return status === 201 ? 'made' : text;
    };
    expect(await tried(1, 1, 'Fail')).toMatch(/failed calling webhook .*always-allow-delay-5s\?timeout=1s.*deadline/);
    expect(await tried(2, 1, 'Ignore')).toBe('made');
    expect(await tried(3, 10, 'Fail')).toBe('made');
    expect(await tried(4, undefined, 'Fail')).toBe('made');
  });

  it('should mutate configmap', async () => {
    await register('mutating', 'stages', [
      webhook('adding-configmap-data-stage-1', '/mutating-configmaps-1', [rule(['CREATE'], 'configmaps')]),
      webhook('adding-configmap-data-stage-2', '/mutating-configmaps-2', [rule(['CREATE'], 'configmaps')]),
    ]);
    const mutated = await cluster.create(configMaps(), configMap('to-be-mutated', { 'mutation-start': 'yes' }));
    expect(mutated['data']).toEqual({
      'mutation-start': 'yes',
      'mutation-stage-1': 'yes',
      'mutation-stage-2': 'yes',
    });
  });

  it('should mutate pod and apply defaults after mutation', async () => {
    await register('mutating', 'pods', [
      webhook('adding-init-container', '/mutating-pods', [rule(['CREATE'], 'pods')]),
    ]);
    const pod = await cluster.create(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'webhook-to-be-mutated' },
      spec: podSpec(),
    });
    expect(pod.spec?.['initContainers']).toMatchObject([
      {
        name: 'added',
        image: 'webhook-added-image',
        terminationMessagePolicy: 'File',
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'Always',
      },
    ]);
  });

  it("should mutate everything except 'skip-me' configmaps", async () => {
    const matchConditions = [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }];
    await register('mutating', 'skip', [
      webhook('add-data', '/add-data', [rule(['CREATE'], 'configmaps')], { matchConditions }),
    ]);
    const skipped = await cluster.create(configMaps(), configMap('skip-me', { a: 'b' }));
    expect(skipped['data']).toEqual({ a: 'b' });
    const mutated = await cluster.create(configMaps(), configMap('not-skipped', { a: 'b' }));
    expect(mutated['data']).toEqual({ a: 'b', mutated: 'yes' });
  });

  it('should not be able to mutate or prevent deletion of webhook configuration objects', async () => {
    const rules = [
      rule(['*'], 'validatingwebhookconfigurations', 'admissionregistration.k8s.io'),
      rule(['*'], 'mutatingwebhookconfigurations', 'admissionregistration.k8s.io'),
    ];
    await register('validating', 'prevent', [webhook('deny-webhook-configuration-deletions', '/always-deny', rules)]);
    await register('mutating', 'mutate', [webhook('add-label-to-webhook-configurations', '/add-label', rules)]);
    for (const type of ['validating', 'mutating'] as const) {
      const never = { ...webhook('never', '/always-deny', [rule(['CREATE'], 'invalid')]), failurePolicy: 'Ignore' };
      const path = await register(type, `to-be-deleted-${type}`, [never], { 'e2e-test': 'yes' });
      expect((await cluster.get(path)).metadata.labels).toEqual({ 'e2e-test': 'yes' });
      await cluster.delete(path);
    }
    expect([
      server.asked('/add-label'),
      server.asked('/always-deny').filter(({ operation }) => operation === 'DELETE'),
    ]).toEqual([[], []]);
  });

  it('should unconditionally reject operations on fail closed webhook', async () => {
    const { url } = server.clientConfig('/configmaps');
    await register('validating', 'closed', [
      webhook('fail-closed', '/configmaps', [rule(['CREATE'], 'configmaps')], {
        clientConfig: { url },
        failurePolicy: 'Fail',
      }),
    ]);
    const reply = await cluster.raw.send('POST', configMaps(), { body: configMap('closed') });
    expect([reply.status, reply.body]).toMatchObject([
      500,
      {
        reason: 'InternalError',
        message: expect.stringMatching(
          /^Internal error occurred: failed calling webhook "fail-closed.k8s.io": failed to call webhook: Post "https:.*\?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
        ) as unknown,
      },
    ]);
  });

  async function expectListed(type: Type, isCalled: (name: string) => Promise<boolean>): Promise<void> {
    const path = type === 'mutating' ? '/add-data' : '/always-deny';
    const labels = { 'e2e-list-test': type };
    const names = Array.from({ length: 10 }, (_, nth) => `${type}-list-${String(nth)}`);
    for (const name of names) {
      const path_ = await register(type, name, [webhook(name, path, [rule(['CREATE'], 'configmaps')])], labels);
      expect((await cluster.get(path_))['webhooks']).toMatchObject([
        { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 },
      ]);
    }
    const selected = `${collections[type]}?labelSelector=e2e-list-test%3D${type}`;
    expect(namesOf(await cluster.list(selected))).toEqual(names);
    expect(await isCalled(`${type}-listed`)).toBe(true);
    await cluster.delete(selected);
    expect((await cluster.list(selected)).items).toEqual([]);
    expect(await isCalled(`${type}-deleted`)).toBe(false);
  }

  async function expectChanged(type: Type, isCalled: (name: string) => Promise<boolean>): Promise<void> {
    const at = type === 'mutating' ? '/add-data' : '/always-deny';
    const hook = (operation: string): object => webhook('change', at, [rule([operation], 'configmaps')]);
    const path = await register(type, `${type}-change`, [hook('CREATE')]);
    expect((await cluster.get(path)).metadata.generation).toBe(1);
    expect(await isCalled(`${type}-first`)).toBe(true);
    const updated = await cluster.change(path, (current) => ({ ...current, webhooks: [hook('UPDATE')] }));
    expect(updated).toMatchObject({ webhooks: [{ rules: [{ operations: ['UPDATE'] }] }], metadata: { generation: 2 } });
    expect(await isCalled(`${type}-updated`)).toBe(false);
    const operations = [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }];
    const patched = await cluster.patch(path, operations, 'json-patch');
    expect(patched).toMatchObject({ webhooks: [{ rules: [{ operations: ['CREATE'] }] }], metadata: { generation: 3 } });
    expect(await isCalled(`${type}-patched`)).toBe(true);
  }

  const isMutated = async (name: string): Promise<boolean> => {
    const { data } = (await cluster.create(configMaps(), configMap(name, { a: 'b' }))) as { data?: object };
    return data !== undefined && 'mutated' in data;
  };
  const isDenied = async (name: string): Promise<boolean> => {
    const { status, text } = await makeConfigMap(name);
    return status !== 201 && text.includes('this webhook denies all requests');
  };

  it('listing mutating webhooks should work', () => expectListed('mutating', isMutated));
  it('listing validating webhooks should work', () => expectListed('validating', isDenied));
  it('patching/updating a mutating webhook should work', () => expectChanged('mutating', isMutated));
  it('patching/updating a validating webhook should work', () => expectChanged('validating', isDenied));
});
