import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl, RawClient, type ReckonProcess, eventually, readKubeconfig, startReckon } from '@reckon/testkit';
import { unauthorized } from './unauthorized';

const tokens = `alice-token,alice,u-1,"developers,testers"\nbob-token,bob,u-2\n`;

describe('ways to reach the apiserver', () => {
  let folder: string;
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  let admin: RawClient;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-access-'));
    writeFileSync(join(folder, 'tokens.csv'), tokens);
    reckon = await startReckon({
      flags: ['--anonymous-auth', 'false', '--token-auth-file', join(folder, 'tokens.csv')],
    });
    kubectl = new Kubectl(reckon.kubeconfig);
    admin = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('W1: a pod that is run shows up as Running', async () => {
    expect(await kubectl.run('run test --image=tutum/curl -- sleep 10000')).toBe('pod/test created\n');
    await kubectl.run('wait --for=condition=Ready pod/test --timeout=60s');
    const [header, row] = (await kubectl.run('get pods')).split('\n');
    expect(header?.split(/ {2,}/)).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE']);
    expect(row).toMatch(/^test +1\/1 +Running +0 +\d+s$/);
  });

  it('W3: the kubernetes Service has the first address of the service range', async () => {
    const [, row] = (await kubectl.run('get services')).split('\n');
    expect(row).toMatch(/^kubernetes +ClusterIP +10\.96\.0\.1 +<none> +443\/TCP +\d+s$/);
  });

  it('W4: without a token nobody gets in', async () => {
    for (const path of ['/', '/api', '/version', '/healthz', '/nonsense']) {
      const reply = await admin.as({}).send('GET', path);
      expect(reply.status, path).toBe(401);
      expect(reply.body).toEqual(unauthorized);
    }
  });

  it('W5: with a service account token, ca.crt and the right to it, the paths are listed', async () => {
    interface Secret {
      readonly data: Readonly<Record<string, string>>;
    }
    const name = await kubectl.run('get serviceaccount default -o jsonpath={.secrets[0].name}');
    const secret = await kubectl.json<Secret>(`get secret ${name}`);
    const value = (key: string): string => Buffer.from(secret.data[key] ?? '', 'base64').toString('utf8');
    expect(value('namespace')).toBe('default');
    const inside = new RawClient(admin.url.href, { caPem: value('ca.crt'), token: value('token') });

    const reply = await inside.send('GET', '/version');
    expect(reply.status, reply.text).toBe(200);
    expect((await inside.send('GET', '/')).status).toBe(403);
    await kubectl.run('create clusterrole paths --verb=get --non-resource-url=/');
    await kubectl.run('create clusterrolebinding paths --clusterrole=paths --serviceaccount=default:default');
    const { paths } = (await inside.send('GET', '/')).body as { paths: string[] };
    const wanted = [
      '/api',
      '/api/v1',
      '/apis',
      '/apis/',
      '/apis/apps/v1',
      '/healthz',
      '/healthz/ping',
      '/livez',
      '/readyz',
    ];
    expect(paths).toEqual(expect.arrayContaining([...wanted, '/metrics', '/openapi/v2', '/openapi/v3', '/version']));
    expect(paths).toEqual([...paths].sort());
    for (const path of paths)
      if (!path.startsWith('/debug/')) expect((await admin.send('GET', path)).status, path).not.toBe(404);
    inside.close();
  });

  it('explains kinds to a client that reads OpenAPI v2, which it takes as protobuf', async () => {
    const text = await kubectl.run(
      'explain deployment.spec.template.spec.containers.ports --output=plaintext-openapiv2',
    );
    expect(text).toMatch(/RESOURCE: ports <\[\]Object>/);
    expect(text).toMatch(/containerPort\s+<integer> -required-/);
  });

  it('W11: kubectl proxy carries plain HTTP, and watches', async () => {
    const proxy = kubectl.start(['proxy', '--port=0']);
    const port = await eventually(() => {
      const found = /Starting to serve on 127\.0\.0\.1:(\d+)/.exec(proxy.output())?.[1];
      expect(found).toBeDefined();
      return Number(found);
    });
    const url = `http://127.0.0.1:${String(port)}`;
    const pods = (await (await fetch(`${url}/api/v1/namespaces/default/pods`)).json()) as { items: unknown[] };
    expect(pods.items).toHaveLength(1);
    let seen = '';
    const watch = get(`${url}/api/v1/namespaces/default/configmaps?watch=1`, (response) => {
      response.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
    });
    watch.on('error', () => undefined);
    await eventually(() => {
      expect(seen).toContain('"kube-root-ca.crt"');
    });
    await kubectl.run('create configmap through-proxy');
    await eventually(() => {
      const last = JSON.parse(seen.trimEnd().split('\n').at(-1) ?? '') as {
        type: string;
        object: { metadata: { name: string } };
      };
      expect([last.type, last.object.metadata.name]).toEqual(['ADDED', 'through-proxy']);
    });
    watch.destroy();
    await proxy.end();
  });

  it('W12: kubeconfigs with a client certificate and with a token say who one is', async () => {
    expect(await kubectl.run('auth whoami -o jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin');
    expect(await kubectl.run('auth whoami -o jsonpath={.status.userInfo.groups}')).toBe(
      '["system:masters","system:authenticated"]',
    );

    const file = join(folder, 'alice.kubeconfig');
    const { server, caPem } = readKubeconfig(reckon.kubeconfig);
    writeFileSync(join(folder, 'ca.crt'), caPem);
    const alice = new Kubectl(file);
    await alice.run([
      'config',
      'set-cluster',
      'c',
      `--server=${server}`,
      `--certificate-authority=${join(folder, 'ca.crt')}`,
    ]);
    await alice.run('config set-credentials alice --token=alice-token');
    await alice.run('config set-context c --cluster=c --user=alice');
    await alice.run('config use-context c');
    expect(await alice.run('auth whoami -o jsonpath={.status.userInfo}')).toBe(
      '{"groups":["developers","testers","system:authenticated"],"uid":"u-1","username":"alice"}',
    );
    expect(await alice.try(['get', 'pods'])).toMatchObject({
      code: 1,
      stderr:
        'Error from server (Forbidden): pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"\n',
    });
    await kubectl.run('create rolebinding developers --clusterrole=edit --group=developers');
    expect(await alice.run('get pods -o name')).toBe('pod/test\n');
    expect(await alice.run('auth can-i delete pods')).toBe('yes\n');
    expect((await alice.try(['auth', 'can-i', 'delete', 'nodes'])).stdout).toBe('no\n');

    await alice.run('config set-credentials alice --token=wrong');
    expect(await alice.try(['get', 'pods'])).toMatchObject({
      code: 1,
      stderr: 'error: You must be logged in to the server (Unauthorized)\n',
    });
    await alice.run('config unset clusters.c.certificate-authority');
    await alice.run('config set-credentials alice --token=alice-token');
    expect((await alice.try(['get', 'pods'])).stderr).toMatch(
      /certificate signed by unknown authority|failed to verify certificate/,
    );
  });
});
