import { seededRandom } from '@reckon/kernel';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthnResult } from '../authenticator';
import { presentedToken } from '../presented-token';
import type { TokenAuthenticator } from '../token-authenticator';
import { lastUsedLabel, type LegacyTokenDay } from './legacy-token-use';
import { serviceAccountTokens, type TokenUse } from './service-account-tokens';
import { type TokenIssuer, tokenIssuer } from './token-issuer';
import { tokenKey } from './token-key';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const audience = 'https://kubernetes.default.svc';
const core = (resource: string) => ({ group: '', resource });
const account = { namespace: 'default', name: 'robot', uid: 'u-1' };
const named = (name: string, uid: string, more: object = {}) => ({
  metadata: { name, namespace: 'default', uid, ...more },
});

let memory: MemoryStorage;
let issuer: TokenIssuer;
let tokens: TokenAuthenticator;
const usual = () => ({
  issuers: [audience],
  keys: [tokenKey(ec.publicKey), tokenKey(rsa.privateKey)],
  apiAudiences: [audience],
  storage: memory.storage,
  clock: memory.clock,
  count: (use: TokenUse) => uses.push(use),
  markUsed: (use: LegacyTokenDay) => marked.push(use),
});
let uses: TokenUse[] = [];
let marked: LegacyTokenDay[] = [];

const issuerWith = (key: typeof rsa.privateKey, url = audience): TokenIssuer =>
  tokenIssuer({ key, issuer: url, clock: memory.clock, random: seededRandom(1) });
const ask = (
  token: string,
  audiences?: readonly string[],
): AuthnResult | undefined | Promise<AuthnResult | undefined> =>
  tokens.authenticateToken(presentedToken(token), audiences);
