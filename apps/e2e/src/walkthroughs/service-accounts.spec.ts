import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl, RawClient, type ReckonProcess, eventually, readKubeconfig, startReckon } from '@reckon/testkit';
import { provisioner } from './local-provisioner';

interface Secret {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}
interface ServiceAccount {
  readonly metadata: { readonly uid: string };
  readonly secrets?: readonly { readonly name: string }[];
}
interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly serviceAccount: string;
    readonly volumes: readonly {
      readonly name: string;
      readonly projected?: { readonly sources: readonly object[] };
    }[];
    readonly containers: readonly {
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    }[];
  };
}

const text = (secret: Secret, key: string): string => Buffer.from(secret.data[key] ?? '', 'base64').toString('utf8');

const partOf = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;

describe('service accounts', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  let admin: RawClient;

  beforeAll(async () => {
    reckon = await startReckon();
    kubectl = new Kubectl(reckon.kubeconfig);
    admin = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
  });

  /** The token Secret that the account names, filled. */
  const tokenSecretOf = (name: string, namespace = 'default', not = ''): Promise<Secret> =>
    eventually(async () => {
      const account = await kubectl.json<ServiceAccount>(`-n ${namespace} get serviceaccount ${name}`);
      const named = account.secrets?.find((secret) => secret.name !== not)?.name ?? '';
      expect(named).not.toBe('');
      const secret = await kubectl.json<Secret>(`-n ${namespace} get secret ${named}`);
      expect(text(secret, 'token')).not.toBe('');
      return secret;
    });

  it('W6: a new account gets a Secret with ca.crt, namespace and token, and names it', async () => {
    await kubectl.run('create serviceaccount robot');
    const secret = await tokenSecretOf('robot');
    const account = await kubectl.json<ServiceAccount>('get serviceaccount robot');
    expect(secret.metadata.name).toMatch(/^robot-token-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(secret.type).toBe('kubernetes.io/service-account-token');
    expect(secret.metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'robot',
      'kubernetes.io/service-account.uid': account.metadata.uid,
    });
    expect(Object.keys(secret.data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
    expect(text(secret, 'namespace')).toBe('default');
    expect(text(secret, 'ca.crt')).toBe(readKubeconfig(reckon.kubeconfig).caPem);
    expect(account.secrets).toEqual([{ name: secret.metadata.name }]);
  });

  it('W8: that token says whose it is; a requested one also for whom, until when and for which pod', async () => {
    const secret = await tokenSecretOf('robot');
    const token = text(secret, 'token');
    const account = await kubectl.json<ServiceAccount>('get serviceaccount robot');
    const header = partOf(token, 0);
    expect(['RS256', 'ES256']).toContain(header['alg']);
    expect(header['kid']).toMatch(/\S{8,}/);
    expect(partOf(token, 1)).toEqual({
      iss: 'kubernetes/serviceaccount',
      sub: 'system:serviceaccount:default:robot',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': secret.metadata.name,
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': account.metadata.uid,
    });

    await kubectl.run('run bound --image=nginx --overrides={"spec":{"serviceAccountName":"robot"}}');
    const requested = await kubectl.run(
      'create token robot --duration=20m --audience=me --bound-object-kind=Pod --bound-object-name=bound',
    );
    const claims = partOf(requested, 1) as { exp: number; iat: number; nbf: number } & Record<string, unknown>;
    expect(claims).toMatchObject({
      aud: ['me'],
      sub: 'system:serviceaccount:default:robot',
      'kubernetes.io': {
        namespace: 'default',
        pod: { name: 'bound' },
        serviceaccount: { name: 'robot', uid: account.metadata.uid },
      },
    });
    expect(claims.exp - claims.iat).toBe(1200);
    expect(claims.nbf).toBe(claims.iat);
    expect(claims['jti']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('W7: a deleted token Secret comes back under a new name, and the old token is refused', async () => {
    const old = await tokenSecretOf('robot');
    const client = admin.as({ token: text(old, 'token') });
    expect((await client.send('GET', '/api/v1/pods')).status).toBe(403);
    await kubectl.run(`delete secret ${old.metadata.name}`);
    expect((await client.send('GET', '/api/v1/pods')).status).toBe(401);
    const fresh = await tokenSecretOf('robot', 'default', old.metadata.name);
    expect(fresh.metadata.name).not.toBe(old.metadata.name);
    expect((await admin.as({ token: text(fresh, 'token') }).send('GET', '/api/v1/pods')).status).toBe(403);
    expect((await client.send('GET', '/api/v1/pods')).status).toBe(401);

    await kubectl.run('delete serviceaccount robot');
    expect((await admin.as({ token: text(fresh, 'token') }).send('GET', '/api/v1/pods')).status).toBe(401);
    await eventually(async () => {
      expect((await kubectl.try(['get', 'secret', fresh.metadata.name])).stderr).toContain('not found');
    });
  });

  it('W15: pods of a Deployment carry the account it names, which may do what cluster-admin may', async () => {
    const binding = await kubectl.json<{ subjects: unknown[]; roleRef: unknown }>(
      'get clusterrolebinding cluster-admin',
    );
    expect(binding.subjects).toEqual([
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:masters' },
    ]);
    expect(binding.roleRef).toEqual({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'cluster-admin',
    });
    const role = await kubectl.json<{ rules: unknown[] }>('get clusterrole cluster-admin');
    expect(role.rules).toEqual([
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ]);

    await kubectl.run('-n kube-system create serviceaccount admin');
    await kubectl.run('create clusterrolebinding admin --clusterrole=cluster-admin --serviceaccount=kube-system:admin');
    await kubectl.run(['apply', '-f', '-'], {
      stdin: deploymentOf('named', 'serviceAccount: admin') + deploymentOf('unnamed', ''),
    });
    for (const [name, account] of [
      ['named', 'admin'],
      ['unnamed', 'default'],
    ] as const) {
      await kubectl.run(`-n kube-system rollout status deployment/${name} --timeout=60s`);
      const { items } = await kubectl.json<{ items: Pod[] }>(`-n kube-system get pods -l app=${name}`);
      expect(items).toHaveLength(2);
      for (const { spec } of items) {
        expect([spec.serviceAccountName, spec.serviceAccount]).toEqual([account, account]);
        const volume = spec.volumes.find((v) => v.name.startsWith('kube-api-access-'));
        expect(volume?.projected?.sources).toHaveLength(3);
        expect(spec.containers[0]?.volumeMounts).toEqual([
          { name: volume?.name, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
        ]);
      }
    }
    const client = admin.as({ token: text(await tokenSecretOf('admin', 'kube-system'), 'token') });
    expect((await client.send('GET', '/api/v1/secrets')).status).toBe(200);
    expect((await client.send('GET', '/metrics')).status).toBe(200);
    expect((await client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'by-admin' } } })).status).toBe(
      201,
    );
  });

  it('W27: the local static provisioner is applied, runs, and may do what its bindings say', async () => {
    expect(await kubectl.run(['apply', '-f', '-'], { stdin: provisioner })).toBe(
      'configmap/local-provisioner-config created\n' +
        'serviceaccount/local-storage-admin created\n' +
        'clusterrolebinding.rbac.authorization.k8s.io/local-storage-provisioner-pv-binding created\n' +
        'clusterrole.rbac.authorization.k8s.io/local-storage-provisioner-node-clusterrole created\n' +
        'clusterrolebinding.rbac.authorization.k8s.io/local-storage-provisioner-node-binding created\n' +
        'daemonset.apps/local-volume-provisioner created\n',
    );
    // Two of them name a namespace, although they have none.
    const bindings = (): Promise<{ items: { metadata: { namespace?: string; resourceVersion: string } }[] }> =>
      kubectl.json(
        'get clusterrolebindings local-storage-provisioner-pv-binding local-storage-provisioner-node-binding',
      );
    const { items } = await bindings();
    for (const { metadata } of items) expect(metadata.namespace).toBeUndefined();
    await kubectl.run(['apply', '-f', '-'], { stdin: provisioner });
    expect((await bindings()).items).toEqual(items);
    const may = async (verb: string, resource: string): Promise<string> =>
      (
        await kubectl.try([
          'auth',
          'can-i',
          '--as',
          'system:serviceaccount:default:local-storage-admin',
          verb,
          resource,
        ])
      ).stdout.trim();
    expect(await may('get', 'nodes')).toBe('yes');
    expect(await may('delete', 'nodes')).toBe('no');
    expect(await may('list', 'secrets')).toBe('no');
    const provisionerToken = (await kubectl.run('create token local-storage-admin')).trim();
    const holder = admin.as({ token: provisionerToken });
    expect((await holder.send('GET', '/api/v1/nodes/reckon-node-0')).status).toBe(200);
    expect((await holder.send('DELETE', '/api/v1/nodes/reckon-node-0')).body).toMatchObject({
      code: 403,
      message:
        'nodes "reckon-node-0" is forbidden: User "system:serviceaccount:default:local-storage-admin" cannot delete ' +
        'resource "nodes" in API group "" at the cluster scope',
    });
    expect((await holder.send('GET', '/api/v1/nodes')).status).toBe(403);
    holder.close();
    await kubectl.run('rollout status daemonset/local-volume-provisioner --timeout=60s');
    const review = async (resourceAttributes: object): Promise<unknown> => {
      const body = { spec: { user: 'system:serviceaccount:default:local-storage-admin', resourceAttributes } };
      const reply = await admin.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body });
      return (reply.body as { status: unknown }).status;
    };
    const why =
      'RBAC: allowed by ClusterRoleBinding "local-storage-provisioner-pv-binding" of ClusterRole ' +
      '"system:persistent-volume-provisioner" to ServiceAccount "local-storage-admin/default"';
    expect(await review({ verb: 'create', resource: 'persistentvolumes' })).toEqual({ allowed: true, reason: why });
    expect(await review({ verb: 'watch', group: 'storage.k8s.io', resource: 'storageclasses' })).toEqual({
      allowed: true,
      reason: why,
    });
    expect(await review({ verb: 'delete', group: 'storage.k8s.io', resource: 'storageclasses' })).toEqual({
      allowed: false,
    });
  });

  it('W10: generateName is cut to 58 characters and gets five of the safe ones', async () => {
    const post = async (generateName: string): Promise<string> => {
      const reply = await admin.send('POST', '/api/v1/namespaces/default/configmaps', {
        body: { metadata: { generateName } },
      });
      expect(reply.status, reply.text).toBe(201);
      expect((reply.body as { metadata: { generateName: string } }).metadata.generateName).toBe(generateName);
      return (reply.body as { metadata: { name: string } }).metadata.name;
    };
    expect(await post('short-')).toMatch(/^short-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const long = await post(`${'abcdefghij'.repeat(6)}klm`);
    expect(long).toMatch(new RegExp(`^${'abcdefghij'.repeat(5)}abcdefgh[bcdfghjklmnpqrstvwxz2456789]{5}$`));
    const names = await Promise.all(Array.from({ length: 300 }, () => post('many-')));
    expect(new Set(names).size).toBe(300);
    const letters = new Set(names.flatMap((name) => Array.from(name.slice('many-'.length))));
    expect([...letters].sort().join('')).toBe('2456789bcdfghjklmnpqrstvwxz');
  });
});

const deploymentOf = (name: string, account: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: kube-system
spec:
  replicas: 2
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      ${account}
      containers:
        - { name: c, image: nginx }
`;
