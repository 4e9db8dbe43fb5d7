import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type RawReply, type ReckonProcess, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const treasure = Buffer.from('treasure-7c1f').toString('base64');
const secrets = '/api/v1/namespaces/default/secrets';
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const asMetadata = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json' };

let folder: string;
let reckon: ReckonProcess;
let root: RawClient;
let revision = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-hidden-'));
  writeFileSync(join(folder, 'tokens.csv'), 'eve-token,eve,u-1\nmaps-token,maps,u-2\none-token,one,u-3\n');
  reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', join(folder, 'tokens.csv')] });
  root = RawClient.of(reckon.kubeconfig);
  const kubectl = new Kubectl(reckon.kubeconfig);
  await kubectl.run('create clusterrole maps --verb=* --resource=configmaps,pods,pods/log,events');
  await kubectl.run('create clusterrolebinding maps --clusterrole=maps --user=maps');
  await kubectl.run('create clusterrole one --verb=get,list,watch --resource=secrets --resource-name=own');
  await kubectl.run('create rolebinding one --clusterrole=one --user=one');
  await kubectl.run('create secret generic own --from-literal=key=mine');
  const made = await root.send('POST', secrets, {
    body: { metadata: { name: 'hidden', annotations: { note: treasure } }, data: { key: treasure } },
  });
  revision = (made.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  await kubectl.run('create configmap map');
});
afterAll(async () => {
  root.close();
  await reckon.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Attempt {
  readonly path: () => string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const to = (path: string, headers?: Readonly<Record<string, string>>, method?: string): Attempt => ({
  path: () => path,
  ...(headers === undefined ? {} : { headers }),
  ...(method === undefined ? {} : { method }),
});

/** Each leads whoever may to the Secret. */
const ways: Readonly<Record<string, Attempt>> = {
  get: to(`${secrets}/hidden`),
  list: to(secrets),
  'list of all namespaces': to('/api/v1/secrets'),
  'list as a Table': to(`${secrets}?includeObject=Object`, asTable),
  'list of metadata': to(secrets, asMetadata),
  'list as protobuf': to(secrets, { accept: 'application/vnd.kubernetes.protobuf' }),
  'list as YAML': to(secrets, { accept: 'application/yaml' }),
  'list by field': to(`${secrets}?fieldSelector=metadata.name%3Dhidden`),
  'list in pages': to(`${secrets}?limit=500`),
  'list of now': to(`${secrets}?resourceVersion=0`),
  'list as it was': {
    path: () => `${secrets}?resourceVersion=${revision}&resourceVersionMatch=Exact`,
  },
  'get as it was': { path: () => `/at/${revision}${secrets}/hidden` },
  'list in the past': { path: () => `/at/${revision}${secrets}` },
  'history of one': to(`/history${secrets}/hidden`),
  'history of all of a kind': to(`/history${secrets}`),
  'history of everything': to('/history'),
  'get with two slashes at the end': to(`${secrets}/hidden//`),
  'get with a slash at the end': to(`${secrets}/hidden/`),
  'get with an escaped letter': to('/api/v1/namespaces/default/%73ecrets/hidden'),
  'get of an escaped prefix': to('/%61pi/v1/namespaces/default/secrets/hidden'),
  watch: to(`${secrets}?watch=1&timeoutSeconds=1`),
  'watch as a word': to(`${secrets}?watch=true&timeoutSeconds=1&resourceVersion=0`),
  'watch by field': to(`${secrets}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dhidden`),
  'watch as a Table': to(`${secrets}?watch=1&timeoutSeconds=1&includeObject=Object`, asTable),
  'watch with all that is there': to(
    `${secrets}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  ),
  'watch from the past': {
    path: () => `${secrets}?watch=1&timeoutSeconds=1&resourceVersion=${String(Number(revision) - 1)}`,
  },
  'watch by the old path': to('/api/v1/watch/namespaces/default/secrets?timeoutSeconds=1'),
  'watch of one by the old path': to('/api/v1/watch/namespaces/default/secrets/hidden?timeoutSeconds=1'),
};

/** None of them leads anywhere, for anybody. */
const tricks: readonly string[] = [
  '/api/v1/namespaces/default/configmaps/../secrets/hidden',
  '/api/v1/namespaces/default/configmaps/%2e%2e/secrets/hidden',
  '/api/v1/namespaces/default/configmaps/..%2fsecrets%2fhidden',
  '/api/v1/namespaces/default/configmaps/map/../../secrets/hidden',
  '/api/v1/namespaces/default/configmaps%2f..%2fsecrets/hidden',
  '/api/v1/namespaces/default/configmaps;/secrets/hidden',
  '/api/v1/namespaces/default/secrets;a=b/hidden',
  '/api/v1/namespaces/default/secrets%2fhidden',
  '/api/v1/namespaces/default/secrets%00/hidden',
  '/api/v1/namespaces/default/Secrets/hidden',
  '/api/v1/namespaces/default/*/hidden',
  '/api/v1/namespaces/*/secrets/hidden',
  '/api/v1/namespaces/default/secrets/hidden/status',
  '/api/v1/namespaces/default/secrets/hidden/log',
  '/api/v1/namespaces/default/secrets/hidden/*',
  '/api/v1/namespaces/default/pods/hidden/secrets',
  '/api/../api/v1/namespaces/default/secrets/hidden',
  '/api/%2e%2e/metrics',
  '/openapi/../api/v1/namespaces/default/secrets/hidden',
  '/openapi/v2/../../metrics',
  '/openapi/..%2f..%2fmetrics',
  '/version/../metrics',
  '/healthz/../metrics',
  '/.well-known/../debug/view',
  '/apis//v1/namespaces/default/secrets/hidden',
  '/API/v1/namespaces/default/secrets/hidden',
  '/api/v1/proxy/namespaces/default/secrets/hidden',
  '/at/1/at/1/api/v1/namespaces/default/secrets/hidden',
  '/at/../api/v1/namespaces/default/secrets/hidden',
  '/history/history/api/v1/namespaces/default/secrets/hidden',
  '/history/../api/v1/namespaces/default/secrets/hidden',
];

const send = (user: string, { path, method = 'GET', headers = {} }: Attempt): Promise<RawReply> =>
  root.as({ token: `${user}-token` }).send(method, path(), { headers });

describe('a Secret', () => {
  it.each(Object.entries(ways))('is seen by who may: %s', async (_, attempt) => {
    const reply = await root.send('GET', attempt.path(), { headers: attempt.headers ?? {} });
    expect(reply.status, reply.text).toBe(200);
    expect(reply.text).toContain(treasure);
  });

  it.each(Object.entries(ways))('is not seen by who may nothing, or only other kinds: %s', async (_, attempt) => {
    for (const user of ['eve', 'maps']) {
      const reply = await send(user, attempt);
      expect([user, reply.status], reply.text).toEqual([user, 403]);
      expect(reply.text).not.toContain(treasure);
      const head = await send(user, { ...attempt, method: 'HEAD' });
      expect([user, head.status]).toEqual([user, 403]);
    }
  });

  it.each(Object.entries(ways))('is not seen by who may see another one: %s', async (_, attempt) => {
    const reply = await send('one', attempt);
    expect(reply.status, reply.text).toBe(403);
    expect(reply.text).not.toContain(treasure);
  });

  it('that one may see by its name is seen by lists and watches of that name, now and in the past', async () => {
    const own = '?fieldSelector=metadata.name%3Down';
    for (const path of [`${secrets}/own`, `${secrets}${own}`, `${secrets}${own}&watch=1&timeoutSeconds=1`]) {
      const reply = await send('one', to(path));
      expect([path, reply.status]).toEqual([path, 200]);
      expect(reply.text).toContain('"own"');
      expect(reply.text).not.toContain(treasure);
    }
    // A selector of another field, or of the same name twice, is of no one object.
    for (const selector of ['metadata.name!%3Dx', 'metadata.namespace%3Ddefault', 'type%3DOpaque', 'metadata.name%3D'])
      expect((await send('one', to(`${secrets}?fieldSelector=${selector}`))).status, selector).toBe(403);
    const both = await send(
      'one',
      to(`${secrets}?fieldSelector=metadata.name%3Down&fieldSelector=metadata.name%3Dhidden`),
    );
    expect(both.text).not.toContain(treasure);
  });

  it.each(tricks)('is not behind %s', async (path) => {
    for (const user of ['eve', 'maps', 'one']) {
      const reply = await send(user, to(path));
      expect([user, [400, 403, 404, 405].includes(reply.status), reply.status], reply.text.slice(0, 300)).toEqual([
        user,
        true,
        reply.status,
      ]);
      expect(reply.text).not.toContain(treasure);
      expect(reply.text).not.toContain('apiserver_request_total');
    }
    expect((await root.send('GET', path)).text).not.toContain(treasure);
  });

  it.each(['/debug/view', '/debug/watchers', '/debug/log', '/debug/relay', '/metrics', '/configz', '/flagz', '/logs/'])(
    'nor is %s for everybody',
    async (path) => {
      expect((await send('maps', to(path))).status).toBe(403);
      expect((await send('maps', to(`${path}?watch=1`))).status).toBe(403);
    },
  );

  it('is not seen by who asks for another protocol, or to be told what comes', async () => {
    const webSocket = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    for (const user of ['eve', 'maps', 'one'])
      for (const attempt of [
        to(`${secrets}?watch=1`, webSocket),
        to(`/api/v1/watch${secrets.slice('/api/v1'.length)}`, webSocket),
        to(`${secrets}/hidden`, { ...webSocket, upgrade: 'SPDY/3.1' }),
        to(`/history${secrets}?follow=1`),
        to('/history?follow=1'),
      ]) {
        const reply = await send(user, attempt);
        expect([user, attempt.path(), reply.status]).toEqual([user, attempt.path(), 403]);
      }
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'])(
    'is not answered to %s',
    async (method) => {
      for (const path of [`${secrets}/hidden`, secrets, `${secrets}/hidden?dryRun=All`]) {
        const reply = await send('maps', to(path, { 'x-http-method-override': 'GET' }, method));
        expect([path, [400, 403, 405].includes(reply.status), reply.status]).toEqual([path, true, reply.status]);
        expect(reply.text).not.toContain(treasure);
      }
    },
  );
});
