import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Kubectl,
  RawClient,
  type ReckonProcess,
  authorityOf,
  eventually,
  foreignAuthority,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlAs, send, whoAmI, whoAmIBy } from './who-am-i';

const folder = mkdtempSync(join(tmpdir(), 'reckon-known-users-'));
const proxies = foreignAuthority('front-proxy-ca');
let reckon: ReckonProcess;
let kubectl: Kubectl;
let admin: RawClient;
let nobody: RawClient;

beforeAll(async () => {
  writeFileSync(join(folder, 'tokens.csv'), 'ann-token,ann,u-1,"dev,ops"\n');
  writeFileSync(join(folder, 'passwords.csv'), 'bob-secret,bob,u-2,"dev"\n');
  writeFileSync(join(folder, 'proxies.crt'), proxies.certPem);
  const flags = [
    ['--token-auth-file', join(folder, 'tokens.csv')],
    ['--basic-auth-file', join(folder, 'passwords.csv')],
    ['--requestheader-client-ca-file', join(folder, 'proxies.crt')],
    ['--requestheader-allowed-names', 'front'],
    ['--requestheader-username-headers', 'X-Remote-User'],
    ['--requestheader-uid-headers', 'X-Remote-Uid'],
    ['--requestheader-group-headers', 'X-Remote-Group'],
    ['--requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
    ['--enable-bootstrap-token-auth', '--nodes', '1'],
  ].flat();
  reckon = await startReckon({ flags });
  kubectl = new Kubectl(reckon.kubeconfig);
  admin = RawClient.of(reckon.kubeconfig);
  nobody = admin.as({});
});
afterAll(async () => {
  admin.close();
  nobody.close();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** As somebody with this certificate. */
const by = ({ certPem, keyPem }: { readonly certPem: string; readonly keyPem: string }): RawClient =>
  admin.as({ certPem, keyPem });
const clusterCa = () => ({
  certPem: readFileSync(join(reckon.dataDir, 'pki', 'ca.crt'), 'utf8'),
  keyPem: readFileSync(join(reckon.dataDir, 'pki', 'ca.key'), 'utf8'),
});
const ownCertificate = (commonName: string, organizations: readonly string[] = [], days?: number) =>
  authorityOf(clusterCa()).issue({
    commonName,
    organizations,
    usages: ['client'],
    ...(days === undefined ? {} : { days }),
  });
const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

describe('W12, W16: users that the server knows itself', () => {
  it('come with a client certificate: name and organizations', async () => {
    const client = by(ownCertificate('carol', ['ops', 'dev']));
    expect(await whoAmI(client)).toMatchObject({
      username: 'carol',
      groups: ['ops', 'dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
    client.close();
  });

  it('come with a static token in a kubeconfig', async () => {
    const ann = await kubectlAs(reckon.kubeconfig, ['--token=ann-token']);
    expect(await whoAmIBy(ann)).toEqual({
      username: 'ann',
      uid: 'u-1',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
  });

  it('come with a password in a kubeconfig', async () => {
    const bob = await kubectlAs(reckon.kubeconfig, ['--username=bob', '--password=bob-secret']);
    expect(await whoAmIBy(bob)).toEqual({ username: 'bob', uid: 'u-2', groups: ['dev', 'system:authenticated'] });
    await bob.run('config set-credentials u --password=Bob-secret');
    expect((await bob.try(['get', 'pods'])).stderr).toContain('You must be logged in to the server');
  });

  it('come with what an exec plugin prints', async () => {
    const script = join(folder, 'plugin.cjs');
    writeFileSync(
      script,
      `const { spec, apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
       console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: process.env.WHO + '-token' } }));
       if (spec.interactive) process.exit(1);`,
    );
    const ann = await kubectlAs(reckon.kubeconfig, [
      `--exec-command=${process.execPath}`,
      `--exec-arg=${script}`,
      '--exec-api-version=client.authentication.k8s.io/v1',
      '--exec-interactive-mode=Never',
      '--exec-env=WHO=ann',
    ]);
    expect(await whoAmIBy(ann)).toMatchObject({ username: 'ann' });
    await ann.run('config set-credentials u --exec-env=WHO=mallory');
    expect((await ann.try(['get', 'pods'])).stderr).toContain(
      'the server has asked for the client to provide credentials',
    );
  });

  it('come with a bootstrap token, as long as its Secret says so', async () => {
    const values = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
    };
    const secret = (stringData: object): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
        type: 'bootstrap.kubernetes.io/token',
        stringData: { ...values, ...stringData },
      });
    const token = 'abcdef.0123456789abcdef';
    const joining = admin.as({ token });
    expect(await whoAmI(joining)).toBe(401);
    await kubectl.run('apply -f -', { stdin: secret({ 'auth-extra-groups': 'system:bootstrappers:worker' }) });
    expect(await whoAmI(joining)).toEqual({
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:worker', 'system:authenticated'],
    });
    await kubectl.run('apply -f -', { stdin: secret({ expiration: '2020-01-01T00:00:00Z' }) });
    expect(await whoAmI(joining)).toBe(401);
    joining.close();
  });

  it('come through a front proxy, which says who they are', async () => {
    const proxy = by(proxies.issue({ commonName: 'front', usages: ['client'] }));
    const headers = {
      'x-remote-user': 'dave',
      'x-remote-uid': '9',
      'x-remote-group': 'dev',
      'x-remote-extra-acme.io%2froles': 'x',
    };
    expect(await whoAmI(proxy, headers)).toEqual({
      username: 'dave',
      uid: '9',
      groups: ['dev', 'system:authenticated'],
      extra: { 'acme.io/roles': ['x'] },
    });
    // Without a word of the user the proxy is nobody: its certificate is good for nothing else.
    expect(await whoAmI(proxy)).toBe(401);
    // The proxy's word goes before a credential that comes along.
    expect(await whoAmI(proxy, { ...headers, authorization: 'Bearer ann-token' })).toMatchObject({ username: 'dave' });
    proxy.close();
  });

  it('are told to other components: authorities and headers', async () => {
    const { data } = await kubectl.json<{ data: Record<string, string> }>(
      'get configmap -n kube-system extension-apiserver-authentication',
    );
    expect(data).toEqual({
      'client-ca-file': clusterCa().certPem,
      'requestheader-client-ca-file': proxies.certPem,
      'requestheader-allowed-names': '["front"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    });
  });

  it('may be strangers', async () => {
    expect((await send(nobody)).body).toMatchObject({
      code: 403,
      message:
        'selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope',
    });
  });

  it('go in upstream order: proxy, password, certificate, token', async () => {
    const carol = by(ownCertificate('carol'));
    expect(await whoAmI(carol, basic('bob:bob-secret'))).toMatchObject({ username: 'bob' });
    expect(await whoAmI(carol, { authorization: 'Bearer ann-token' })).toMatchObject({ username: 'carol' });
    expect(await whoAmI(carol, basic('bob:wrong'))).toMatchObject({ username: 'carol' });
    carol.close();
  });

  it('may act as others, by the flags of kubectl', async () => {
    const flags = ['--as=jane', '--as-group=dev', '--as-group=a,b', '--as-uid=7'];
    expect(await whoAmIBy(kubectl, ...flags)).toEqual({
      username: 'jane',
      uid: '7',
      groups: ['dev', 'a,b', 'system:authenticated'],
    });
    expect(await whoAmIBy(kubectl, '--as=system:serviceaccount:default:default')).toMatchObject({
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    const ann = await kubectlAs(reckon.kubeconfig, ['--token=ann-token']);
    expect((await ann.try(['get', '--raw', '/api/v1/namespaces/default/pods', ...flags])).stderr).toContain(
      'User "ann" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
    );
    await kubectl.run(
      'create clusterrole be-jane --verb=impersonate --resource=users,groups --resource-name=jane --resource-name=dev',
    );
    await kubectl.run('create clusterrolebinding be-jane --clusterrole=be-jane --user=ann');
    expect(await whoAmIBy(ann, '--as=jane', '--as-group=dev')).toMatchObject({ username: 'jane' });
    for (const more of ['--as=root', '--as-group=system:masters', '--as-uid=7', '--as-group=a,b'])
      expect((await ann.try(['auth', 'whoami', '--as=jane', '--as-group=dev', more])).code, more).toBe(1);
  });
});

describe('hostile requests', () => {
  const lookAlikes = ['аnn', 'ann\u200b', 'Ann', 'ANN'];

  it('with headers of a proxy and no certificate of one get nothing by them', async () => {
    const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
    expect((await send(nobody, headers)).status).toBe(403);
    const ann = admin.as({ token: 'ann-token' });
    expect(await whoAmI(ann, headers)).toMatchObject({
      username: 'ann',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
    ann.close();
    const carol = by(ownCertificate('front'));
    expect(await whoAmI(carol, headers)).toMatchObject({ username: 'front', groups: ['system:authenticated'] });
    carol.close();
    for (const commonName of ['mallory', 'frоnt', 'front,system:masters']) {
      const proxy = by(proxies.issue({ commonName, usages: ['client'] }));
      expect(await whoAmI(proxy, headers), commonName).toBe(401);
      proxy.close();
    }
  });

  it('with certificates of others, or of another time, are refused', async () => {
    const impostor = foreignAuthority('kubernetes-ca');
    const server = proxies.issue({ commonName: 'front', ipAddresses: ['127.0.0.1'], usages: ['server'] });
    const table = {
      'another authority': impostor.issue({
        commonName: 'kubernetes-admin',
        organizations: ['system:masters'],
        usages: ['client'],
      }),
      'the authority of proxies': proxies.issue({
        commonName: 'kubernetes-admin',
        organizations: ['system:masters'],
        usages: ['client'],
      }),
      'a time that is over': ownCertificate('kubernetes-admin', ['system:masters'], -1),
      'a certificate for servers': server,
      'a certificate signed by one that may not sign': authorityOf(ownCertificate('carol')).issue({
        commonName: 'kubernetes-admin',
        organizations: ['system:masters'],
        usages: ['client'],
      }),
    };
    for (const [what, certificate] of Object.entries(table)) {
      const client = by(certificate);
      expect(await whoAmI(client), what).toBe(401);
      client.close();
    }
  });

  it('with credentials that are nearly right are refused', async () => {
    const table: readonly Record<string, string>[] = [
      ...['ann-token ', 'Ann-token', 'ann-tokeņ', 'ann-token,x', '', 'null', 'a.b.c', '..', 'x'.repeat(8192)]
        .filter((token) => token.trim() !== '' && token !== 'ann-token ')
        .map((token) => ({ authorization: `Bearer ${Buffer.from(token).toString('latin1')}` })),
      ...['bob:', 'bob:Bob-secret', 'bоb:bob-secret', ':bob-secret', 'ann:ann-token', 'root:'].map(basic),
      ...lookAlikes.map((name) => basic(`${name}:bob-secret`)),
    ];
    for (const headers of table) expect(await whoAmI(nobody, headers), JSON.stringify(headers)).toBe(401);
    for (const authorization of ['Digest username="ann"', 'ann-token', 'Basic', 'Basic ????', 'Bearer'])
      expect((await send(nobody, { authorization })).status, authorization).toBe(403);
  });

  it('with two credentials of a kind are judged by the first', async () => {
    const twice = (first: string, second: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = httpsRequest(
          {
            host: admin.url.hostname,
            port: admin.url.port,
            path: '/api',
            ca: clusterCa().certPem,
            agent: false,
            headers: ['Authorization', first, 'Authorization', second, 'Host', 'x'] as unknown as Record<
              string,
              string
            >,
          },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        );
        sent.once('error', reject);
        sent.end();
      });
    expect(await twice('Bearer wrong', 'Bearer ann-token')).toBe(401);
    expect(await twice('Bearer ann-token', 'Bearer wrong')).toBe(200);
  });

  it('that impersonate in pieces get no more than was allowed', async () => {
    const ann = admin.as({ token: 'ann-token' });
    const refused: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'impersonate-group': 'system:masters' }, 400],
      [{ 'impersonate-uid': '7' }, 400],
      [{ 'impersonate-extra-scope': 'x' }, 400],
      [{ 'impersonate-user': 'root' }, 403],
      [{ 'impersonate-user': 'system:serviceaccount:kube-system:x' }, 403],
      [{ 'impersonate-user': 'system:anonymous', 'impersonate-group': 'system:masters' }, 403],
    ];
    for (const [headers, status] of refused) expect(await whoAmI(ann, headers), JSON.stringify(headers)).toBe(status);
    expect(await whoAmI(ann, { impersonate_user: 'root' })).toMatchObject({ username: 'ann' });
    expect((await send(nobody, { 'impersonate-user': 'ann' })).status).toBe(403);
    ann.close();
  });
});

describe('the authorities of front proxies', () => {
  it('are those of the file as it is now, on open connections too, and are published', async () => {
    const later = foreignAuthority('front-proxy-ca');
    const front = { commonName: 'front', usages: ['client'] as const };
    const [old, next] = [by(proxies.issue(front)), by(later.issue(front))];
    const headers = { 'x-remote-user': 'dora' };
    expect([await whoAmI(old, headers), await whoAmI(next, headers)]).toEqual([
      expect.objectContaining({ username: 'dora' }),
      401,
    ]);
    writeFileSync(join(folder, 'proxies.crt'), later.certPem);
    await eventually(async () => {
      expect(await whoAmI(old, headers)).toBe(401);
    });
    const afterwards = by(later.issue(front));
    expect(await whoAmI(afterwards, headers)).toMatchObject({ username: 'dora' });
    await eventually(async () => {
      const published = await kubectl.run(
        'get configmap -n kube-system extension-apiserver-authentication -o jsonpath={.data.requestheader-client-ca-file}',
      );
      expect(published.trim()).toBe(later.certPem.trim());
    });
    for (const one of [old, next, afterwards]) one.close();
  });
});
