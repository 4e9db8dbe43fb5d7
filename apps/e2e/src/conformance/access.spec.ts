import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, readKubeconfig } from '@reckon/testkit';
import { exerciseApi } from './api-operations';
import {
  type ApiObject,
  type ConformanceCluster,
  namesOf,
  podSpec,
  startConformanceCluster,
} from './conformance-cluster';

let cluster: ConformanceCluster;

beforeAll(async () => {
  cluster = await startConformanceCluster();
});
afterAll(async () => {
  await cluster.dispose();
});

const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`;
const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

/** A request of ECDSA P-256 for `CN=example`, made by `openssl req`. */
const signingRequest = encode(
  [
    '-----BEGIN CERTIFICATE REQUEST-----',
    'MIHMMHQCAQAwEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49',
    'AwEHA0IABEOjeDIt+7ea3XUTLBXG61HUMlUbRYIbWE3ekeCvIIpNidFiNbqS2nBW',
    'a6Urd0xVfB08fVHWkd8eMnCpyqXQ5oCgADAKBggqhkjOPQQDAgNIADBFAiATahLn',
    'prOyXQIvx8ok8rpDh5u/GMs8+HT536iFSY47pgIhAMZp45bL6Cu9CWjjTpgJef5+',
    '15KRHta8+DqffCoR8Gk/',
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n'),
);

describe('[sig-auth] Certificates API [Privileged:ClusterAdmin]', () => {
  it('should support CSR API operations', async () => {
    const spec = {
      request: signingRequest,
      signerName: 'example.com/e2e',
      expirationSeconds: 3600,
      usages: ['digital signature', 'key encipherment', 'server auth'],
    };
    const failed = { type: 'Failed', status: 'True', reason: 'E2E', message: 'no signer' };
    await exerciseApi(cluster, {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      kind: 'CertificateSigningRequest',
      fields: { spec },
      status: { conditions: [failed] },
    });

    const collection = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const { metadata } = await cluster.create(collection, { metadata: { generateName: 'e2e-example-csr-' }, spec });
    const path = `${collection}/${metadata.name}`;
    const condition = (type: string): object => ({
      type,
      status: 'True',
      reason: 'E2E',
      message: 'Set from an e2e test',
    });
    const conditionsOf = ({ status }: ApiObject): readonly object[] => (status?.['conditions'] ?? []) as object[];
    const added =
      (type: string) =>
      (current: ApiObject): object => ({
        ...current,
        status: { ...current.status, conditions: [...conditionsOf(current), condition(type)] },
      });
    expect((await cluster.get(`${path}/approval`)).metadata.uid).toBe(metadata.uid);
    const patchedApproval = await cluster.patch(`${path}/approval`, {
      metadata: { annotations: { patchedapproval: 'true' } },
      status: { conditions: [condition('ApprovalPatch')] },
    });
    expect(patchedApproval).toMatchObject({
      metadata: { annotations: { patchedapproval: 'true' } },
      status: { conditions: [condition('ApprovalPatch')] },
    });
    const approved = await cluster.change(path, added('Approved'), `${path}/approval`);
    expect(conditionsOf(approved)).toMatchObject([condition('ApprovalPatch'), condition('Approved')]);

    const certificate = encode(readKubeconfig(cluster.kubeconfig).caPem);
    const patched = await cluster.patch(`${path}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { certificate },
    });
    expect(patched).toMatchObject({ metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } });
    const updated = await cluster.change(path, added('StatusUpdate'), `${path}/status`);
    expect(conditionsOf(updated)).toMatchObject(['ApprovalPatch', 'Approved', 'StatusUpdate'].map(condition));
    await cluster.delete(path);
    await cluster.gone(path);
  });
});

