import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawClient, type ReckonProcess, foreignAuthority, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kubectlAs, whoAmI, whoAmIBy } from './who-am-i';

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token: string; readonly audiences: readonly string[] };
}

const authority = foreignAuthority('webhook-ca');
const folder = mkdtempSync(join(tmpdir(), 'reckon-token-webhook-'));
const asked: { readonly review: Review; readonly client: string; readonly path: string }[] = [];
let isDown = false;

/** Knows `good-<name>`, and says `gone` of `gone-<name>`. */
function answer({ apiVersion, kind, spec }: Review): object {
  const [word, name] = spec.token.split('-');
  const status =
    word === 'good'
      ? { authenticated: true, user: { username: name, uid: '1', groups: ['hooked'], extra: { scope: ['a', 'b'] } } }
      : { authenticated: false, ...(word === 'gone' ? { error: 'token is gone' } : {}) };
  return { apiVersion, kind, status };
}

/** How the webhook is reached, and with which certificate. */
function kubeconfig(server: string, { cert, key }: { readonly cert: string; readonly key: string }): string {
  const data = (pem: string): string => Buffer.from(pem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'hook', cluster: { server, 'certificate-authority-data': data(authority.certPem) } }],
    users: [{ name: 'us', user: { 'client-certificate-data': data(cert), 'client-key-data': data(key) } }],
    contexts: [{ name: 'c', context: { cluster: 'hook', user: 'us' } }],
    'current-context': 'c',
  });
}

async function hook(): Promise<Server> {
  const { certPem, keyPem } = authority.issue({ commonName: 'hook', ipAddresses: ['127.0.0.1'], usages: ['server'] });
  const server = createServer(
    { cert: certPem, key: keyPem, ca: authority.certPem, requestCert: true },
    (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        const review = JSON.parse(text) as Review;
        const { subject } = (
          request.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
        ).getPeerCertificate();
        asked.push({ review, client: subject.CN, path: request.url ?? '' });
        if (isDown) response.writeHead(503).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(review)));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.each(['v1', 'v1beta1'])('W16: a token webhook, %s', (version) => {
  let server: Server;
  let reckon: ReckonProcess;
  let admin: RawClient;
  beforeAll(async () => {
    server = await hook();
    const { certPem: cert, keyPem: key } = authority.issue({ commonName: 'apiserver', usages: ['client'] });
    const file = join(folder, `${version}.kubeconfig`);
    const port = String((server.address() as AddressInfo).port);
    writeFileSync(file, kubeconfig(`https://127.0.0.1:${port}/authenticate`, { cert, key }));
    const flags = [
      ['--authentication-token-webhook-config-file', file],
      ['--authentication-token-webhook-version', version],
      ['--authentication-token-webhook-cache-ttl', '1m'],
      ['--nodes', '0'],
    ].flat();
    reckon = await startReckon({ flags });
    admin = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (version === 'v1beta1') rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked.length = 0;
    isDown = false;
  });
  const ask = async (token: string): Promise<unknown> => {
    const client = admin.as({ token });
    try {
      return await whoAmI(client);
    } finally {
      client.close();
    }
  };

  it('knows users, and is asked once for each token', async () => {
    const ann = { username: 'ann', uid: '1', groups: ['hooked', 'system:authenticated'], extra: { scope: ['a', 'b'] } };
    expect(await ask('good-ann')).toEqual(ann);
    const kubectl = await kubectlAs(reckon.kubeconfig, ['--token=good-ann']);
    expect(await whoAmIBy(kubectl)).toEqual(ann);
    expect(
      asked.map(({ review, client, path }) => [review.apiVersion, review.kind, review.spec, client, path]),
    ).toEqual([
      [
        `authentication.k8s.io/${version}`,
        'TokenReview',
        { token: 'good-ann', audiences: ['https://kubernetes.default.svc'] },
        'apiserver',
        '/authenticate?timeout=30s',
      ],
    ]);
  });

  it('is not asked for what the server knows itself', async () => {
    const reply = await admin.send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {
      body: { spec: { audiences: [] } },
    });
    const { token } = (reply.body as { status: { token: string } }).status;
    expect(await ask(token)).toMatchObject({ username: 'system:serviceaccount:default:default' });
    expect(asked).toEqual([]);
  });

  it('refuses, and nobody gets in while it is away', async () => {
    expect([await ask('bad'), await ask('gone-ann')]).toEqual([401, 401]);
    isDown = true;
    expect(await ask('good-bob')).toBe(401);
    expect(await ask('good-ann')).toMatchObject({ username: 'ann' });
    isDown = false;
    expect(await ask('good-bob')).toMatchObject({ username: 'bob' });
  });

  it('is seen through by TokenReviews', async () => {
    const review = async (token: string): Promise<unknown> => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
      const reply = await admin.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
      return (reply.body as { status: unknown }).status;
    };
    expect(await review('good-eve')).toMatchObject({ authenticated: true, user: { username: 'eve' } });
    expect(await review('gone-eve')).toEqual({ user: {}, error: '[invalid bearer token, token is gone]' });
  });
});
