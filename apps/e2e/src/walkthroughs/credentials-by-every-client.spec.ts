/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the library takes plain objects for its classes, and its documentation passes them */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, KubeConfig, type User } from '@kubernetes/client-node';
import {
  Kubectl,
  type OidcProvider,
  type ReckonProcess,
  authorityOf,
  eventually,
  foreignAuthority,
  readKubeconfig,
  startOidcProvider,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type UserInfo, kubectlAs, whoAmIBy } from '../authentication/who-am-i';
import { type ReviewWebhook, startReviewWebhook } from '../authorization/review-webhook';
import { type Curled, bearer, curl, posting } from './curl';
import { kubeConfigOf } from './kube-config';

/** One way to say who one is, as each client is told it. */
interface Credential {
  readonly curl: readonly string[];
  readonly kubectl: readonly string[];
  readonly clientNode: Omit<User, 'name'>;
}

const folder = mkdtempSync(join(tmpdir(), 'reckon-credentials-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const namespace = 'default';

const ofToken = (token: string): Credential => ({
  curl: bearer(token),
  kubectl: [`--token=${token}`],
  clientNode: { token },
});
const ofPassword = (username: string, password: string): Credential => ({
  curl: ['--user', `${username}:${password}`],
  kubectl: [`--username=${username}`, `--password=${password}`],
  clientNode: { username, password },
});
const ofCertificate = ({ certPem, keyPem }: { readonly certPem: string; readonly keyPem: string }): Credential => {
  const id = String(made++);
  const [cert, key] = [file(`${id}.crt`, certPem), file(`${id}.key`, keyPem)];
  return {
    curl: ['--cert', cert, '--key', key],
    kubectl: [`--client-certificate=${cert}`, `--client-key=${key}`],
    clientNode: { certData: base64(certPem), keyData: base64(keyPem) },
  };
};
let made = 0;

/** A webhook that knows one token. */
async function startTokenWebhook(): Promise<{ readonly kubeconfig: string; close(): void }> {
  const authority = foreignAuthority('token-webhook-ca');
  const { certPem: cert, keyPem: key } = authority.issue({
    commonName: 'hook',
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const server = createServer({ cert, key }, (request, response) => {
    void json(request).then((review) => {
      const { spec, ...type } = review as { apiVersion: string; kind: string; spec: { token: string } };
      const isKnown = spec.token === 'hooked-token';
      const status = isKnown ? { authenticated: true, user: { username: 'hooked', groups: ['hook'] } } : {};
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...type, status }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    clusters: [{ name: 'hook', cluster: { server: url, 'certificate-authority-data': base64(authority.certPem) } }],
    users: [{ name: 'us', user: {} }],
    contexts: [{ name: 'c', context: { cluster: 'hook', user: 'us' } }],
  };
  return {
    kubeconfig: file('token-webhook.kubeconfig', JSON.stringify(kubeconfig)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('credentials and rights, by kubectl, curl and @kubernetes/client-node', () => {
  const proxies = foreignAuthority('front-proxy-ca');
  let provider: OidcProvider;
  let tokenWebhook: Awaited<ReturnType<typeof startTokenWebhook>>;
  let reviewWebhook: ReviewWebhook;
  let reckon: ReckonProcess;
  let server: string;
  let ca: string;
  let kubectl: Kubectl;
  let core: CoreV1Api;

  beforeAll(async () => {
    provider = await startOidcProvider();
    tokenWebhook = await startTokenWebhook();
    reviewWebhook = await startReviewWebhook(folder);
    const policy = {
      apiVersion: 'abac.authorization.kubernetes.io/v1beta1',
      kind: 'Policy',
      spec: { user: 'bob', namespace: '*', resource: 'pods', readonly: true },
    };
    const flags = [
      ['--token-auth-file', file('tokens.csv', 'alice-token,alice,u-1,"dev,ops"\njane-token,jane,u-3\n')],
      ['--basic-auth-file', file('passwords.csv', 'bob-secret,bob,u-2,"dev"\n')],
      ['--requestheader-client-ca-file', file('proxies.crt', proxies.certPem)],
      ['--requestheader-username-headers', 'X-Remote-User'],
      ['--requestheader-group-headers', 'X-Remote-Group'],
      ['--enable-bootstrap-token-auth'],
      ['--oidc-issuer-url', provider.issuer, '--oidc-client-id', 'reckon', '--oidc-username-prefix', 'oidc:'],
      ['--oidc-ca-file', file('oidc.crt', provider.caPem)],
      ['--authentication-token-webhook-config-file', tokenWebhook.kubeconfig],
      ['--authentication-token-webhook-version', 'v1'],
      ['--authorization-mode', 'Node,RBAC,ABAC,Webhook'],
      ['--authorization-policy-file', file('policy.jsonl', JSON.stringify(policy))],
      ['--authorization-webhook-config-file', reviewWebhook.kubeconfig, '--authorization-webhook-version', 'v1'],
      ['--enable-admission-plugins', 'NodeRestriction,DenyServiceExternalIPs,AlwaysPullImages'],
      ['--disable-admission-plugins', 'DefaultTolerationSeconds'],
      ['--nodes', '0'],
    ].flat();
    reckon = await startReckon({ flags });
    const { server: url, caPem } = readKubeconfig(reckon.kubeconfig);
    [server, ca] = [url, file('ca.crt', caPem)];
    kubectl = new Kubectl(reckon.kubeconfig);
    const admin = new KubeConfig();
    admin.loadFromFile(reckon.kubeconfig);
    core = admin.makeApiClient(CoreV1Api);
  });
  afterAll(async () => {
    await reckon.dispose();
    tokenWebhook.close();
    await reviewWebhook.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const clusterAuthority = () => {
    const pem = (name: string): string => readFileSync(join(reckon.dataDir, 'pki', name), 'utf8');
    return authorityOf({ certPem: pem('ca.crt'), keyPem: pem('ca.key') });
  };
  const curled = (path: string, ...args: readonly string[]): Promise<Curled> =>
    curl(server, path, '--cacert', ca, ...args);
  const configOf = ({ clientNode }: Credential): KubeConfig => kubeConfigOf(reckon.kubeconfig, clientNode);
  const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const codeOf = (error: unknown): number => (error as { code: number }).code;

  /** Whom the server takes each client for; the status, or what kubectl makes of it, where that is nobody. */
  async function whoIs(credential: Credential): Promise<Readonly<Record<string, unknown>>> {
    const reply = await curled(reviews, ...credential.curl, ...posting(review));
    const byKubectl = await kubectlAs(reckon.kubeconfig, credential.kubectl);
    const authentication = configOf(credential).makeApiClient(AuthenticationV1Api);
    return {
      curl: reply.status === 201 ? reply.json<{ status: { userInfo: UserInfo } }>().status.userInfo : reply.status,
      kubectl: await whoAmIBy(byKubectl).catch((error: unknown) => /\(Unauthorized\)/.exec(String(error))?.[0]),
      // Without the classes of the library around the fields.
      'client-node': await authentication
        .createSelfSubjectReview({ body: {} })
        .then(({ status }) => JSON.parse(JSON.stringify(status?.userInfo)) as unknown, codeOf),
    };
  }
  const all = (user: object) => {
    const one: unknown = expect.objectContaining(user);
    return { curl: one, kubectl: one, 'client-node': one };
  };
  const nobody = { curl: 401, kubectl: '(Unauthorized)', 'client-node': 401 };

  const bootstrapToken = 'abcdef.0123456789abcdef';
  /** Of each way: one that is right, whom it makes, and the same nearly right. */
  const ways: Readonly<Record<string, () => Promise<readonly [Credential, object, Credential]>>> = {
    'a client certificate': async () => {
      const carol = { commonName: 'carol', organizations: ['ops', 'dev'], usages: ['client'] as const };
      return [
        ofCertificate(clusterAuthority().issue(carol)),
        { username: 'carol', groups: ['ops', 'dev', 'system:authenticated'] },
        ofCertificate(foreignAuthority('kubernetes-ca').issue(carol)),
      ];
    },
    '--token-auth-file': async () => [
      ofToken('alice-token'),
      { username: 'alice', uid: 'u-1', groups: ['dev', 'ops', 'system:authenticated'] },
      ofToken('Alice-token'),
    ],
    '--basic-auth-file': async () => [
      ofPassword('bob', 'bob-secret'),
      { username: 'bob', uid: 'u-2', groups: ['dev', 'system:authenticated'] },
      ofPassword('bob', 'Bob-secret'),
    ],
    'a service account token': async () => {
      const { status } = await core.createNamespacedServiceAccountToken({
        namespace,
        name: 'default',
        body: { spec: { audiences: [] } },
      });
      const token = status?.token ?? '';
      const [header, , signature] = token.split('.');
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
      const forged = { ...claims, sub: 'system:serviceaccount:kube-system:default' };
      return [
        ofToken(token),
        {
          username: 'system:serviceaccount:default:default',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        },
        ofToken([header, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.')),
      ];
    },
    'an OpenID Connect token': async () => {
      const claims = { sub: 'olga', aud: 'reckon' };
      return [
        ofToken(provider.token(claims)),
        { username: 'oidc:olga', groups: ['system:authenticated'] },
        ofToken(provider.token({ ...claims, aud: 'others' })),
      ];
    },
    'a token that a webhook knows': async () => [
      ofToken('hooked-token'),
      { username: 'hooked', groups: ['hook', 'system:authenticated'] },
      ofToken('hooked-tokem'),
    ],
    'a bootstrap token': async () => {
      await core.createNamespacedSecret({
        namespace: 'kube-system',
        body: {
          metadata: { name: 'bootstrap-token-abcdef' },
          type: 'bootstrap.kubernetes.io/token',
          stringData: {
            'token-id': 'abcdef',
            'token-secret': '0123456789abcdef',
            'usage-bootstrap-authentication': 'true',
          },
        },
      });
      return [
        ofToken(bootstrapToken),
        { username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] },
        ofToken(bootstrapToken.replace('0', '1')),
      ];
    },
  };

  it.each(Object.entries(ways))('W12, W16: %s makes the user, and one that is nearly right nobody', async (_, make) => {
    const [right, user, wrong] = await make();
    // What is looked up elsewhere, as the keys of an issuer, may not be there at the first moment.
    await eventually(async () => {
      expect(await whoIs(right)).toEqual(all(user));
    });
    expect(await whoIs(wrong)).toEqual(nobody);
  });

  it('W16: a front proxy says by headers who somebody is, which no one else can', async () => {
    const headers = ['--header', 'X-Remote-User: dave', '--header', 'X-Remote-Group: dev'];
    const front = proxies.issue({ commonName: 'front', usages: ['client'] });
    const proxied = await curled(reviews, ...ofCertificate(front).curl, ...headers, ...posting(review));
    expect(proxied.json()).toMatchObject({
      status: { userInfo: { username: 'dave', groups: ['dev', 'system:authenticated'] } },
    });
    const masters = ['--header', 'X-Remote-User: dave', '--header', 'X-Remote-Group: system:masters'];
    const strangers = foreignAuthority('front-proxy-ca').issue({ commonName: 'front', usages: ['client'] });
    const own = clusterAuthority().issue({ commonName: 'front', usages: ['client'] });
    expect((await curled('/api/v1/secrets', ...ofCertificate(strangers).curl, ...masters)).status).toBe(401);
    expect((await curled('/api/v1/secrets', ...ofCertificate(own).curl, ...masters)).json()).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "front" cannot list resource "secrets"') as string,
    });
    expect((await curled('/api/v1/secrets', ...masters)).status).toBe(403);
    expect((await curled('/api/v1/secrets', ...ofToken('alice-token').curl, ...masters)).status).toBe(403);
  });

  it('W16: who says nothing is anonymous', async () => {
    expect((await curled('/version')).json()).toMatchObject({ major: '1', minor: '36' });
    expect((await curled('/api/v1/namespaces/default/pods')).json()).toMatchObject({
      code: 403,
      message: expect.stringContaining('User "system:anonymous" cannot list resource "pods"') as string,
    });
    const anonymous = kubeConfigOf(reckon.kubeconfig, {}).makeApiClient(CoreV1Api);
    await expect(anonymous.listNamespacedPod({ namespace })).rejects.toMatchObject({
      code: 403,
      body: expect.stringContaining('system:anonymous') as string,
    });
  });

  describe('W17: what each authorizer allows', () => {
    /** Whether each client may `verb` pods; what it is told by asking beforehand and by doing it. */
    async function may(credential: Credential, verb: 'list' | 'delete'): Promise<unknown> {
      const resourceAttributes = { verb, resource: 'pods', namespace };
      const asking = await kubectlAs(reckon.kubeconfig, credential.kubectl);
      const path = `/api/v1/namespaces/default/pods${verb === 'list' ? '' : '/none'}`;
      const doing = await curled(path, '--request', verb === 'list' ? 'GET' : 'DELETE', ...credential.curl);
      const pods = configOf(credential).makeApiClient(CoreV1Api);
      const done = await (
        verb === 'list' ? pods.listNamespacedPod({ namespace }) : pods.deleteNamespacedPod({ namespace, name: 'none' })
      ).then(() => 200, codeOf);
      const { status } = await configOf(credential)
        .makeApiClient(AuthorizationV1Api)
        .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
      return {
        told: [(await asking.try(['auth', 'can-i', verb, 'pods'])).stdout.trim() === 'yes', status?.allowed],
        did: [doing.status, done],
      };
    }
    const yes = (status: number) => ({ told: [true, true], did: [status, status] });
    const no = { told: [false, false], did: [403, 403] };

    it('RBAC: by a binding', async () => {
      expect(await may(ofToken('alice-token'), 'list')).toEqual(no);
      await kubectl.run('create rolebinding developers --clusterrole=edit --group=ops');
      expect(await may(ofToken('alice-token'), 'list')).toEqual(yes(200));
      expect(await may(ofToken('alice-token'), 'delete')).toEqual(yes(404));
    });

    it('ABAC: by a line of the file', async () => {
      expect(await may(ofPassword('bob', 'bob-secret'), 'list')).toEqual(yes(200));
      expect(await may(ofPassword('bob', 'bob-secret'), 'delete')).toEqual(no);
    });

    it('Webhook: by its answer', async () => {
      reviewWebhook.answer = ({ spec }) => ({
        allowed: spec.user === 'jane' && (spec['resourceAttributes'] as { verb?: string } | undefined)?.verb === 'list',
        reason: 'jane may look',
      });
      expect(await may(ofToken('jane-token'), 'list')).toEqual(yes(200));
      expect(await may(ofToken('jane-token'), 'delete')).toEqual(no);
      const refused = await curled('/api/v1/namespaces/default/pods/x', '--request', 'DELETE', ...bearer('jane-token'));
      expect(refused.json()).toMatchObject({
        reason: 'Forbidden',
        message: expect.stringContaining('User "jane" cannot delete resource "pods"') as string,
      });
    });

    it('Node: what is of its own node', async () => {
      const node = (name: string): Credential =>
        ofCertificate(
          clusterAuthority().issue({
            commonName: `system:node:${name}`,
            organizations: ['system:nodes'],
            usages: ['client'],
          }),
        );
      await kubectl.run('create secret generic of-a-pod --from-literal=a=b');
      const volumes = [{ name: 'v', secret: { secretName: 'of-a-pod' } }];
      await core.createNode({ body: { metadata: { name: 'one' } } });
      await core.createNamespacedPod({
        namespace,
        body: { metadata: { name: 'p' }, spec: { nodeName: 'one', volumes, containers: [{ name: 'c', image: 'i' }] } },
      });
      const secret = '/api/v1/namespaces/default/secrets/of-a-pod';
      const [one, two] = [node('one'), node('two')];
      expect([(await curled(secret, ...one.curl)).status, (await curled(secret, ...two.curl)).status]).toEqual([
        200, 403,
      ]);
      const read = (credential: Credential): Promise<number> =>
        configOf(credential)
          .makeApiClient(CoreV1Api)
          .readNamespacedSecret({ namespace, name: 'of-a-pod' })
          .then(() => 200, codeOf);
      expect([await read(one), await read(two)]).toEqual([200, 403]);
      expect(await (await kubectlAs(reckon.kubeconfig, one.kubectl)).run('get secret of-a-pod -o name')).toBe(
        'secret/of-a-pod\n',
      );
      expect(
        (await (await kubectlAs(reckon.kubeconfig, two.kubectl)).try(['get', 'secret', 'of-a-pod'])).stderr,
      ).toContain("no relationship found between node 'two' and this object");
    });
  });

  describe('W18: admission plugins', () => {
    /** What each client who creates it is told: a message of refusal. */
    async function refusals(collection: string, object: object, byProgram: () => Promise<unknown>): Promise<unknown> {
      const reply = await curled(collection, ...adminsCertificate(), ...posting(object));
      const { stderr } = await kubectl.try(['create', '-f', '-'], { stdin: JSON.stringify(object) });
      const refused = await byProgram().then(
        () => 'was created',
        (error: unknown) => (JSON.parse((error as { body: string }).body) as { message: string }).message,
      );
      return [reply.status, reply.json<{ message: string }>().message, stderr, refused];
    }
    const adminsCertificate = (): readonly string[] => {
      const { certPem = '', keyPem = '' } = readKubeconfig(reckon.kubeconfig);
      return ['--cert', file('admin.crt', certPem), '--key', file('admin.key', keyPem)];
    };
    const pod = (spec: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'refused' },
      spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    });
    const podTable: readonly (readonly [string, object, string])[] = [
      ['Priority', { priorityClassName: 'none' }, 'no PriorityClass with name none was found'],
      ['RuntimeClass', { runtimeClassName: 'none' }, 'pod rejected: RuntimeClass "none" not found'],
      [
        'ServiceAccount',
        { serviceAccountName: 'none' },
        'error looking up service account default/none: serviceaccount "none" not found',
      ],
    ];

    it.each(podTable)('%s refuses a pod, and says to every client why', async (_, spec, why) => {
      const body = pod(spec);
      const message = `pods "refused" is forbidden: ${why}`;
      expect(
        await refusals('/api/v1/namespaces/default/pods', body, () =>
          core.createNamespacedPod({ namespace, body: body }),
        ),
      ).toEqual([403, message, expect.stringContaining(message), message]);
    });

    it('one that is off by default refuses when it is enabled, and one that is disabled leaves a pod as it is', async () => {
      const body = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'outside' },
        spec: { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] },
      };
      const message = 'Use of external IPs is denied by admission control';
      expect(
        await refusals('/api/v1/namespaces/default/services', body, () =>
          core.createNamespacedService({ namespace, body }),
        ),
      ).toEqual([
        403,
        expect.stringContaining(message),
        expect.stringContaining(message),
        expect.stringContaining(message),
      ]);

      const tried = pod({ containers: [{ name: 'c', image: 'i', imagePullPolicy: 'Never' }] });
      const changed = { imagePullPolicy: 'Always' };
      const dryRun = await curled(
        '/api/v1/namespaces/default/pods?dryRun=All',
        ...adminsCertificate(),
        ...posting(tried),
      );
      const byKubectl = await kubectl.run(['create', '--dry-run=server', '-o', 'json', '-f', '-'], {
        stdin: JSON.stringify(tried),
      });
      const byProgram = await core.createNamespacedPod({ namespace, body: tried, dryRun: 'All' });
      const specs = [dryRun.json(), JSON.parse(byKubectl) as unknown, byProgram].map(
        (answer) => (answer as { spec: { containers: object[]; tolerations?: object[] } }).spec,
      );
      for (const { containers, tolerations } of specs) {
        expect(containers[0]).toMatchObject(changed);
        expect(tolerations).toBeUndefined();
      }
    });

    it('LimitRanger and ResourceQuota keep every client within the bounds of a namespace', async () => {
      await kubectl.run('create namespace bounded');
      await core.createNamespacedLimitRange({
        namespace: 'bounded',
        body: { metadata: { name: 'l' }, spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
      });
      const big = pod({
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }],
      });
      const body = { ...big, metadata: { name: 'big', namespace: 'bounded' } };
      const inBounds = 'pods "big" is forbidden: maximum cpu usage per Container is 1, but limit is 2';
      expect(
        await refusals('/api/v1/namespaces/bounded/pods', body, () =>
          core.createNamespacedPod({ namespace: 'bounded', body: body }),
        ),
      ).toEqual([403, inBounds, expect.stringContaining(inBounds), inBounds]);

      await kubectl.run('-n bounded create quota q --hard=secrets=0');
      await eventually(async () => {
        const quota = await core.readNamespacedResourceQuota({ namespace: 'bounded', name: 'q' });
        expect(quota.status?.used).toHaveProperty('secrets');
      });
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'bounded' } };
      const over = expect.stringMatching(
        /secrets "s" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=\d+, limited: secrets=0/,
      ) as string;
      expect(
        await refusals('/api/v1/namespaces/bounded/secrets', secret, () =>
          core.createNamespacedSecret({ namespace: 'bounded', body: secret }),
        ),
      ).toEqual([403, over, over, over]);
    });

    it('NamespaceLifecycle: the default namespace stays, and nothing is created in one that is not there', async () => {
      const stays = 'namespaces "default" is forbidden: this namespace may not be deleted';
      expect((await kubectl.try(['delete', 'namespace', 'default'])).stderr).toContain(stays);
      const deleted = await curled('/api/v1/namespaces/default', '--request', 'DELETE', ...adminsCertificate());
      expect(deleted.json()).toMatchObject({ code: 403, message: stays });
      await expect(core.deleteNamespace({ name: 'default' })).rejects.toMatchObject({ code: 403 });
      const nowhere = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'nowhere' } };
      expect(
        await refusals('/api/v1/namespaces/nowhere/configmaps', nowhere, () =>
          core.createNamespacedConfigMap({ namespace: 'nowhere', body: nowhere }),
        ),
      ).toEqual([
        404,
        'namespaces "nowhere" not found',
        expect.stringContaining('"nowhere" not found'),
        'namespaces "nowhere" not found',
      ]);
    });
  });
});