describe('[sig-auth] ServiceAccounts', () => {
  it('should run through the lifecycle of a ServiceAccount', async () => {
    const namespace = await cluster.namespace('accounts');
    const collection = core(namespace, 'serviceaccounts');
    const labels = { 'test-serviceaccount-static': 'true' };
    const selected = 'labelSelector=test-serviceaccount-static%3Dtrue';
    const watch = await cluster.watch(`${collection}?watch=1&${selected}`);
    await cluster.create(collection, { metadata: { name: 'testserviceaccount', labels } });
    const patched = await cluster.patch(
      `${collection}/testserviceaccount`,
      { automountServiceAccountToken: false },
      'strategic-merge-patch',
    );
    expect(patched['automountServiceAccountToken']).toBe(false);
    const { items } = await cluster.list(`/api/v1/serviceaccounts?${selected}`);
    expect(items).toMatchObject([
      { metadata: { name: 'testserviceaccount', namespace }, automountServiceAccountToken: false },
    ]);
    await cluster.delete(`${collection}?${selected}`);
    await eventually(() => {
      expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    });
  });

  it('should update a ServiceAccount', async () => {
    const collection = core(await cluster.namespace('accounts'), 'serviceaccounts');
    const path = `${collection}/e2e-sa`;
    await cluster.create(collection, { metadata: { name: 'e2e-sa' }, automountServiceAccountToken: false });
    await cluster.change(path, (current) => ({ ...current, automountServiceAccountToken: true }));
    expect((await cluster.get(path))['automountServiceAccountToken']).toBe(true);
  });

  /** A token of a new account, by its `token` subresource. */
  async function newToken(namespace: string, name: string): Promise<string> {
    await cluster.create(core(namespace, 'serviceaccounts'), { metadata: { name } });
    const made = await cluster.create(`${core(namespace, 'serviceaccounts')}/${name}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const token = made.status?.['token'];
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    return String(token);
  }

  it('should create a serviceAccountToken and ensure a successful TokenReview', async () => {
    const namespace = await cluster.namespace('accounts');
    const token = await newToken(namespace, 'reviewed');
    const review = await cluster.create('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
    expect(review.status).toMatchObject({
      authenticated: true,
      user: { username: `system:serviceaccount:${namespace}:reviewed` },
    });
    expect(review.status).not.toHaveProperty('error');
  });

  it('should guarantee kube-root-ca.crt exist in any namespace', async () => {
    const path = `${core(await cluster.namespace('accounts'), 'configmaps')}/kube-root-ca.crt`;
    const published = async (): Promise<ApiObject> =>
      await eventually(async () => {
        const read = await cluster.get(path);
        expect(read['data']).toEqual({ 'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') as unknown });
        return read;
      });
    const { metadata } = await published();
    await cluster.delete(path);
    await eventually(async () => {
      expect((await published()).metadata.uid).not.toBe(metadata.uid);
    });
    await cluster.change(path, (current) => ({ ...current, data: { 'ca.crt': '' } }));
    await published();
  });

  it('should allow opting out of API token automount', async () => {
    const namespace = await cluster.namespace('automount');
    const accounts = { default: undefined, mount: true, nomount: false };
    for (const [name, automountServiceAccountToken] of Object.entries(accounts))
      if (name !== 'default')
        await cluster.create(core(namespace, 'serviceaccounts'), { metadata: { name }, automountServiceAccountToken });
    for (const [account, ofAccount] of Object.entries(accounts))
      for (const ofPod of [undefined, true, false]) {
        const pod = await cluster.create(core(namespace, 'pods'), {
          metadata: { generateName: `pod-${account}-` },
          spec: {
            ...podSpec(),
            serviceAccountName: account,
            ...(ofPod === undefined ? {} : { automountServiceAccountToken: ofPod }),
          },
        });
        const containers = pod.spec?.['containers'] as { volumeMounts?: { mountPath: string }[] }[];
        const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }) => mountPath));
        expect(mounts, pod.metadata.name).toEqual(
          (ofPod ?? ofAccount ?? true) ? ['/var/run/secrets/kubernetes.io/serviceaccount'] : [],
        );
      }
  });

  it('ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer', async () => {
    const namespace = await cluster.namespace('issuer');
    const token = await newToken(namespace, 'verifier');
    const [head, body, signature] = token.split('.');
    // Upstream asks from a pod: so with nothing but the account's own token.
    const client = cluster.raw.as({ token });
    try {
      const { alg, kid } = decode(head) as { alg: 'ES256' | 'RS256'; kid: string };
      const claims = decode(body) as { iss: string; sub: string };
      const discovery = await client.send('GET', '/.well-known/openid-configuration');
      expect([discovery.status, discovery.body]).toMatchObject([
        200,
        {
          issuer: claims.iss,
          jwks_uri: expect.stringMatching(/^https:\/\/.*\/openid\/v1\/jwks$/) as unknown,
          id_token_signing_alg_values_supported: expect.arrayContaining([alg]) as unknown,
        },
      ]);
      const { keys } = (await client.send('GET', '/openid/v1/jwks')).body as { keys: (JsonWebKey & { kid: string })[] };
      const key = keys.find((one) => one.kid === kid);
      if (key === undefined) throw new Error(`no key ${kid} is published`);
      const isSigned = verify(
        'sha256',
        Buffer.from(`${head ?? ''}.${body ?? ''}`),
        { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature ?? '', 'base64url'),
      );
      expect([isSigned, claims.sub]).toEqual([true, `system:serviceaccount:${namespace}:verifier`]);
    } finally {
      client.close();
    }
  });
});

describe('[sig-auth] SubjectReview', () => {
  it('should support SubjectReview API operations', async () => {
    const namespace = await cluster.namespace('review');
    await cluster.create(core(namespace, 'serviceaccounts'), { metadata: { name: 'e2e' } });
    const user = `system:serviceaccount:${namespace}:e2e`;
    const root = '/apis/authorization.k8s.io/v1';
    const expectReviewed = async (resource: string, path: string, isAllowed: boolean): Promise<void> => {
      const spec = { user, resourceAttributes: { namespace, verb: 'list', version: 'v1', resource } };
      const review = await cluster.create(`${root}/subjectaccessreviews`, { spec });
      const local = await cluster.create(`${root}/namespaces/${namespace}/localsubjectaccessreviews`, {
        metadata: { namespace },
        spec,
      });
      expect([review.status?.['allowed'], local.status?.['allowed']]).toEqual([isAllowed, isAllowed]);
      const reply = await cluster.raw.send('GET', path, { headers: { 'impersonate-user': user } });
      expect(reply.status).toBe(isAllowed ? 200 : 403);
    };
    await expectReviewed('configmaps', core(namespace, 'configmaps'), false);
    await cluster.create(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      metadata: { name: 'e2e' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace }],
    });
    await expectReviewed('configmaps', core(namespace, 'configmaps'), true);
    await expectReviewed('secrets', core(namespace, 'secrets'), false);
  });
});

describe('[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints', () => {
  it('verify PriorityClass endpoints can be operated with different HTTP methods', async () => {
    const collection = '/apis/scheduling.k8s.io/v1/priorityclasses';
    const made = [];
    for (const [name, value] of [
      ['p1', 1],
      ['p2', 2],
    ] as const)
      made.push(await cluster.create(collection, { metadata: { name }, value }));
    expect(namesOf(await cluster.list(collection))).toEqual(expect.arrayContaining(['p1', 'p2']));
    for (const { metadata } of made) {
      const path = `${collection}/${metadata.name}`;
      const before = await cluster.get(path);
      for (const change of [{ value: 3 }, { preemptionPolicy: 'Never' }]) {
        const patched = await cluster.raw.send('PATCH', path, {
          body: change,
          headers: { 'content-type': 'application/merge-patch+json' },
        });
        const updated = await cluster.raw.send('PUT', path, { body: { ...before, ...change } });
        for (const reply of [patched, updated])
          expect([reply.status, reply.body]).toMatchObject([422, { reason: 'Invalid' }]);
      }
      expect((await cluster.patch(path, { description: 'patched' }))['description']).toBe('patched');
      const updated = await cluster.change(path, (current) => ({
        ...current,
        metadata: { ...current.metadata, annotations: { updated: 'true' } },
      }));
      expect(updated).toMatchObject({ value: before['value'], metadata: { annotations: { updated: 'true' } } });
      await cluster.delete(path);
      await cluster.gone(path);
    }
  });
});

describe('[sig-scheduling] LimitRange', () => {
  const limits = [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '50m' } }];

  it('should list, patch and delete a LimitRange by collection', async () => {
    const [first, second] = [await cluster.namespace('limits'), await cluster.namespace('limits')];
    const labels = { 'e2e-test': 'limitrange' };
    const everywhere = '/api/v1/limitranges?labelSelector=e2e-test%3Dlimitrange';
    for (const namespace of [first, second])
      await cluster.create(core(namespace, 'limitranges'), { metadata: { name: 'limits', labels }, spec: { limits } });
    expect((await cluster.list(everywhere)).items).toHaveLength(2);
    const patched = await cluster.patch(
      `${core(first, 'limitranges')}/limits`,
      {
        metadata: { labels: { limits: 'patched' } },
        spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' } }] },
      },
      'strategic-merge-patch',
    );
    expect(patched).toMatchObject({
      metadata: { labels: { limits: 'patched' } },
      spec: { limits: [{ defaultRequest: { cpu: '100m' } }] },
    });
    await cluster.delete(`${core(first, 'limitranges')}?labelSelector=limits%3Dpatched`);
    await eventually(async () => {
      const { items } = await cluster.list(everywhere);
      expect(items.map(({ metadata }) => metadata.namespace)).toEqual([second]);
    });
  });
});