const answerTo = async (token: string, audiences?: readonly string[]): Promise<unknown> => {
  try {
    return (await ask(token, audiences))?.user.name;
  } catch (error) {
    return (error as Error).message;
  }
};
/** A token of somebody else who has our key, and claims of their own. */
function signed(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const usualClaims = {
    iss: audience,
    sub: robot,
    aud: [audience],
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: 'u-1' } },
  };
  const text = `${part({ alg: 'ES256' })}.${part({ ...usualClaims, ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
const payloadOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const robot = 'system:serviceaccount:default:robot';

beforeEach(async () => {
  memory = await memoryStorage();
  issuer = issuerWith(ec.privateKey);
  tokens = serviceAccountTokens(usual());
  uses = [];
  marked = [];
  await memory.put(core('serviceaccounts'), named('robot', 'u-1'));
});

describe('bound tokens', () => {
  const bound = { account, audiences: [audience], expirationSeconds: 3600 };

  it('carry the claims of upstream and name their bearer', async () => {
    const token = await issuer.issue(bound);
    const now = Math.floor(memory.clock.nowMs() / 1000);
    expect(payloadOf(token)).toEqual({
      aud: [audience],
      exp: now + 3600,
      iat: now,
      iss: audience,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: 'u-1' } },
      nbf: now,
      sub: robot,
    });
    const { jti } = payloadOf(token) as { jti: string };
    expect(await ask(token)).toEqual({
      user: {
        name: robot,
        uid: 'u-1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] },
      },
      audiences: [audience],
    });
  });

  it('are verified once; from then on the answer is no promise', async () => {
    const token = await issuerWith(rsa.privateKey).issue(bound);
    const [first, second] = [ask(token), ask(token)];
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe(await second);
    expect(ask(token)).toBe(await first);
  });

  it('end when their time is over, with a minute of grace', async () => {
    const token = await issuer.issue(bound);
    expect(await answerTo(token)).toBe(robot);
    memory.clock.jump(3600_000 + 59_000);
    expect(await answerTo(token)).toBe(robot);
    memory.clock.jump(2000);
    expect(await answerTo(token)).toBe('service account token has expired');
    memory.clock.jump(-7300_000);
    expect(await answerTo(token)).toBe('service account token is not valid yet');
  });

  it('are refused when they were issued in the future, but for a minute', async () => {
    const seconds = Math.floor(memory.clock.nowMs() / 1000);
    const issuedAt = (iat: number) => signed({ iat: seconds + iat, exp: seconds + 3600 });
    expect(await answerTo(issuedAt(59))).toBe(robot);
    expect(await answerTo(issuedAt(62))).toBe(
      'service account token claims could not be validated due to unexpected validation error',
    );
  });

  it('have no id where it is empty', async () => {
    expect((await ask(signed({ jti: '' })))?.user).not.toHaveProperty('extra');
    expect((await ask(signed({ jti: 'a' })))?.user.extra).toEqual({
      'authentication.kubernetes.io/credential-id': ['JTI=a'],
    });
  });

  it('end with the account, and a new account of the same name does not revive them', async () => {
    const token = await issuer.issue(bound);
    expect(await answerTo(token)).toBe(robot);
    await memory.put(core('serviceaccounts'), { ...named('robot', 'u-1'), secrets: [] });
    expect(await answerTo(token)).toBe(robot);
    await memory.remove({ ...core('serviceaccounts'), namespace: 'default', name: 'robot' });
    expect(await answerTo(token)).toBe('serviceaccounts "robot" not found');
    await memory.put(core('serviceaccounts'), named('robot', 'u-2'));
    expect(await answerTo(token)).toBe('service account UID (u-2) does not match claim (u-1)');
  });

  it('end with the pod, node or secret that they are bound to', async () => {
    const objects = [
      { key: 'pod', resource: 'pods', namespace: 'default' },
      { key: 'secret', resource: 'secrets', namespace: 'default' },
      { key: 'node', resource: 'nodes', namespace: '' },
    ] as const;
    for (const { key, resource, namespace } of objects) {
      const metadata = { name: 'b', uid: 'b-1', ...(namespace === '' ? {} : { namespace }) };
      await memory.put(core(resource), { metadata });
      const token = await issuer.issue({ ...bound, [key]: { name: 'b', uid: 'b-1' } });
      expect(await answerTo(token)).toBe(robot);
      await memory.put(core(resource), { metadata: { ...metadata, uid: 'b-2' } });
      expect(await answerTo(token)).toBe(`${key} UID (b-2) does not match service account ${key} ref claim (b-1)`);
      await memory.remove({ ...core(resource), namespace, name: 'b' });
      expect(await answerTo(token)).toBe('service account token has been invalidated');
    }
  });

  it('hold until a minute after the time set for the deletion of their pod', async () => {
    const deletionTimestamp = new Date(memory.clock.nowMs() + 30_000).toISOString().replace('.000', '');
    await memory.put(core('pods'), named('p', 'p-1', { deletionTimestamp }));
    const token = await issuer.issue({ ...bound, pod: { name: 'p', uid: 'p-1' }, node: { name: 'n', uid: 'n-1' } });
    expect(((await ask(token)) as AuthnResult).user.extra).toMatchObject({
      'authentication.kubernetes.io/node-name': ['n'],
      'authentication.kubernetes.io/node-uid': ['n-1'],
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': ['p-1'],
    });
    memory.clock.jump(89_000);
    expect(await answerTo(token)).toBe(robot);
    memory.clock.jump(2_000);
    expect(await answerTo(token)).toBe('service account token has been invalidated');
  });

  it('that were extended are counted, and told when they are late', async () => {
    const extended = await issuer.issue({ ...bound, expirationSeconds: 365 * 24 * 3600, warnAfterSeconds: 3607 });
    expect((await ask(extended))?.audit).toBeUndefined();
    memory.clock.jump(3607_000 + 5_000);
    expect((await ask(extended))?.audit).toEqual({
      'authentication.k8s.io/stale-token': `subject: ${robot}, seconds after warning threshold: 5`,
    });
    await ask(await issuer.issue({ ...bound, expirationSeconds: 9000 }));
    expect(uses).toEqual(['valid', 'stale']);
  });

  it('are good for their audiences only', async () => {
    const token = await issuer.issue({ ...bound, audiences: ['vault', 'api'] });
    const text = `token audiences ["vault" "api"] is invalid for the target audiences ["${audience}"]`;
    expect(await answerTo(token)).toBe(text);
    expect(await ask(token, ['other', 'api'])).toMatchObject({ audiences: ['api'] });
    expect(await answerTo(token)).toBe(text);
  });

  it('are refused when altered, signed by a stranger, unsigned, or of another issuer', async () => {
    const token = await issuer.issue(bound);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = Buffer.from(JSON.stringify({ ...(payloadOf(token) as object), sub: 'x' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const hmac = Buffer.from(`{"alg":"HS256","kid":"${issuer.key.id}"}`).toString('base64url');
    expect(await answerTo(`${header}.${forged}.${signature}`)).toBe('invalid signature');
    expect(await answerTo(`${none}.${payload}.`)).toBe('invalid signature');
    expect(await answerTo(`${hmac}.${payload}.${signature}`)).toBe('invalid signature');
    expect(await answerTo(`!!.${payload}.${signature}`)).toBe('invalid token');
    expect(await answerTo(await issuerWith(stranger.privateKey).issue(bound))).toBe('invalid signature, no keys found');
    expect(await ask(await issuerWith(ec.privateKey, 'https://elsewhere').issue(bound))).toBeUndefined();
    for (const text of ['x', 'a.b.c', `a.${Buffer.from('null').toString('base64url')}.c`])
      expect(ask(text)).toBeUndefined();
  });

  it('are forgotten, the least used first, and verified anew', async () => {
    tokens = serviceAccountTokens({
      issuers: [audience],
      keys: [tokenKey(ec.publicKey)],
      apiAudiences: [audience],
      storage: memory.storage,
      clock: memory.clock,
      remembered: 2,
    });
    const [a = '', b = '', c = ''] = await Promise.all([1, 2, 3].map(() => issuer.issue(bound)));
    await ask(a);
    await ask(b);
    await ask(a);
    await ask(c);
    expect(ask(a)).not.toBeInstanceOf(Promise);
    expect(ask(b)).toBeInstanceOf(Promise);
  });
});

describe('tokens in Secrets', () => {
  const secret = (token: string, more: object = {}) => ({
    ...named('robot-token', 's-1', more),
    data: { token: Buffer.from(token).toString('base64') },
  });

  it('carry the claims of upstream and hold as long as the Secret holds them', async () => {
    const token = await issuer.issueLegacy(account, 'robot-token');
    expect(payloadOf(token)).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 'robot-token',
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': 'u-1',
      sub: robot,
    });
    expect(await answerTo(token)).toBe('service account token has been invalidated');
    await memory.put(core('secrets'), secret(token));
    expect(await ask(token)).toEqual({
      user: {
        name: robot,
        uid: 'u-1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      },
      audiences: [audience],
      audit: {
        'authentication.k8s.io/legacy-token': robot,
        'authentication.k8s.io/legacy-token-manual-secret': 'robot-token',
      },
    });
    await memory.put(core('secrets'), secret('another'));
    expect(await answerTo(token)).toBe("service account token does not match server's copy");
    await memory.put(
      core('secrets'),
      secret(token, { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } }),
    );
    expect(await answerTo(token)).toBe(
      "the token in secret default/robot-token for service account default/robot has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token",
    );
    await memory.remove({ ...core('secrets'), namespace: 'default', name: 'robot-token' });
    expect(await answerTo(token)).toBe('service account token has been invalidated');
  });

  it('have the day of their use written on the Secret, once a day and not over what is there', async () => {
    const token = await issuer.issueLegacy(account, 'robot-token');
    await memory.put(core('secrets'), secret(token));
    const day = (ms = memory.clock.nowMs()): string => new Date(ms).toISOString().slice(0, 10);
    const first = day();
    const use = { namespace: 'default', secret: 'robot-token', uid: 's-1' };
    for (let i = 0; i < 3; i++) await ask(token);
    expect(marked).toEqual([{ ...use, day: first }]);
    await memory.put(core('secrets'), secret(token, { labels: { [lastUsedLabel]: first } }));
    await ask(token);
    expect(marked).toHaveLength(1);
    await memory.clock.advance(24 * 3600 * 1000);
    await ask(token);
    expect(marked).toEqual([
      { ...use, day: first },
      { ...use, day: day() },
    ]);
    await memory.put(
      core('secrets'),
      secret(token, { labels: { [lastUsedLabel]: day(memory.clock.nowMs() + 24 * 3600 * 1000) } }),
    );
    await ask(token);
    expect(marked).toHaveLength(2);
  });

  it('are told of, counted and marked as used when they were retired, by their true bearer only', async () => {
    const token = await issuer.issueLegacy(account, 'robot-token');
    const invalid = 'kubernetes.io/legacy-token-invalid-since';
    const since = (day: string) => memory.put(core('secrets'), secret(token, { labels: { [invalid]: day } }));
    await since('2026-01-01');
    const refusal: unknown = await Promise.resolve()
      .then(() => ask(token))
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'InvalidToken',
      audit: { 'authentication.k8s.io/legacy-token-invalidated': 'robot-token/default' },
    });
    await answerTo(token);
    expect(uses).toEqual(['invalidated', 'invalidated']);
    const day = new Date(memory.clock.nowMs()).toISOString().slice(0, 10);
    expect(marked).toEqual([{ namespace: 'default', secret: 'robot-token', uid: 's-1', day }]);
    // A label that says nothing retires nothing.
    await since('');
    expect(await answerTo(token)).toBe(robot);
    expect(uses.slice(2)).toEqual(['legacy', 'manual']);
    await since('2026-01-01');
    await memory.put(core('serviceaccounts'), named('robot', 'u-2'));
    expect(await answerTo(token)).toBe('service account UID (u-2) does not match claim (u-1)');
    expect(uses).toHaveLength(4);
  });

  it('warn of those that a controller made', async () => {
    const token = await issuer.issueLegacy(account, 'robot-token');
    await memory.put(core('secrets'), secret(token));
    expect((await ask(token))?.warnings).toBeUndefined();
    await memory.put(core('serviceaccounts'), {
      ...named('robot', 'u-1'),
      secrets: [{ name: 'x' }, { name: 'robot-token' }],
    });
    expect(await ask(token)).toMatchObject({
      audit: { 'authentication.k8s.io/legacy-token-autogenerated-secret': 'robot-token' },
      warnings: [
        'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.',
      ],
    });
    expect(uses).toEqual(['legacy', 'manual', 'legacy', 'generated']);
  });

  it('end at once with the deletion of their Secret or account, also where a finalizer holds it', async () => {
    const token = await issuer.issueLegacy(account, 'robot-token');
    const deletion = { deletionTimestamp: new Date(memory.clock.nowMs()).toISOString(), finalizers: ['example.com/f'] };
    await memory.put(core('secrets'), secret(token));
    expect(await answerTo(token)).toBe(robot);
    await memory.put(core('secrets'), secret(token, deletion));
    expect(await answerTo(token)).toBe('service account token has been invalidated');
    await memory.put(core('secrets'), secret(token));
    expect(await answerTo(token)).toBe(robot);
    await memory.put(core('serviceaccounts'), named('robot', 'u-1', deletion));
    expect(await answerTo(token)).toBe('serviceaccounts "robot" not found');
  });

  it('hold without Secret and account where none is looked up; bound ones do not', async () => {
    tokens = serviceAccountTokens({ ...usual(), lookup: false });
    const token = await issuer.issueLegacy({ ...account, uid: 'u-0' }, 'gone');
    const bound = await issuer.issue({ account, audiences: [audience], expirationSeconds: 3600 });
    expect(await answerTo(bound)).toBe(robot);
    await memory.remove({ ...core('serviceaccounts'), namespace: 'default', name: 'robot' });
    expect(await answerTo(bound)).toBe('serviceaccounts "robot" not found');
    expect(await ask(token)).toEqual({
      user: {
        name: robot,
        uid: 'u-0',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      },
      audiences: [audience],
      audit: { 'authentication.k8s.io/legacy-token': robot },
    });
    expect(await answerTo(token)).toBe(robot);
    expect([uses, marked]).toEqual([['legacy', 'legacy'], []]);
    // Its signature is looked at all the same.
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await answerTo(await issuerWith(foreign.privateKey).issueLegacy(account, 'gone'))).toBe(
      'invalid signature, no keys found',
    );
  });

  it('cannot be used as tokens of another account', async () => {
    const token = await issuer.issueLegacy({ ...account, uid: 'u-0' }, 'robot-token');
    await memory.put(core('secrets'), secret(token));
    expect(await answerTo(token)).toBe('service account UID (u-1) does not match claim (u-0)');
  });
});
