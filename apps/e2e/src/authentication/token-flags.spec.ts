import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, reckonProgram, run } from '@reckon/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';
import { whoAmI } from './who-am-i';

const usualIssuer = 'https://kubernetes.default.svc';
const [firstIssuer, secondIssuer] = ['https://first.example', 'https://second.example'];

interface Claims {
  readonly iss: string;
  readonly aud: readonly string[];
  readonly iat: number;
  readonly exp: number;
  readonly 'kubernetes.io': { readonly warnafter?: number };
}
const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;

const folder = mkdtempSync(join(tmpdir(), 'reckon-token-flags-'));
const args = ['apiserver', '--data-dir', join(folder, 'data'), '--bind-address', '127.0.0.1', '--secure-port', '0'];
const robot = { username: 'system:serviceaccount:default:robot' };
let program: ProgramProcess | undefined;
let kubectl: Kubectl;
let admin: RawClient;

/** The same cluster each time, so that tokens of one server meet the next. */
async function serve(...flags: readonly string[]): Promise<void> {
  program = await startProgram([...args, ...flags]);
  kubectl = new Kubectl(join(folder, 'data/kubeconfig'));
  admin = RawClient.of(join(folder, 'data/kubeconfig'));
  await kubectl.try(['create', 'serviceaccount', 'robot']);
}
async function stop(): Promise<void> {
  if (program === undefined) return;
  admin.close();
  expect(await program.end()).toBe(0);
  program = undefined;
}
afterEach(stop);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const token = async (...further: readonly string[]): Promise<string> =>
  (await kubectl.run(['create', 'token', 'robot', ...further])).trim();
async function holderOf(value: string): Promise<unknown> {
  const client = admin.as({ token: value });
  try {
    return await whoAmI(client);
  } finally {
    client.close();
  }
}

describe('--service-account-issuer', () => {
  it('the first is written, tokens of all hold, and those of one that is no longer named do not', async () => {
    await serve();
    const old = await token();
    expect(claimsOf(old)).toMatchObject({ iss: usualIssuer, aud: [usualIssuer] });
    expect(await holderOf(old)).toMatchObject(robot);
    await stop();

    await serve('--service-account-issuer', firstIssuer, '--service-account-issuer', usualIssuer);
    const fresh = await token();
    expect(claimsOf(fresh)).toMatchObject({ iss: firstIssuer, aud: [firstIssuer, usualIssuer] });
    expect([await holderOf(old), await holderOf(fresh)]).toEqual([
      expect.objectContaining(robot),
      expect.objectContaining(robot),
    ]);
    const document = JSON.parse(await kubectl.run('get --raw /.well-known/openid-configuration')) as object;
    expect(document).toMatchObject({ issuer: firstIssuer });
    await stop();

    await serve('--service-account-issuer', `${secondIssuer},${firstIssuer}`);
    expect(claimsOf(await token()).iss).toBe(secondIssuer);
    expect([await holderOf(old), await holderOf(fresh)]).toEqual([401, expect.objectContaining(robot)]);
  });
});

describe('--api-audiences', () => {
  it('are written where none is asked for; a token for one of them holds, one for others does not', async () => {
    await serve('--api-audiences', 'api,other-name');
    const [usual, forApi, forBoth, forIssuer] = [
      await token(),
      await token('--audience=other-name'),
      await token('--audience=vault', '--audience=api'),
      await token(`--audience=${usualIssuer}`),
    ];
    expect(claimsOf(usual).aud).toEqual(['api', 'other-name']);
    for (const one of [usual, forApi, forBoth]) expect(await holderOf(one)).toMatchObject(robot);
    expect(await holderOf(forIssuer)).toBe(401);
    const review = async (spec: object): Promise<unknown> => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
      const reply = await admin.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
      return (reply.body as { status: unknown }).status;
    };
    expect(await review({ token: forBoth })).toMatchObject({ authenticated: true, audiences: ['api'] });
    expect(await review({ token: forBoth, audiences: ['vault'] })).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
    });
    expect(await review({ token: forIssuer })).not.toHaveProperty('authenticated');
  });
});

describe('--service-account-max-token-expiration', () => {
  it('shortens what asks for more, and says so to who asks', async () => {
    await serve('--service-account-max-token-expiration', '1h30m');
    const { stdout, stderr } = await kubectl.try(['create', 'token', 'robot', '--duration=2h']);
    const { exp, iat } = claimsOf(stdout.trim());
    expect(exp - iat).toBe(5_400);
    expect(stderr).toContain('Warning: requested expiration of 7200 seconds shortened to 5400 seconds');
    const shorter = await kubectl.try(['create', 'token', 'robot', '--duration=1h']);
    expect([claimsOf(shorter.stdout.trim()).exp - claimsOf(shorter.stdout.trim()).iat, shorter.stderr]).toEqual([
      3_600,
      '',
    ]);
  });
});

