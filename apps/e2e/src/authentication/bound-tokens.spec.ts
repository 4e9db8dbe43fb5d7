import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Kubectl, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { whoAmI } from './who-am-i';

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const robot = { username: 'system:serviceaccount:default:robot' };

describe('tokens of service accounts', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  let admin: RawClient;
  const opened: RawClient[] = [];
  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '1'] });
    kubectl = new Kubectl(reckon.kubeconfig);
    admin = RawClient.of(reckon.kubeconfig);
    await kubectl.run('create serviceaccount robot');
  });
  afterEach(() => {
    for (const client of opened.splice(0)) client.close();
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
  });
  const by = (token: string): RawClient => {
    const client = admin.as({ token });
    opened.push(client);
    return client;
  };
  const token = async (flags = ''): Promise<string> => (await kubectl.run(`create token robot ${flags}`.trim())).trim();

  it('end with the pod, the Secret or the node that they are bound to', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { serviceAccountName: 'robot', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }] },
    };
    await kubectl.run('create -f -', { stdin: JSON.stringify(pod) });
    await kubectl.run('create secret generic s');
    const bound = {
      pod: by(await token('--bound-object-kind=Pod --bound-object-name=p')),
      secret: by(await token('--bound-object-kind=Secret --bound-object-name=s')),
    };
    expect(await whoAmI(bound.pod)).toMatchObject({
      ...robot,
      extra: { 'authentication.kubernetes.io/pod-name': ['p'] },
    });
    expect(await whoAmI(bound.secret)).toMatchObject(robot);
    await kubectl.run('delete pod p --now');
    await kubectl.run('delete secret s');
    expect([await whoAmI(bound.pod), await whoAmI(bound.secret)]).toEqual([401, 401]);
    // Others of the same names are others.
    await kubectl.run('create -f -', { stdin: JSON.stringify(pod) });
    await kubectl.run('create secret generic s');
    expect([await whoAmI(bound.pod), await whoAmI(bound.secret)]).toEqual([401, 401]);

    const node = (await kubectl.run('get nodes -o name')).trim().replace('node/', '');
    const onNode = by(await token(`--bound-object-kind=Node --bound-object-name=${node}`));
    expect(await whoAmI(onNode)).toMatchObject({ extra: { 'authentication.kubernetes.io/node-name': [node] } });
  });

  it('are bound to what is there, under the account that asks', async () => {
    const refusal = async (flags: string): Promise<string> =>
      (await kubectl.try(`create token robot ${flags}`.split(' '))).stderr.trim();
    const { metadata } = await kubectl.json<{ metadata: { uid: string } }>('get serviceaccount robot');
    await kubectl.run('run other --image=i');
    expect(await refusal('--bound-object-kind=Pod --bound-object-name=none')).toContain('pods "none" not found');
    expect(await refusal('--bound-object-kind=Pod --bound-object-name=other')).toContain(
      'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
    );
    await kubectl.run('create secret generic t');
    expect(
      await refusal(`--bound-object-kind=Secret --bound-object-name=t --bound-object-uid=${metadata.uid}`),
    ).toContain(`the UID in the bound object reference (${metadata.uid}) does not match the UID in record`);
    expect(await refusal('--duration=1m')).toContain('may not specify a duration less than 10 minutes');
  });

  it('end with their account; another of the same name does not revive them', async () => {
    const mine = by(await token());
    expect(await whoAmI(mine)).toMatchObject(robot);
    await kubectl.run('delete serviceaccount robot');
    expect(await whoAmI(mine)).toBe(401);
    await kubectl.run('create serviceaccount robot');
    expect(await whoAmI(mine)).toBe(401);
  });

  it('for others are not for the apiserver, and a review says for whom they are', async () => {
    const vault = await token('--audience=vault');
    expect(await whoAmI(by(vault))).toBe(401);
    const review = async (audiences: readonly string[]): Promise<unknown> => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: vault, audiences } };
      const reply = await admin.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
      return (reply.body as { status: unknown }).status;
    };
    expect(await review(['vault', 'x'])).toMatchObject({ authenticated: true, user: robot, audiences: ['vault'] });
    expect(await review([])).toEqual({
      user: {},
      error:
        '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc"]]',
    });
  });

  it('that were changed are refused', async () => {
    const good = await token();
    const [head = '', body = '', signature = ''] = good.split('.');
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = claimsOf(good);
    const kube = claims['kubernetes.io'] as object;
    const table = [
      `${encoded({ alg: 'none' })}.${body}.`,
      `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.${signature}`,
      `${encoded({ ...(JSON.parse(Buffer.from(head, 'base64url').toString()) as object), kid: 'x' })}.${body}.${signature}`,
      `${head}.${encoded({ ...claims, exp: 9e9 })}.${signature}`,
      `${head}.${encoded({ ...claims, 'kubernetes.io': { ...kube, namespace: 'kube-system' } })}.${signature}`,
      `${head}.${body}`,
      `${head}.${body}.${signature}x`,
      `${head}.${body}.`,
      `.${body}.${signature}`,
    ];
    for (const text of table) expect(await whoAmI(by(text)), text).toBe(401);
    expect(await whoAmI(by(good))).toMatchObject(robot);
  });

  it('of another cluster are unknown, although its account is called the same', async () => {
    const other = await startReckon({ flags: ['--nodes', '0'] });
    const theirs = (await new Kubectl(other.kubeconfig).run('create token default')).trim();
    expect(claimsOf(theirs)['iss']).toBe(claimsOf(await token())['iss']);
    expect(await whoAmI(by(theirs))).toBe(401);
    await other.dispose();
  });
});

describe('keys of service accounts', () => {
  it('may be rotated: tokens of a key that is still named hold, then no longer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-key-rotation-'));
    const dataDir = join(folder, 'data');
    const pem = (name: string): { readonly privateFile: string; readonly publicPem: string } => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const privateFile = join(folder, `${name}.key`);
      writeFileSync(privateFile, privateKey.export({ type: 'sec1', format: 'pem' }));
      return { privateFile, publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
    };
    const [first, second, third] = [pem('first'), pem('second'), pem('third')];
    // Several keys in one file.
    const old = join(folder, 'old.pub');
    writeFileSync(old, third.publicPem + first.publicPem);
    const started = (...flags: string[]): Promise<ReckonProcess> =>
      startReckon({ dataDir, flags: ['--nodes', '0', '--service-account-signing-key-file', ...flags] });

    let reckon = await started(first.privateFile);
    const token = (await new Kubectl(reckon.kubeconfig).run('create token default')).trim();
    await reckon.end();
    for (const [flags, expected] of [
      [[second.privateFile, '--service-account-key-file', old], { username: 'system:serviceaccount:default:default' }],
      [[second.privateFile], 401],
    ] as const) {
      reckon = await started(...flags);
      const client = RawClient.of(reckon.kubeconfig).as({ token });
      await eventually(async () => {
        const told = await whoAmI(client);
        if (typeof expected === 'number') expect(told).toBe(expected);
        else expect(told).toMatchObject(expected);
      });
      client.close();
      await reckon.end();
    }
    rmSync(folder, { recursive: true, force: true });
  });
});
