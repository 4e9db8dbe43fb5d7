import { StatusError } from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import { seededRandom } from '@reckon/kernel';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { keySetDocument, openidConfigurationDocument } from '../service-account/openid-documents';
import { serviceAccountTokens } from '../service-account/service-account-tokens';
import { type TokenIssuer, tokenIssuer } from '../service-account/token-issuer';
import { signingKey, tokenKey } from '../service-account/token-key';
import type { TokenAuthenticator } from '../token-authenticator';
import { requestToken, type TokenRequestParts } from './request-token';
import { selfSubjectReview } from './self-subject-review';
import { reviewToken } from './token-review';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const audience = 'https://kubernetes.default.svc';
const core = (resource: string) => ({ group: '', resource });
const place = { namespace: 'default', name: 'robot' };

let memory: MemoryStorage;
let issuer: TokenIssuer;
let tokens: TokenAuthenticator;
const warnings: string[] = [];

const ask = (spec: object, metadata: object = {}, options: Partial<TokenRequestParts> = {}) =>
  requestToken(
    { storage: memory.storage, issuer, apiAudiences: [audience], ...options },
    { nowMs: memory.clock.nowMs(), warn: (text) => warnings.push(text) },
    place,
    { metadata, spec },
  );
const refusal = async (attempt: Promise<unknown>): Promise<unknown> => {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof StatusError) return [error.status.code, error.message];
    throw error;
  }
};
const payloadOf = (answer: authenticationv1.TokenRequest): Record<string, unknown> =>
  JSON.parse(Buffer.from(answer.status?.token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

beforeEach(async () => {
  memory = await memoryStorage();
  warnings.length = 0;
  issuer = tokenIssuer({
    key: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }),
    issuer: audience,
    clock: memory.clock,
    random: seededRandom(1),
  });
  tokens = serviceAccountTokens({
    issuers: [audience],
    keys: [tokenKey(keys.publicKey)],
    apiAudiences: [audience],
    storage: memory.storage,
    clock: memory.clock,
  });
  await memory.put(core('serviceaccounts'), { metadata: { ...place, uid: 'u-1' } });
});

describe('a TokenRequest', () => {
  it('is answered with a token for the apiserver and when it ends', async () => {
    const answer = await ask({ audiences: [], expirationSeconds: 3600 });
    expect(JSON.stringify({ ...answer, status: { ...answer.status, token: '<token>' } })).toBe(
      JSON.stringify({
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { namespace: 'default', name: 'robot', uid: 'u-1', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { audiences: [audience], expirationSeconds: 3600, boundObjectRef: null },
        status: { token: '<token>', expirationTimestamp: '2026-01-01T01:00:00Z' },
      }),
    );
    expect((await ask({})).spec.expirationSeconds).toBe(3600);
  });

  it('is refused with the words of upstream', async () => {
    expect(await refusal(ask({ expirationSeconds: 10 }))).toEqual([
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
    ]);
    expect(await refusal(ask({ expirationSeconds: 2 ** 32 + 1 }))).toEqual([
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ]);
    const ref = { kind: 'Pod', apiVersion: 'v1', name: 'nopod' };
    expect(await refusal(ask({ boundObjectRef: ref }))).toEqual([404, 'pods "nopod" not found']);
    expect(await refusal(ask({ boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'd' } }))).toEqual([
      400,
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ]);
    expect(await refusal(ask({}, { name: 'other' }))).toEqual([
      422,
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    ]);
    expect(await refusal(ask({}, { uid: 'wrong' }))).toEqual([
      409,
      'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (wrong) does not match the UID of the service account (u-1)',
    ]);
    await memory.remove({ ...core('serviceaccounts'), ...place });
    expect(await refusal(ask({}))).toEqual([404, 'serviceaccounts "robot" not found']);
  });

  it('binds to a pod of that account, with its node, and lets the projected token live on', async () => {
    const pod = (serviceAccountName: string) => ({
      metadata: { namespace: 'default', name: 'p', uid: 'p-1' },
      spec: { serviceAccountName, nodeName: 'n' },
    });
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
    await memory.put(core('pods'), pod('default'));
    expect(await refusal(ask({ boundObjectRef }))).toEqual([
      400,
      'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
    ]);
    await memory.put(core('pods'), pod('robot'));
    expect(await refusal(ask({ boundObjectRef: { ...boundObjectRef, uid: 'p-0' } }))).toEqual([
      409,
      'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (p-0) does not match the UID in record. The object might have been deleted and then recreated',
    ]);
    const now = memory.clock.nowMs() / 1000;
    const answer = await ask({ boundObjectRef, expirationSeconds: 3607 });
    expect(answer.status?.expirationTimestamp).toBe('2026-01-01T01:00:07Z');
    expect(payloadOf(answer)).toMatchObject({
      exp: now + 365 * 86_400,
      'kubernetes.io': { pod: { name: 'p', uid: 'p-1' }, node: { name: 'n' }, warnafter: now + 3607 },
    });
    expect(payloadOf(await ask({ boundObjectRef, expirationSeconds: 3607, audiences: ['vault'] }))['exp']).toBe(
      now + 3607,
    );
    await memory.put(core('nodes'), { metadata: { name: 'n', uid: 'n-1' } });
    expect(payloadOf(await ask({ boundObjectRef }))).toMatchObject({
      'kubernetes.io': { node: { name: 'n', uid: 'n-1' } },
    });
    const toNode = await ask({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'n', uid: 'n-1' } });
    expect(payloadOf(toNode)).toMatchObject({ 'kubernetes.io': { node: { name: 'n', uid: 'n-1' } } });
  });

  it('is shortened to the server’s maximum with a warning', async () => {
    const answer = await ask({ expirationSeconds: 7200 }, {}, { maxExpirationSeconds: 3600 });
    expect(answer.spec.expirationSeconds).toBe(3600);
    expect(warnings).toEqual(['requested expiration of 7200 seconds shortened to 3600 seconds']);
  });
});

