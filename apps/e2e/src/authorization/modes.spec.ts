import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReviewWebhook, startReviewWebhook } from './review-webhook';

/** The file of the guide, with the lines that it explains before. */
const policies = `{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "alice", "namespace": "*", "resource": "*", "apiGroup": "*"}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "kubelet", "namespace": "*", "resource": "pods", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "bob", "namespace": "projectCaribou", "resource": "pods", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"group":"system:authenticated",  "nonResourcePath": "*", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"group":"system:unauthenticated", "nonResourcePath": "*", "readonly": true}}
{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user":"admin",     "namespace": "*",              "resource": "*",         "apiGroup": "*"                   }}
`;
const users = ['admin', 'alice', 'bob', 'kubelet', 'jane', 'mallory', 'joe'];
const tokens = users
  .map((name) => `${name}-token,${name},u-${name},"${name === 'jane' ? 'group1,group2' : ''}"\n`)
  .join('');

let folder: string;
let webhook: ReviewWebhook;
let reckon: ReckonProcess;
let root: RawClient;

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  // As a mounted file changes: all at once.
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
};
const as = (user: string): RawClient => root.as({ token: `${user}-token` });
const podsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
const status = async (user: string, method: string, path: string, body?: unknown): Promise<number> =>
  (await as(user).send(method, path, body === undefined ? {} : { body })).status;

async function start(flags: readonly string[]): Promise<void> {
  reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', file('tokens.csv', tokens), ...flags] });
  root = RawClient.of(reckon.kubeconfig);
}
const stop = async (): Promise<void> => {
  root.close();
  await reckon.dispose();
  await webhook.close();
  rmSync(folder, { recursive: true, force: true });
};

describe.each(['v1', 'v1beta1'])('W17: up --authorization-mode=Node,RBAC,ABAC,Webhook, reviews of %s', (version) => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-authorization-'));
    webhook = await startReviewWebhook(folder);
    await start([
      '--authorization-mode=Node,RBAC,ABAC,Webhook',
      `--authorization-policy-file=${file('policies.jsonl', policies)}`,
      `--authorization-webhook-config-file=${webhook.kubeconfig}`,
      ...(version === 'v1beta1' ? [] : [`--authorization-webhook-version=${version}`]),
      '--authorization-webhook-cache-unauthorized-ttl=1s',
    ]);
  });
  afterAll(stop);

  it('ABAC: the lines of the file hold as they are explained', async () => {
    webhook.answer = () => ({ allowed: false });
    expect(await status('alice', 'GET', '/apis/apps/v1/deployments')).toBe(200);
    expect(await status('alice', 'POST', '/api/v1/namespaces', { metadata: { name: 'alices' } })).toBe(201);
    expect(await status('admin', 'GET', '/api/v1/namespaces/default/secrets')).toBe(200);
    expect(await status('kubelet', 'GET', podsOf('default'))).toBe(200);
    expect(await status('kubelet', 'DELETE', podsOf('default'))).toBe(403);
    expect(await status('kubelet', 'GET', '/api/v1/namespaces/default/secrets')).toBe(403);
    expect(await status('bob', 'GET', podsOf('projectCaribou'))).toBe(200);
    expect(await status('bob', 'GET', podsOf('default'))).toBe(403);
    expect(await status('joe', 'GET', '/metrics')).toBe(200);
    expect(await status('joe', 'POST', '/metrics')).toBe(403);
    expect((await root.as({}).send('GET', '/metrics')).status).toBe(200);
  });

  it('Webhook: the exchange of the guide, and its answers', async () => {
    const before = webhook.received.length;
    webhook.answer = ({ spec }) => ({ allowed: spec.user === 'jane', reason: 'kittens for jane' });
    const asked = {
      namespace: 'kittensandponies',
      verb: 'get',
      group: 'unicorn.example.org',
      resource: 'pods',
    };
    const review = await as('jane').send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        spec: { resourceAttributes: asked },
      },
    });
    expect(review.body).toMatchObject({ status: { allowed: true, reason: 'kittens for jane' } });
    const groups = ['group1', 'group2', 'system:authenticated'];
    expect(webhook.received.slice(before)).toEqual([
      {
        kind: 'SubjectAccessReview',
        apiVersion: `authorization.k8s.io/${version}`,
        metadata: {},
        spec: {
          resourceAttributes: { ...asked, version: '*' },
          user: 'jane',
          uid: 'u-jane',
          ...(version === 'v1' ? { groups } : { group: groups }),
        },
        status: { allowed: false },
      },
    ]);
    expect(await status('jane', 'GET', podsOf('kittensandponies'))).toBe(200);
    expect(await status('mallory', 'GET', podsOf('kittensandponies'))).toBe(403);
    expect((await as('mallory').send('GET', podsOf('other'))).body).toMatchObject({
      message:
        'pods is forbidden: User "mallory" cannot list resource "pods" in API group "" in the namespace "other": No policy matched.\nkittens for jane',
    });
  });

  it('Webhook: a yes is remembered, a no for a second', async () => {
    webhook.answer = ({ spec }) => ({ allowed: spec.user === 'jane' });
    expect(await status('jane', 'GET', podsOf('remembered'))).toBe(200);
    expect(await status('joe', 'GET', podsOf('remembered'))).toBe(403);
    const { length } = webhook.received;
    expect(await status('jane', 'GET', podsOf('remembered'))).toBe(200);
    expect(webhook.received).toHaveLength(length);
    webhook.answer = () => ({ allowed: true });
    await eventually(async () => {
      expect(await status('joe', 'GET', podsOf('remembered'))).toBe(200);
    });
  });

  it('Webhook: what a list is limited to is told', async () => {
    webhook.answer = () => ({ allowed: true });
    await as('joe').send('GET', `${podsOf('selected')}?fieldSelector=spec.nodeName%3Da&labelSelector=app%3Dx,tier`);
    expect(webhook.received.at(-1)?.spec).toMatchObject({
      resourceAttributes: {
        verb: 'list',
        fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }] },
        labelSelector: {
          requirements: [
            { key: 'app', operator: 'In', values: ['x'] },
            { key: 'tier', operator: 'Exists' },
          ],
        },
      },
    });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'yes'],
    ['a yes that is a text', '{"status":{"allowed":"true"}}'],
    ['a review of another kind', '{"kind":"TokenReview","status":{"allowed":true}}'],
  ])("Webhook: %s lets nobody in, and is nobody's fault but the server's", async (what, text) => {
    webhook.answer = () => text;
    const reply = await as('mallory').send('GET', podsOf(`broken-${String(text.length)}`));
    expect([reply.status, reply.headers['content-type']], what).toEqual([500, 'text/plain; charset=utf-8']);
    expect(reply.text).toMatch(/^Internal Server Error: "\/api\/v1\/namespaces\/broken-\d+\/pods": /);
  });

  it('Webhook: while it is away, who needs it is told so, and all others go on', async () => {
    await webhook.pause();
    const reply = await as('mallory').send('GET', podsOf('away'));
    expect([reply.status, reply.text]).toEqual([
      500,
      expect.stringMatching(
        /: Post "https:.*\/authorize\?timeout=\d+s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused\n$/,
      ) as string,
    ]);
    expect(await status('alice', 'GET', podsOf('away'))).toBe(200);
    const kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create configmap while-away');
    await webhook.resume();
    webhook.answer = () => ({ allowed: true });
    expect(await status('mallory', 'GET', podsOf('back'))).toBe(200);
    const metrics = await kubectl.run('get --raw /metrics');
    expect(metrics).toMatch(
      /^apiserver_authorization_webhook_evaluations_fail_open_total\{name="default",result="error"\} [1-9]/m,
    );
    expect(metrics).toMatch(
      /^apiserver_authorization_decisions_total\{type="ABAC",name="abac",decision="allowed"\} [1-9]/m,
    );
  });

  it('a firm no ends the search', async () => {
    webhook.answer = () => ({ allowed: false, denied: true, reason: 'never' });
    expect((await as('mallory').send('GET', podsOf('firm'))).body).toMatchObject({
      message:
        'pods is forbidden: User "mallory" cannot list resource "pods" in API group "" in the namespace "firm": never',
    });
  });
});