describe('--service-account-extend-token-expiration', () => {
  const year = 365 * 24 * 3_600;
  /** What a kubelet asks for a pod: an hour and seven seconds. */
  const ofPod = (...further: readonly string[]): Promise<string> =>
    token('--duration=3607s', '--bound-object-kind=Pod', '--bound-object-name=p', ...further);

  it('lets tokens of pods live for a year and marks them, unless it is turned off', async () => {
    await serve();
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] },
    };
    await kubectl.run('create -f -', { stdin: JSON.stringify(pod) });
    const extended = claimsOf(await ofPod());
    expect(extended.exp - extended.iat).toBe(year);
    expect(extended['kubernetes.io'].warnafter).toBe(extended.iat + 3_607);
    // Neither for others nor of another length.
    for (const usual of [await ofPod('--audience=vault'), await ofPod('--duration=3608s')]) {
      expect(claimsOf(usual).exp - claimsOf(usual).iat).toBeLessThan(3_609);
      expect(claimsOf(usual)['kubernetes.io']).not.toHaveProperty('warnafter');
    }
    await stop();

    await serve('--service-account-extend-token-expiration=false');
    const exact = claimsOf(await ofPod());
    expect(exact.exp - exact.iat).toBe(3_607);
    expect(exact['kubernetes.io']).not.toHaveProperty('warnafter');
  });
});

describe('--service-account-jwks-uri', () => {
  it('is where the discovery document sends who verifies', async () => {
    const uri = 'https://keys.example/openid/v1/jwks';
    await serve('--service-account-jwks-uri', uri);
    const document = JSON.parse(await kubectl.run('get --raw /.well-known/openid-configuration')) as object;
    expect(document).toMatchObject({ issuer: usualIssuer, jwks_uri: uri });
    // The keys stay here, too.
    const { keys } = JSON.parse(await kubectl.run('get --raw /openid/v1/jwks')) as { keys: unknown[] };
    expect(keys).toHaveLength(1);
  });
});

describe('--service-account-lookup=false', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
  };

  /** As the token controller writes it, which does not run here. */
  function legacyToken(uid: string, key: string): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: 'kubernetes/serviceaccount',
      sub: robot.username,
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 'robot-token',
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': uid,
    };
    const signed = `${part({ alg: 'ES256' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  it('lets tokens of Secrets outlive their Secret and account; bound ones and those of an unknown key do not', async () => {
    await serve();
    const uid = await kubectl.run('get serviceaccount robot -o jsonpath={.metadata.uid}');
    const held = legacyToken(uid, readFileSync(join(folder, 'data/pki/sa.key'), 'utf8'));
    expect(await holderOf(held)).toBe(401);
    await kubectl.run('create -f -', {
      stdin: JSON.stringify({ ...secret, data: { token: Buffer.from(held).toString('base64') } }),
    });
    expect(await holderOf(held)).toMatchObject(robot);
    await stop();

    await serve('--service-account-lookup=false');
    const bound = await token();
    expect([await holderOf(held), await holderOf(bound)]).toEqual([
      expect.objectContaining(robot),
      expect.objectContaining(robot),
    ]);
    await kubectl.run('delete secret robot-token');
    await kubectl.run('delete serviceaccount robot');
    expect([await holderOf(held), await holderOf(bound)]).toEqual([expect.objectContaining(robot), 401]);
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await holderOf(legacyToken(uid, foreign.export({ type: 'pkcs8', format: 'pem' }).toString()))).toBe(401);
  });
});

describe('flags of tokens', () => {
  it.each([
    [
      ['--service-account-issuer', `${firstIssuer},${firstIssuer}`],
      `service-account-issuer "${firstIssuer}" is already specified`,
    ],
    [['--service-account-issuer', ''], 'service-account-issuer'],
    [['--service-account-issuer', 'https://['], 'is no URL'],
    [
      ['--service-account-max-token-expiration', '59m'],
      'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
    ],
    [
      ['--service-account-max-token-expiration', '1193047h'],
      'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
    ],
    [['--service-account-max-token-expiration', 'long'], '--service-account-max-token-expiration'],
    [
      ['--service-account-jwks-uri', 'http://keys.example'],
      'service-account-jwks-uri requires https scheme, parsed as: http://keys.example',
    ],
    [['--service-account-jwks-uri', 'https://['], 'service-account-jwks-uri must be a valid URL'],
  ])('are refused where they cannot be meant: %j', async (flags, problem) => {
    const { code, stderr } = await run(process.execPath, [reckonProgram, ...args, ...flags], { timeoutMs: 20_000 });
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