describe('a TokenReview', () => {
  const review = (spec: object) => reviewToken({ tokens, apiAudiences: [audience] }, { metadata: {}, spec });

  it('says who the bearer is and for whom the token is', async () => {
    const token = (await ask({})).status?.token ?? '';
    const answer = await review({ token });
    expect(answer.spec).toEqual({ token });
    expect(Object.keys(answer.status ?? {})).toEqual(['authenticated', 'user', 'audiences']);
    expect(answer.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:robot', uid: 'u-1' },
      audiences: [audience],
    });
  });

  it('names the audiences in the order in which it was asked for them', async () => {
    const token = (await ask({ audiences: ['a', 'b', 'c'] })).status?.token ?? '';
    expect((await review({ token, audiences: ['c', 'x', 'a'] })).status?.audiences).toEqual(['c', 'a']);
  });

  it('says why a token is no good', async () => {
    const token = (await ask({})).status?.token ?? '';
    expect((await review({ token: 'x' })).status).toEqual({ user: {}, error: 'invalid bearer token' });
    expect((await review({ token, audiences: ['other'] })).status).toEqual({
      user: {},
      error: `[invalid bearer token, token audiences ["${audience}"] is invalid for the target audiences ["other"]]`,
    });
    expect(await refusal(review({}))).toEqual([400, 'token is required for TokenReview in authentication']);
  });
});

it('a SelfSubjectReview shows the caller', () => {
  const user = { name: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] };
  expect(selfSubjectReview({ user, nowMs: Date.UTC(2026, 0, 1) })).toEqual({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    status: { userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] } },
  });
});

it('the OpenID documents show the public key and nothing private', () => {
  const key = signingKey(keys.privateKey);
  const [shown] = (keySetDocument([key]) as { keys: Record<string, string>[] }).keys;
  expect(Object.keys(shown ?? {})).toEqual(['use', 'kid', 'alg', 'kty', 'n', 'e']);
  expect(shown).toMatchObject({ use: 'sig', alg: 'RS256', kty: 'RSA', kid: key.id });
  expect(
    openidConfigurationDocument({ issuer: audience, jwksUri: 'https://h:6443/openid/v1/jwks', keys: [key] }),
  ).toEqual({
    issuer: audience,
    jwks_uri: 'https://h:6443/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
  expect(() => tokenKey('nonsense')).toThrow('cannot be read');
  expect(() => signingKey(keys.publicKey)).toThrow('private key');
});
