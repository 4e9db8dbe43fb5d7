/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the library takes plain objects for its classes, and its documentation passes them */
import { createPublicKey, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CertificatesV1Api,
  CoreV1Api,
  KubeConfig,
  RbacAuthorizationV1Api,
  type V1Secret,
  type V1ServiceAccount,
  VersionApi,
} from '@kubernetes/client-node';
import {
  Kubectl,
  type ReckonProcess,
  eventually,
  foreignAuthority,
  readKubeconfig,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { kubectlAs, whoAmIBy } from '../authentication/who-am-i';
import { opensslRequest, requestObject } from '../certificates/openssl';
import { type Curled, bearer, curl, posting } from './curl';
import { kubeConfigOf } from './kube-config';
import { provisioner } from './local-provisioner';
import { unauthorized } from './unauthorized';

const namespace = 'default';
const pods = '/api/v1/namespaces/default/pods';

const value = (secret: V1Secret, key: string): string =>
  Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
const partOf = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;

describe('tokens and certificates, by kubectl, curl and @kubernetes/client-node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-every-client-'));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  let reckon: ReckonProcess;
  let server: string;
  let ca: string;
  let kubectl: Kubectl;
  let admin: KubeConfig;
  let core: CoreV1Api;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--anonymous-auth', 'false', '--nodes', '1'] });
    const { caPem, certPem, keyPem, ...rest } = readKubeconfig(reckon.kubeconfig);
    ({ server } = rest);
    ca = put('ca.crt', caPem);
    put('admin.crt', certPem ?? '');
    put('admin.key', keyPem ?? '');
    kubectl = new Kubectl(reckon.kubeconfig);
    admin = new KubeConfig();
    admin.loadFromFile(reckon.kubeconfig);
    core = admin.makeApiClient(CoreV1Api);
  });
  afterAll(async () => {
    await reckon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const curlAs = (token: string, path: string, ...args: readonly string[]): Promise<Curled> =>
    curl(server, path, '--cacert', ca, ...bearer(token), ...args);
  const curlAsAdmin = (path: string, ...args: readonly string[]): Promise<Curled> =>
    curl(
      server,
      path,
      ...['--cacert', ca, '--cert', join(folder, 'admin.crt'), '--key', join(folder, 'admin.key')],
      ...args,
    );
  const apiAs = (token: string): KubeConfig => kubeConfigOf(reckon.kubeconfig, { token });

  /** The token Secret that the account names, filled; `not` is one that it named before. */
  const tokenSecretOf = (name: string, not = ''): Promise<V1Secret> =>
    eventually(async () => {
      const account = await core.readNamespacedServiceAccount({ namespace, name });
      const named = account.secrets?.find((secret) => secret.name !== not)?.name ?? '';
      expect(named).not.toBe('');
      const secret = await core.readNamespacedSecret({ namespace, name: named });
      expect(value(secret, 'token')).not.toBe('');
      return secret;
    });

  /** What each client gets to hear who asks for pods with this token. */
  const statusesOf = async (token: string): Promise<Readonly<Record<string, number>>> => {
    const byKubectl = await kubectlAs(reckon.kubeconfig, [`--token=${token}`]);
    const { stderr } = await byKubectl.try(['get', '--raw', pods, '-v=6']);
    return {
      curl: (await curlAs(token, pods)).status,
      kubectl: Number(/\/pods" status="(\d+)/.exec(stderr)?.[1]),
      'client-node': await apiAs(token)
        .makeApiClient(CoreV1Api)
        .listNamespacedPod({ namespace })
        .then(
          () => 200,
          (error: unknown) => (error as { code: number }).code,
        ),
    };
  };
  const all = (status: number) => ({ curl: status, kubectl: status, 'client-node': status });

  describe('W4: without a token', () => {
    it('curl is Unauthorized on every path, however little it asks of the server', async () => {
      for (const path of ['/', '/api', '/version', '/healthz', '/nonsense', pods]) {
        const reply = await curl(server, path, '-k');
        expect([reply.exitCode, reply.status, reply.contentType], path).toEqual([0, 401, 'application/json']);
        expect(reply.json()).toEqual(unauthorized);
      }
    });

    it('curl does not talk to a server whose authority it does not know', async () => {
      const stranger = put('stranger.crt', foreignAuthority('kubernetes-ca').certPem);
      for (const trust of [[], ['--cacert', stranger]]) {
        const refused = await curl(server, '/version', ...trust);
        expect([refused.exitCode, refused.status, refused.text]).toEqual([60, 0, '']);
        expect(refused.stderr).toContain('SSL certificate problem');
      }
      expect((await curl(server, '/version', '--cacert', ca)).json()).toEqual(unauthorized);
    });

    it('kubectl is told to log in', async () => {
      // It does not go without any credentials; a password is one that nothing in this server reads.
      const nobody = await kubectlAs(reckon.kubeconfig, ['--username=nobody', '--password=none']);
      await nobody.run('config set clusters.c.insecure-skip-tls-verify true');
      await nobody.run('config unset clusters.c.certificate-authority');
      const { code, stderr } = await nobody.try(['get', '--raw', '/version']);
      expect([code, stderr]).toEqual([1, 'error: You must be logged in to the server (Unauthorized)\n']);
    });

    it('@kubernetes/client-node gets the same Status, and nothing of a server that it does not trust', async () => {
      const nobody = kubeConfigOf(reckon.kubeconfig, {});
      await expect(nobody.makeApiClient(VersionApi).getCode()).rejects.toMatchObject({
        code: 401,
        message: expect.stringContaining('Unauthorized') as string,
      });
      const mistaken = kubeConfigOf(reckon.kubeconfig, {});
      const { certPem } = foreignAuthority('kubernetes-ca');
      mistaken.clusters = mistaken.clusters.map((cluster) => ({
        ...cluster,
        caData: Buffer.from(certPem).toString('base64'),
      }));
      await expect(mistaken.makeApiClient(VersionApi).getCode()).rejects.toThrow(/certificate/);
    });
  });

  it('W5: with what a pod is given, curl lists the paths and the in-cluster client the pods, by right', async () => {
    const secret = await tokenSecretOf('default');
    const mounted = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(mounted, { recursive: true });
    for (const key of ['ca.crt', 'namespace', 'token']) writeFileSync(join(mounted, key), value(secret, key));
    const { hostname, port } = new URL(server);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
    vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
    const inside = new KubeConfig();
    inside.loadFromCluster(folder);
    vi.unstubAllEnvs();
    expect(inside.getCurrentCluster()).toMatchObject({ server: `https://${hostname}:${port}`, skipTLSVerify: false });
    const pathsByCurl = (): Promise<Curled> =>
      curl(server, '/', ...['--cacert', join(mounted, 'ca.crt')], ...bearer(value(secret, 'token')));
    const podsByProgram = () =>
      inside.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: inside.getContexts()[0]?.namespace ?? '' });

    // It is known, but has no right yet.
    expect((await pathsByCurl()).json()).toMatchObject({
      kind: 'Status',
      code: 403,
      message: 'forbidden: User "system:serviceaccount:default:default" cannot get path "/"',
    });
    await expect(podsByProgram()).rejects.toMatchObject({ code: 403 });
    expect(await inside.makeApiClient(VersionApi).getCode()).toMatchObject({ major: '1', minor: '36' });

    await kubectl.run('create clusterrole inside --verb=get --non-resource-url=/');
    await kubectl.run('create clusterrolebinding inside --clusterrole=inside --serviceaccount=default:default');
    await kubectl.run('create rolebinding inside --clusterrole=view --serviceaccount=default:default');
    const { paths } = (await pathsByCurl()).json<{ paths: string[] }>();
    const wanted = ['/api', '/api/v1', '/apis', '/apis/apps/v1', '/healthz', '/healthz/ping', '/livez', '/readyz'];
    expect(paths).toEqual(expect.arrayContaining([...wanted, '/metrics', '/openapi/v2', '/version']));
    expect((await podsByProgram()).items).toEqual([]);
  });

  it('W6, W8: an account that a program creates gets a token, which says and proves whose it is', async () => {
    const made: V1ServiceAccount = await core.createNamespacedServiceAccount({
      namespace,
      body: { metadata: { name: 'robot' } },
    });
    const secret = await tokenSecretOf('robot');
    expect(secret.metadata?.name).toMatch(/^robot-token-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(secret.type).toBe('kubernetes.io/service-account-token');
    expect(secret.metadata?.annotations).toEqual({
      'kubernetes.io/service-account.name': 'robot',
      'kubernetes.io/service-account.uid': made.metadata?.uid,
    });
    const path = `/api/v1/namespaces/default/secrets/${secret.metadata?.name ?? ''}`;
    expect((await curlAsAdmin(path)).json<V1Secret>().data).toEqual(secret.data);
    expect(value(secret, 'ca.crt')).toBe(readKubeconfig(reckon.kubeconfig).caPem);

    const token = value(secret, 'token');
    expect(partOf(token, 1)).toEqual({
      iss: 'kubernetes/serviceaccount',
      sub: 'system:serviceaccount:default:robot',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': secret.metadata?.name,
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': made.metadata?.uid,
    });
    const requested = {
      kubectl: (await kubectl.run('create token robot --audience=me --duration=20m')).trim(),
      curl: (
        await curlAsAdmin(
          '/api/v1/namespaces/default/serviceaccounts/robot/token',
          ...posting({ spec: { audiences: ['me'], expirationSeconds: 1200 } }),
        )
      ).json<{ status: { token: string } }>().status.token,
      'client-node': (
        await core.createNamespacedServiceAccountToken({
          namespace,
          name: 'robot',
          body: { spec: { audiences: ['me'], expirationSeconds: 1200 } },
        })
      ).status?.token,
    };
    const { keys } = (await curlAsAdmin('/openid/v1/jwks')).json<{ keys: { kid: string }[] }>();
    for (const [client, one = ''] of Object.entries({ Secret: token, ...requested })) {
      const [header, claims] = [partOf(one, 0), partOf(one, 1)] as [{ kid: string; alg: string }, { sub: string }];
      expect(claims.sub, client).toBe('system:serviceaccount:default:robot');
      // Whoever has the published keys can tell that the token is genuine.
      const jwk = keys.find(({ kid }) => kid === header.kid);
      const [signed, signature = ''] = [one.slice(0, one.lastIndexOf('.')), one.split('.')[2]];
      const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
      const isGenuine = (text: string): boolean =>
        verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
      expect([header.alg, isGenuine(signed), isGenuine(`${signed}x`)], client).toEqual([
        expect.stringMatching(/^(?:ES|RS)256$/),
        true,
        false,
      ]);
    }
    for (const [client, one = ''] of Object.entries(requested)) {
      const claims = partOf(one, 1) as { exp: number; iat: number; nbf: number; jti: string; aud: string[] };
      expect([claims.aud, claims.exp - claims.iat, claims.nbf - claims.iat], client).toEqual([['me'], 1200, 0]);
      // It is for somebody else.
      expect(await statusesOf(one), client).toEqual(all(401));
    }
    expect(new Set(Object.values(requested).map((one = '') => partOf(one, 1)['jti'])).size).toBe(3);
  });

  it('W7: the token of a deleted Secret is refused to every client, and a new one is there', async () => {
    await kubectl.run('create serviceaccount worker');
    const remove = {
      kubectl: (name: string) => kubectl.run(['delete', 'secret', name]),
      curl: (name: string) => curlAsAdmin(`/api/v1/namespaces/default/secrets/${name}`, '--request', 'DELETE'),
      'client-node': (name: string) => core.deleteNamespacedSecret({ namespace, name }),
    };
    for (const [client, removed] of Object.entries(remove)) {
      const old = await tokenSecretOf('worker');
      const name = old.metadata?.name ?? '';
      expect(await statusesOf(value(old, 'token')), client).toEqual(all(403));
      await removed(name);
      expect(await statusesOf(value(old, 'token')), client).toEqual(all(401));
      const fresh = await tokenSecretOf('worker', name);
      expect(fresh.metadata?.name, client).not.toBe(name);
      expect(await statusesOf(value(fresh, 'token')), client).toEqual(all(403));
      // Until the account names the new one alone, a later round could take the old for it.
      await eventually(async () => {
        const account = await core.readNamespacedServiceAccount({ namespace, name: 'worker' });
        expect(account.secrets).toEqual([{ name: fresh.metadata?.name }]);
      });
    }
  });

  it('W23: a certificate that is requested by curl and approved by kubectl is good for every client', async () => {
    const { keyPem, requestPem } = await opensslRequest('/O=dev/O=ops/CN=jane');
    const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const spec = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
    const made = await curlAsAdmin(csrs, ...posting(JSON.parse(requestObject('jane', requestPem, spec)) as object));
    expect([made.status, made.json()]).toEqual([
      201,
      expect.objectContaining({ spec: expect.objectContaining({ username: 'kubernetes-admin', ...spec }) as object }),
    ]);
    await kubectl.run('certificate approve jane');
    const certificates = admin.makeApiClient(CertificatesV1Api);
    const certData = await eventually(async () => {
      const { status } = await certificates.readCertificateSigningRequest({ name: 'jane' });
      expect(status?.certificate ?? '').not.toBe('');
      return status?.certificate ?? '';
    });

    const cert = put('jane.crt', Buffer.from(certData, 'base64').toString());
    const key = put('jane.key', keyPem);
    const jane = { username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] };
    expect(
      await whoAmIBy(await kubectlAs(reckon.kubeconfig, [`--client-certificate=${cert}`, `--client-key=${key}`])),
    ).toMatchObject(jane);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const curled = await curl(server, reviews, '--cacert', ca, '--cert', cert, '--key', key, ...posting(review));
    expect(curled.json()).toMatchObject({ status: { userInfo: jane } });
    const config = kubeConfigOf(reckon.kubeconfig, { certData, keyData: Buffer.from(keyPem).toString('base64') });
    const reviewed = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
    expect(reviewed.status?.userInfo).toMatchObject(jane);
    await expect(config.makeApiClient(CoreV1Api).listNamespacedSecret({ namespace })).rejects.toMatchObject({
      code: 403,
    });

    // Of the certificate without its key nobody has anything; one of another authority is no credential.
    const alone = await curl(server, reviews, '--cacert', ca, '--cert', cert, '--key', join(folder, 'admin.key'));
    expect([alone.exitCode, alone.status]).toEqual([58, 0]);
    const stranger = foreignAuthority('kubernetes-ca').issue({
      commonName: 'jane',
      organizations: ['system:masters'],
      usages: ['client'],
    });
    const foreign = [put('foreign.crt', stranger.certPem), '--key', put('foreign.key', stranger.keyPem)];
    expect((await curl(server, pods, '--cacert', ca, '--cert', ...foreign)).json()).toEqual(unauthorized);
  });

  it('W27: the account of the static provisioner may what its bindings say, whoever asks', async () => {
    await kubectl.run(['apply', '-f', '-'], { stdin: provisioner });
    await kubectl.run('rollout status daemonset/local-volume-provisioner --timeout=60s');
    const rbac = admin.makeApiClient(RbacAuthorizationV1Api);
    const bound = await rbac.readClusterRoleBinding({ name: 'local-storage-provisioner-node-binding' });
    expect(bound.subjects).toEqual([{ kind: 'ServiceAccount', name: 'local-storage-admin', namespace }]);

    const token = value(await tokenSecretOf('local-storage-admin'), 'token');
    const authorization = apiAs(token).makeApiClient(AuthorizationV1Api);
    const self = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const [as] = ['--as=system:serviceaccount:default:local-storage-admin'];
    const answers = async (verb: string, resource: string): Promise<readonly unknown[]> => {
      const resourceAttributes = { verb, resource };
      const curled = await curlAs(token, self, ...posting({ spec: { resourceAttributes } }));
      const body = { spec: { resourceAttributes } };
      return [
        (await kubectl.try(['auth', 'can-i', verb, resource, as ?? ''])).stdout.trim() === 'yes',
        curled.json<{ status: { allowed: boolean } }>().status.allowed,
        (await authorization.createSelfSubjectAccessReview({ body })).status?.allowed,
      ];
    };
    expect(await answers('get', 'nodes')).toEqual([true, true, true]);
    expect(await answers('delete', 'nodes')).toEqual([false, false, false]);
    expect(await answers('create', 'persistentvolumes')).toEqual([true, true, true]);
    expect(await answers('list', 'secrets')).toEqual([false, false, false]);

    const node = '/api/v1/nodes/reckon-node-0';
    expect((await curlAs(token, node)).json()).toMatchObject({ kind: 'Node', metadata: { name: 'reckon-node-0' } });
    expect((await curlAs(token, node, '--request', 'DELETE')).status).toBe(403);
    const holder = apiAs(token).makeApiClient(CoreV1Api);
    expect((await holder.readNode({ name: 'reckon-node-0' })).metadata?.name).toBe('reckon-node-0');
    await expect(holder.deleteNode({ name: 'reckon-node-0' })).rejects.toMatchObject({ code: 403 });
    const volume = await holder.createPersistentVolume({
      body: {
        metadata: { name: 'ssd-0' },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'ssd',
          local: { path: '/mnt/ssd/0' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['reckon-node-0'] }] },
              ],
            },
          },
        },
      },
    });
    expect(volume.metadata?.name).toBe('ssd-0');
  });
});
