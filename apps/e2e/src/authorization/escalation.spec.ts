import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, eventually, readKubeconfig, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let reckon: ReckonProcess;
let kubectl: Kubectl;
let root: RawClient;
let dev: Kubectl;

/** Who signs with nothing but a token. */
function kubectlWith(token: string): Kubectl {
  const { server, caPem } = readKubeconfig(reckon.kubeconfig);
  const file = join(folder, `${token}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'lab' } }],
    'current-context': 'x',
  };
  writeFileSync(file, JSON.stringify(config));
  return new Kubectl(file);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-escalation-'));
  writeFileSync(
    join(folder, 'tokens.csv'),
    'dev-token,dev,u-1\nfriend-token,friend,u-2\nnode-token,system:node:a,u-3,"system:nodes"\nfalse-token,system:node:reckon,u-4,"system:nodes"\n',
  );
  reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', join(folder, 'tokens.csv')] });
  kubectl = new Kubectl(reckon.kubeconfig);
  root = RawClient.of(reckon.kubeconfig);
  dev = kubectlWith('dev-token');
  await kubectl.run('create namespace lab');
  await kubectl.run(
    'create clusterrole rbac-writer --verb=* --resource=roles,rolebindings,clusterroles,clusterrolebindings',
  );
  await kubectl.run('create clusterrole reader --verb=get,list,watch --resource=pods,configmaps');
  await kubectl.run('create clusterrole csr-maker --verb=create,get --resource=certificatesigningrequests');
  for (const role of ['reader', 'csr-maker'])
    await kubectl.run(`create clusterrolebinding ${role} --clusterrole=${role} --user=dev`);
  // All but the two verbs that lift the rule.
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'].map((verb) => `--verb=${verb}`);
  await kubectl.run([
    'create',
    'clusterrole',
    'policy-writer',
    ...verbs,
    '--resource=roles,rolebindings,clusterroles,clusterrolebindings',
  ]);
  await kubectl.run('create clusterrolebinding policy-writer --clusterrole=policy-writer --user=dev');
  await kubectl.run('create role strong --verb=* --resource=secrets -n lab');
  await kubectl.run('create rolebinding strong --role=strong --user=friend -n lab');
});
afterAll(async () => {
  root.close();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const refused = async (args: readonly string[] | string, stdin?: string): Promise<string> => {
  const list = typeof args === 'string' ? args.split(' ') : args;
  const ran = await dev.try(list, stdin === undefined ? {} : { stdin });
  expect([ran.code, ran.stdout], list.join(' ')).toEqual([1, '']);
  expect(ran.stderr).toMatch(/forbidden/i);
  return ran.stderr;
};
const role = (rules: readonly object[], metadata: object, further: object = {}): string =>
  JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules, ...further });
const readSecrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

describe('who may everything in one namespace', () => {
  const lab = '/api/v1/namespaces/lab';
  const other = '/api/v1/namespaces/other';
  const list = `${lab}/namespaces`;
  let friend: RawClient;

  beforeAll(async () => {
    await kubectl.run('create namespace other');
    await kubectl.run('create rolebinding everything --clusterrole=cluster-admin --user=friend -n lab');
    friend = root.as({ token: 'friend-token' });
    await eventually(async () => {
      expect((await friend.send('GET', `${lab}/configmaps`)).status).toBe(200);
    });
  });

  it('sees its Namespace, and no other one', async () => {
    expect((await friend.send('GET', lab)).status).toBe(200);
    expect((await friend.send('GET', other)).status).toBe(403);
    expect((await friend.send('GET', '/api/v1/namespaces')).status).toBe(403);
  });

  it.each([
    ['GET', list],
    ['GET', `${list}?watch=1&timeoutSeconds=1`],
    ['GET', `/api/v1/watch/namespaces/lab/namespaces`],
    ['GET', `${list}/other`],
    ['GET', `/history${list}/other`],
    ['GET', `/at/1${list}`],
    ['POST', list],
    ['PUT', `${list}/other/finalize`],
    ['PATCH', `${list}/other`],
    ['PATCH', `${list}/other/status`],
    ['DELETE', `${list}/other`],
    ['DELETE', list],
    ['GET', `${lab}/nodes`],
    ['GET', '/apis/rbac.authorization.k8s.io/v1/namespaces/lab/clusterroles'],
  ])('reaches nothing of the cluster by %s %s', async (method, path) => {
    const body = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'mine', labels: { taken: 'yes' } } };
    const reply = await friend.send(method, path, {
      ...(method === 'GET' || method === 'DELETE' ? {} : { body }),
      ...(method === 'PATCH' ? { headers: { 'Content-Type': 'application/merge-patch+json' } } : {}),
    });
    expect([reply.status, reply.text]).toEqual([404, expect.stringContaining('could not find the requested resource')]);
    const namespace = await kubectl.json<{ metadata: { labels: object }; status: object }>('get namespace other');
    expect(namespace).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } },
      status: { phase: 'Active' },
    });
    expect(await kubectl.run('get namespace mine --ignore-not-found')).toBe('');
  });
});

describe('nobody grants what they do not have', () => {
  it('may grant what they have', async () => {
    expect(await dev.run('create role pods --verb=get --resource=pods')).toBe(
      'role.rbac.authorization.k8s.io/pods created\n',
    );
    expect(await dev.run('create rolebinding pods --role=pods --user=friend')).toMatch(/created/);
    expect(await dev.run('create rolebinding view-pods --clusterrole=reader --user=friend')).toMatch(/created/);
  });

  it.each([
    ['a role with more', 'create role more --verb=get --resource=secrets'],
    ['a role with a star', 'create role star --verb=* --resource=pods'],
    ['a role of subresources', 'create role sub --verb=get --resource=pods/log'],
    ['a role of one name of another kind', 'create role name --verb=get --resource=secrets --resource-name=a'],
    ['a ClusterRole of paths', 'create clusterrole paths --verb=get --non-resource-url=/metrics'],
    ['a binding to a strong role', 'create rolebinding b1 --role=strong --user=dev'],
    ['a binding to a strong ClusterRole', 'create rolebinding b2 --clusterrole=admin --user=dev'],
    ['a binding to the strongest', 'create clusterrolebinding b3 --clusterrole=cluster-admin --user=dev'],
    ['a binding for a group', 'create clusterrolebinding b4 --clusterrole=edit --group=system:authenticated'],
    ['a binding for an account', 'create clusterrolebinding b5 --clusterrole=edit --serviceaccount=lab:default'],
  ])('%s', async (_, command) => {
    expect(await refused(command)).toContain(
      'user "dev" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held',
    );
  });

  it('says what is missing, as kubectl shows it', async () => {
    expect(await refused('create role more --verb=get,list --resource=secrets')).toBe(
      'Error from server (Forbidden): roles.rbac.authorization.k8s.io "more" is forbidden: user "dev" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n',
    );
  });

  it('not by changing what is there, in any way', async () => {
    const add = JSON.stringify([{ op: 'add', path: '/rules/-', value: readSecrets }]);
    await refused(['patch', 'role', 'pods', '--type=json', '-p', add]);
    await refused(['patch', 'role', 'pods', '--type=merge', '-p', JSON.stringify({ rules: [readSecrets] })]);
    const whole = JSON.stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'pods' },
      rules: [readSecrets],
    });
    await refused(['replace', '-f', '-'], whole);
    await refused(['apply', '--server-side', '--force-conflicts', '-f', '-'], whole);
    const subject = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'dev' };
    await refused(['patch', 'rolebinding', 'strong', '--type=merge', '-p', JSON.stringify({ subjects: [subject] })]);
    expect(await dev.run('get role pods -o jsonpath={.rules[*].resources}')).toBe('["pods"]');
  });

  it('not by dry runs that tell what would be, nor by names that are generated', async () => {
    await refused('create role more --verb=get --resource=secrets --dry-run=server');
    await refused(['create', '-f', '-'], role([readSecrets], { generateName: 'more-' }));
  });

  it('not by what others gather', async () => {
    const toView = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    await refused(['create', '-f', '-'], role([readSecrets], { name: 'gathered', labels: toView }));
    const aggregationRule = {
      clusterRoleSelectors: [{ matchLabels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }],
    };
    expect(await refused(['create', '-f', '-'], role([], { name: 'gatherer' }, { aggregationRule }))).toContain(
      'must have cluster-admin privileges to use the aggregationRule',
    );
  });

  it('may with the verbs for it, for as far as they go', async () => {
    await kubectl.run('create role binder --verb=bind --resource=roles --resource-name=strong -n lab');
    await kubectl.run('create rolebinding binder --role=binder --user=dev -n lab');
    expect(await dev.run('create rolebinding bound --role=strong --user=friend')).toMatch(/created/);
    await refused('create rolebinding b6 --clusterrole=admin --user=friend');
    await refused('create role more --verb=get --resource=secrets');
    await kubectl.run('create role escalator --verb=escalate --resource=roles -n lab');
    await kubectl.run('create rolebinding escalator --role=escalator --user=dev -n lab');
    expect(await dev.run('create role more --verb=get --resource=secrets')).toMatch(/created/);
    await refused(['create', '-f', '-'], role([readSecrets], { name: 'more' }));
  });
});

describe('other ways up', () => {
  it('are closed: impersonation, tokens, signers', async () => {
    await refused('get secrets --as=admin');
    await refused('get secrets --as=dev --as-group=system:masters');
    await refused('get secrets --as=system:serviceaccount:kube-system:generic-garbage-collector');
    await refused('create token default');
    await refused('create token generic-garbage-collector -n kube-system');
    const exec = await root.as({ token: 'dev-token' }).send('POST', '/api/v1/namespaces/lab/pods/any/exec?command=ls');
    expect(exec.status).toBe(403);
  });

  it('are closed: requests of certificates may be made, not approved', async () => {
    const request = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'mine' },
      spec: {
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        request: signingRequest,
      },
    };
    await dev.run(['create', '-f', '-'], { stdin: JSON.stringify(request) });
    await refused('certificate approve mine');
    const approved = {
      ...request,
      status: { conditions: [{ type: 'Approved', status: 'True', reason: 'x', message: 'x' }] },
    };
    const reply = await root
      .as({ token: 'dev-token' })
      .send('PUT', '/apis/certificates.k8s.io/v1/certificatesigningrequests/mine/approval', { body: approved });
    expect(reply.status).toBe(403);
    // Who may write approvals still needs the signer.
    await kubectl.run(
      'create clusterrole approvals --verb=update,patch --resource=certificatesigningrequests/approval',
    );
    await kubectl.run('create clusterrolebinding approvals --clusterrole=approvals --user=dev');
    const again = await dev.try(['certificate', 'approve', 'mine']);
    expect(again.stderr).toContain(
      'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    );
  });

  it('a watch lasts longer than the right to it, as upstream; the next one is refused', async () => {
    const client = root.as({ token: 'dev-token' });
    const path = '/api/v1/namespaces/lab/configmaps?watch=1';
    const watch = await client.watch(path);
    expect(watch.status).toBe(200);
    await kubectl.run('delete clusterrolebinding reader');
    await kubectl.run('create configmap after -n lab');
    await eventually(() => {
      expect(watch.events.some(({ object }) => (object['metadata'] as { name: string }).name === 'after')).toBe(true);
    });
    watch.close();
    expect((await client.watch(path)).status).toBe(403);
    await kubectl.run('create clusterrolebinding reader --clusterrole=reader --user=dev');
  });
});

describe('kubectl auth', () => {
  it('can-i says yes and no, with what the answer stands on', async () => {
    expect(await dev.run('auth can-i get pods')).toBe('yes\n');
    const no = await dev.try(['auth', 'can-i', 'delete', 'pods']);
    expect([no.code, no.stdout]).toEqual([1, 'no\n']);
    expect(await dev.run('auth can-i get pods/any -v=0')).toBe('yes\n');
    const review = await root.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      body: {
        kind: 'SubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { user: 'dev', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'lab' } },
      },
    });
    expect(review.body).toMatchObject({
      status: {
        allowed: true,
        reason: 'RBAC: allowed by ClusterRoleBinding "reader" of ClusterRole "reader" to User "dev"',
      },
    });
  });

  it('can-i --list lists the rules, and says when they are not all', async () => {
    const rows = (await dev.run('auth can-i --list')).split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']);
    expect(rows).toContainEqual(['configmaps', '[]', '[]', '[get list watch]']);
    expect(rows).toContainEqual(['[/version/]', '[]', '[get]']);
    const node = await kubectl.try(['auth', 'can-i', '--list', '--as=system:node:a', '--as-group=system:nodes']);
    expect(node.stderr).toContain('the list may be incomplete: node authorizer does not support user rule resolution');
  });

  it('reconcile adds what is missing and keeps what is there; who lacks the rights is refused', async () => {
    const manifest = (verbs: readonly string[], name = 'kept'): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'Role',
            metadata: { name, namespace: 'lab' },
            rules: [{ apiGroups: [''], resources: ['services'], verbs }],
          },
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'RoleBinding',
            metadata: { name, namespace: 'lab' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
            subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: verbs[0] ?? '' }],
          },
        ],
      });
    const reconcile = ['auth', 'reconcile', '-f', '-'];
    const first = await kubectl.run(reconcile, { stdin: manifest(['get']) });
    expect(first).toContain('role.rbac.authorization.k8s.io/kept reconciled');
    expect(first).toContain('rolebinding.rbac.authorization.k8s.io/kept reconciled');
    await kubectl.run(reconcile, { stdin: manifest(['list']) });
    expect(await kubectl.run('get role kept -n lab -o jsonpath={.rules[*].verbs}')).toBe('["get"] ["list"]');
    expect(await kubectl.run('get rolebinding kept -n lab -o jsonpath={.subjects[*].name}')).toBe('get list');
    await kubectl.run([...reconcile, '--remove-extra-permissions', '--remove-extra-subjects'], {
      stdin: manifest(['list']),
    });
    expect(await kubectl.run('get role kept -n lab -o jsonpath={.rules[*].verbs}')).toBe('["list"]');
    expect(await kubectl.run('get rolebinding kept -n lab -o jsonpath={.subjects[*].name}')).toBe('list');
    await refused(reconcile, role([readSecrets], { name: 'reconciled' }));
  });
});

describe('a node', () => {
  const node = (): RawClient => root.as({ token: 'node-token' });
  const status = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await node().send(method, path, body === undefined ? {} : { body })).status;
  const lab = '/api/v1/namespaces/lab';

  it('may what the pods that are bound to it need, from the moment that they are bound', async () => {
    for (const name of ['needed', 'other'])
      await kubectl.run(`create secret generic ${name} --from-literal=a=b -n lab`);
    await kubectl.run('create serviceaccount runner -n lab');
    const pod = {
      metadata: { name: 'bound' },
      spec: {
        serviceAccountName: 'runner',
        automountServiceAccountToken: false,
        containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'needed' } }] }],
      },
    };
    expect((await root.send('POST', `${lab}/pods`, { body: pod })).status).toBe(201);
    expect(await status('GET', `${lab}/secrets/needed`)).toBe(403);
    const binding = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'a' } };
    expect((await root.send('POST', `${lab}/pods/bound/binding`, { body: binding })).status).toBe(201);
    expect(await status('GET', `${lab}/secrets/needed`)).toBe(200);
    expect(await status('GET', `${lab}/secrets?fieldSelector=metadata.name%3Dneeded`)).toBe(200);
    expect(await status('GET', `${lab}/secrets/other`)).toBe(403);
    expect(await status('GET', `${lab}/secrets`)).toBe(403);
    expect(await status('GET', '/api/v1/secrets')).toBe(403);
    expect(await status('DELETE', `${lab}/secrets/needed`)).toBe(403);
    expect(await status('GET', `/history${lab}/secrets/other`)).toBe(403);
    const token = { spec: { audiences: [], boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'bound' } } };
    expect(await status('POST', `${lab}/serviceaccounts/runner/token`, token)).toBe(201);
    expect(await status('POST', `${lab}/serviceaccounts/default/token`, token)).toBe(403);
    expect((await node().send('GET', `${lab}/secrets/other`)).body).toMatchObject({
      message:
        'secrets "other" is forbidden: User "system:node:a" cannot get resource "secrets" in API group "" in the namespace "lab": no relationship found between node \'a\' and this object',
    });
  });

  it('lists pods of its own only, which a review knows too', async () => {
    expect(await status('GET', '/api/v1/pods')).toBe(403);
    expect(await status('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Da')).toBe(200);
    expect(await status('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Db')).toBe(403);
    expect(await status('GET', '/api/v1/nodes')).toBe(403);
    const review = async (fieldSelector: object) => {
      const reply = await node().send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body: {
          kind: 'SelfSubjectAccessReview',
          apiVersion: 'authorization.k8s.io/v1',
          spec: { resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector } },
        },
      });
      return (reply.body as { status: object }).status;
    };
    const own = { key: 'spec.nodeName', operator: 'In', values: ['a'] };
    expect(await review({ requirements: [own] })).toEqual({ allowed: true });
    expect(await review({ requirements: [own, { key: 'x', operator: 'Exists' }] })).toEqual({
      allowed: true,
      evaluationError: 'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
    });
    expect(await review({ rawSelector: 'nonsense' })).toMatchObject({
      allowed: false,
      evaluationError: 'spec.resourceAttributes.fieldSelector ignored due to parse error',
    });
  });

  it('is not all nodes by taking the name of the kubelet that is', async () => {
    const other = root.as({ token: 'false-token' });
    expect((await other.send('GET', `${lab}/secrets/needed`)).status).toBe(403);
    expect((await other.send('GET', '/api/v1/pods')).status).toBe(403);
    expect((await root.send('GET', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings')).text).not.toContain(
      'reckon:',
    );
  });
});

/** A request of ECDSA P-256 for `CN=example`, made by `openssl req`. */
const signingRequest = Buffer.from(
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
).toString('base64');