describe('W17: up --authorization-config', () => {
  const config = (expression: string, ttl = '1s') => `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
  - type: Webhook
    name: guard
    webhook:
      timeout: 3s
      authorizedTTL: ${ttl}
      unauthorizedTTL: ${ttl}
      subjectAccessReviewVersion: v1
      matchConditionSubjectAccessReviewVersion: v1
      failurePolicy: Deny
      connectionInfo:
        type: KubeConfigFile
        kubeConfigFile: ${webhook.kubeconfig}
      matchConditions:
        - expression: ${JSON.stringify(expression)}
  - type: Node
    name: node
  - type: RBAC
    name: rbac
`;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-authorization-'));
    webhook = await startReviewWebhook(folder);
    await start([`--authorization-config=${file('authorization.yaml', config("request.user == 'jane'"))}`]);
    const kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create clusterrolebinding viewers --clusterrole=view --user=jane --user=joe');
  });
  afterAll(stop);

  it('asks the webhook only what its conditions let through, and takes its silence for no opinion', async () => {
    webhook.answer = () => ({ allowed: false });
    expect(await status('joe', 'GET', podsOf('default'))).toBe(200);
    expect(webhook.received).toEqual([]);
    expect(await status('jane', 'GET', podsOf('default'))).toBe(200);
    expect(webhook.received).toHaveLength(1);
  });

  it('a firm no goes before what later authorizers allow, and so does a failure by its policy', async () => {
    webhook.answer = () => ({ allowed: false, denied: true, reason: 'not jane' });
    expect((await as('jane').send('GET', podsOf('kube-system'))).body).toMatchObject({
      code: 403,
      message: expect.stringMatching(/: not jane$/) as string,
    });
    await webhook.pause();
    expect(await status('jane', 'GET', podsOf('kube-public'))).toBe(500);
    expect(await status('joe', 'GET', podsOf('kube-public'))).toBe(200);
    await webhook.resume();
  });

  it('follows the file; one that cannot be used changes nothing', async () => {
    webhook.answer = () => ({ allowed: false, denied: true });
    file('authorization.yaml', config("request.user == 'joe'"));
    await eventually(async () => {
      expect(await status('joe', 'GET', podsOf('default'))).toBe(403);
    });
    expect(await status('jane', 'GET', podsOf('default'))).toBe(200);
    file('authorization.yaml', config('request.nobody'));
    await eventually(async () => {
      const { text } = await root.send('GET', '/metrics');
      expect(text).toMatch(/authorization_config_controller_automatic_reloads_total\{.*status="failure"\} 1/);
    });
    expect(reckon.output()).toContain("undefined field 'nobody'");
    expect(await status('joe', 'GET', podsOf('default'))).toBe(403);
    file(
      'authorization.yaml',
      config("has(request.resourceAttributes) && request.resourceAttributes.resource == 'secrets'"),
    );
    await eventually(async () => {
      expect(await status('joe', 'GET', podsOf('default'))).toBe(200);
    });
  });
});
