import { fieldPath, type FieldError } from '@reckon/api/machinery';
import { MetricsRegistry, silentLogger, systemClock, systemTimers } from '@reckon/kernel';
import { type OidcProvider, providerKey, startOidcProvider } from '@reckon/testkit';
import { createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuthnResult } from '../authenticator';
import { presentedToken } from '../presented-token';
import { compileJwtAuthenticator } from './compile-jwt-authenticator';
import type { JwtAuthenticatorConfig } from './jwt-authenticator-config';
import { jwtMetrics } from './jwt-metrics';
import { type JwtTokens, jwtTokens } from './jwt-tokens';

const second = 1000;
let provider: OidcProvider;
let running: JwtTokens[] = [];
let registry = new MetricsRegistry();
let metrics = jwtMetrics(registry, systemClock);
/** May be moved. */
let skewMs = 0;
const clock = {
  wallMs: () => systemClock.wallMs() + skewMs,
  elapsedMs: () => systemClock.elapsedMs() + skewMs,
};

beforeAll(async () => {
  provider = await startOidcProvider();
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  skewMs = 0;
});
afterAll(async () => {
  await provider.close();
});

type Changes = Partial<Omit<JwtAuthenticatorConfig, 'issuer' | 'claimMappings'>> & {
  readonly issuer?: Partial<JwtAuthenticatorConfig['issuer']>;
  readonly claimMappings?: Partial<JwtAuthenticatorConfig['claimMappings']>;
};

function start(changes: Changes = {}, algorithms: readonly string[] = ['RS256', 'ES256', 'PS256']): JwtTokens {
  const config: JwtAuthenticatorConfig = {
    claimValidationRules: changes.claimValidationRules ?? [],
    userValidationRules: changes.userValidationRules ?? [],
    issuer: {
      url: provider.issuer,
      discoveryURL: '',
      certificateAuthority: provider.caPem,
      audiences: ['reckon'],
      audienceMatchPolicy: '',
      egressSelectorType: '',
      ...changes.issuer,
    },
    claimMappings: {
      username: { claim: 'sub', prefix: 'oidc:', expression: '' },
      groups: { claim: 'groups', prefix: 'oidc:', expression: '' },
      uid: { claim: '', expression: '' },
      extra: [],
      ...changes.claimMappings,
    },
  };
  const errors: FieldError[] = [];
  const compiled = compileJwtAuthenticator(config, fieldPath('jwt').index(0), [], errors);
  expect(errors.map(String)).toEqual([]);
  const basics = { apiAudiences: ['api'], clock, timers: systemTimers, logger: silentLogger };
  registry = new MetricsRegistry();
  metrics = jwtMetrics(registry, clock);
  const tokens = jwtTokens({ ...basics, compiled, algorithms, metrics });
  running.push(tokens);
  return tokens;
}

const answerTo = async (tokens: JwtTokens, token: string): Promise<unknown> => {
  try {
    return (await tokens.authenticateToken(presentedToken(token), undefined))?.user;
  } catch (error) {
    return (error as Error).message;
  }
};
const ann = { sub: 'ann', aud: 'reckon', groups: ['dev', 'ops'] };
const annIs = { name: 'oidc:ann', groups: ['oidc:dev', 'oidc:ops', 'system:authenticated'] };

describe('ID tokens', () => {
  it('are counted by issuer where they were not known, and so are looks at the keys', async () => {
    const tokens = start();
    const good = provider.token(ann);
    for (const token of [
      good,
      good,
      provider.token({ ...ann, aud: 'else' }),
      provider.token({ ...ann, iss: 'https://x' }),
    ])
      await answerTo(tokens, token);
    const lines = registry.render().split('\n');
    const count = (result: string) =>
      lines.filter((line) => line.includes(`latency_seconds_count{result="${result}",jwt_issuer_hash="sha256:`));
    expect(count('success').map((line) => line.split(' ')[1])).toEqual(['1']);
    expect(count('failure').map((line) => line.split(' ')[1])).toEqual(['1']);
    expect(
      lines.filter((line) => /last_timestamp_seconds\{result="success",jwt_issuer_hash="sha256:/.test(line)),
    ).toHaveLength(1);
    expect(lines.filter((line) => /last_key_set_info\{.*hash="sha256:[0-9a-f]{64}"\} 1$/.test(line))).toHaveLength(1);
    metrics.forget(provider.issuer);
    expect(registry.render()).not.toMatch(/^[a-z_]*(last_timestamp_seconds|last_key_set_info)\{/m);
  });

  it('count a look at keys that cannot be read as one in vain', async () => {
    provider.documents.set('/odd', '{"keys": 1}');
    provider.discovery = { jwks_uri: `${provider.issuer}/odd` };
    const tokens = start();
    await tokens.ready;
    provider.discovery = {};
    expect(await answerTo(tokens, provider.token(ann))).toBe(
      'oidc: verify token: failed to verify signature: fetching keys oidc: failed to decode keys',
    );
    provider.documents.delete('/odd');
    expect(registry.render()).toMatch(/last_timestamp_seconds\{result="failure",/);
    expect(registry.render()).not.toMatch(/last_key_set_info\{/);
  });

  it('name a user with groups', async () => {
    const tokens = start();
    expect(await answerTo(tokens, provider.token(ann))).toEqual(annIs);
    expect(await answerTo(tokens, provider.token({ ...ann, aud: ['x', 'reckon'], groups: 'dev' }))).toEqual({
      name: 'oidc:ann',
      groups: ['oidc:dev', 'system:authenticated'],
    });
    expect(await answerTo(tokens, provider.token({ ...ann, groups: undefined }))).toMatchObject({
      groups: ['system:authenticated'],
    });
    expect(await answerTo(tokens, provider.token({ ...ann, iss: 'https://other.example' }))).toBeUndefined();
    for (const text of ['x', 'a.b', 'a.b.c', '']) expect(await answerTo(tokens, text)).toBeUndefined();
  });

  it('are good for the audiences of the apiserver only', async () => {
    const tokens = start();
    const token = presentedToken(provider.token(ann));
    expect(((await tokens.authenticateToken(token, ['x', 'api'])) as AuthnResult).audiences).toEqual(['api']);
    expect(await tokens.authenticateToken(token, ['x'])).toBeUndefined();
    expect(tokens.authenticateToken(token, undefined)).toMatchObject({ user: annIs });
  });

  it('may be signed with any kind of key that is allowed', async () => {
    const tokens = start();
    for (const alg of ['ES256', 'PS256'] as const) {
      const key = providerKey(alg);
      provider.keys.push(key);
      skewMs += 6 * second;
      expect(await answerTo(tokens, provider.token(ann, { key })), alg).toEqual(annIs);
    }
  });

  it('that are hostile are refused', async () => {
    const tokens = start({}, ['RS256']);
    const [key] = provider.keys;
    const publicPem = createPublicKey(key!.privateKey).export({ type: 'spki', format: 'pem' });
    const elsewhere = { ...providerKey(), kid: key!.kid };
    const good = provider.token(ann);
    const [head = '', body = '', signature = ''] = good.split('.');
    const forged = Buffer.from(JSON.stringify({ iss: provider.issuer, exp: 4e9, ...ann, sub: 'root' })).toString(
      'base64url',
    );
    const table: readonly (readonly [string, string, string])[] = [
      ['no algorithm', provider.token(ann, { header: { alg: 'none' }, isUnsigned: true }), 'got "none"'],
      ['no algorithm, in capitals', provider.token(ann, { header: { alg: 'NONE' }, isUnsigned: true }), 'got "NONE"'],
      [
        'the public key as a shared secret',
        provider.token(ann, { header: { alg: 'HS256' }, secret: publicPem }),
        'got "HS256"',
      ],
      ['an algorithm that is not allowed', provider.token(ann, { key: providerKey('ES256') }), 'got "ES256"'],
      [
        "somebody else's key under the same id",
        provider.token(ann, { key: elsewhere }),
        'failed to verify id token signature',
      ],
      ['an unknown key id', provider.token(ann, { header: { kid: 'x' } }), 'failed to verify id token signature'],
      [
        'a key id that is a path',
        provider.token(ann, { header: { kid: '../../keys' } }),
        'failed to verify id token signature',
      ],
      [
        'a key of its own',
        provider.token(ann, { key: elsewhere, header: { jwk: { kty: 'RSA' }, jku: 'https://x' } }),
        'failed to verify id token signature',
      ],
      [
        'an extension that nobody knows',
        provider.token(ann, { header: { crit: ['x'], x: 1 } }),
        'unsupported crit header',
      ],
      [
        'a payload without encoding',
        provider.token(ann, { header: { crit: ['b64'], b64: false } }),
        'unsupported crit header',
      ],
      ['claims that were changed', `${head}.${forged}.${signature}`, 'failed to verify id token signature'],
      ['a signature cut off', `${head}.${body}.`, 'failed to verify id token signature'],
      ['another audience', provider.token({ ...ann, aud: 'other' }), 'expected audience "reckon" got ["other"]'],
      ['no audience', provider.token({ ...ann, aud: undefined }), 'expected audience "reckon" got []'],
      ['an audience that is no text', provider.token({ ...ann, aud: { reckon: true } }), 'failed to unmarshal claims'],
      [
        'a time that is over',
        provider.token({ ...ann, exp: 1 }),
        'token is expired (Token Expiry: 1970-01-01 00:00:01 +0000 UTC)',
      ],
      ['no end', provider.token({ ...ann, exp: undefined }), 'token is expired'],
      [
        'a time that is a word',
        provider.token({ ...ann, exp: 'x' }),
        'oidc: failed to unmarshal claims: json: invalid',
      ],
      ['a time to come', provider.token({ ...ann, nbf: 9e9 }), 'before the nbf (not before) time'],
      ['no name', provider.token({ ...ann, sub: undefined }), 'oidc: parse username claims "sub": claim not present'],
      [
        'a name that is no text',
        provider.token({ ...ann, sub: 1 }),
        'cannot unmarshal number into Go struct field idToken.sub of type string',
      ],
      ['groups that are no texts', provider.token({ ...ann, groups: [1] }), 'oidc: parse groups claim "groups"'],
      ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${body}.${signature}`, 'malformed jwt'],
    ];
    for (const [what, token, why] of table) expect(await answerTo(tokens, token), what).toContain(why);
    expect(await answerTo(tokens, good)).toEqual(annIs);
    expect(await answerTo(tokens, provider.token({ ...ann, exp: '9999999999' }))).toEqual(annIs);
  });

  it('of a claim called like a property of every object change nothing', async () => {
    const tokens = start({ claimMappings: { username: { claim: 'constructor', prefix: '', expression: '' } } });
    expect(await answerTo(tokens, provider.token(ann))).toBe(
      'oidc: parse username claims "constructor": claim not present',
    );
    const text = `{"iss":${JSON.stringify(provider.issuer)},"sub":"x","__proto__":{"aud":"reckon"},"exp":9e9}`;
    const [head = ''] = provider.token(ann).split('.');
    expect(await answerTo(tokens, `${head}.${Buffer.from(text).toString('base64url')}.AA`)).toContain(
      'expected audience',
    );
  });

  it('let the email be a name only where it was verified', async () => {
    const tokens = start({ claimMappings: { username: { claim: 'email', prefix: '', expression: '' } } });
    const email = 'ann@example.com';
    expect(await answerTo(tokens, provider.token({ ...ann, email }))).toMatchObject({ name: email });
    expect(await answerTo(tokens, provider.token({ ...ann, email, email_verified: true }))).toMatchObject({
      name: email,
    });
    expect(await answerTo(tokens, provider.token({ ...ann, email, email_verified: false }))).toBe(
      'oidc: email not verified',
    );
    expect(await answerTo(tokens, provider.token({ ...ann, email, email_verified: 'true' }))).toContain(
      "'email_verified'",
    );
  });

  it('must hold the claims that are required', async () => {
    const rule = { claim: 'hd', requiredValue: 'example.com', expression: '', message: '' };
    const tokens = start({ claimValidationRules: [rule] });
    expect(await answerTo(tokens, provider.token({ ...ann, hd: 'example.com' }))).toEqual(annIs);
    expect(await answerTo(tokens, provider.token(ann))).toBe('oidc: required claim hd not present in ID token');
    expect(await answerTo(tokens, provider.token({ ...ann, hd: 'x' }))).toBe(
      'oidc: required claim hd value does not match. Got = x, want = example.com',
    );
  });

  it('are known by several audiences where any of them is enough', async () => {
    const tokens = start({ issuer: { audiences: ['b', 'a'], audienceMatchPolicy: 'MatchAny' } });
    expect(await answerTo(tokens, provider.token({ ...ann, aud: ['x', 'a'] }))).toEqual(annIs);
    expect(await answerTo(tokens, provider.token(ann))).toBe(
      'oidc: verify token: oidc: expected audience in ["a" "b"] got ["reckon"]',
    );
    // The signature is looked at first.
    expect(await answerTo(tokens, provider.token(ann, { key: providerKey() }))).toBe(
      'oidc: verify token: failed to verify signature: failed to verify id token signature',
    );
  });

  it('say what in them has a wrong type', async () => {
    const tokens = start();
    const field = (what: string, type: string) =>
      `json: cannot unmarshal ${what} into Go struct field idToken.${what === 'object' ? 'exp' : 'aud'} of type ${type}`;
    const table: readonly (readonly [object, string])[] = [
      [{ aud: 1 }, field('number', '[]string')],
      [{ aud: [true] }, field('bool', 'string')],
      [{ exp: {} }, field('object', 'json.Number')],
      [{ exp: null }, 'strconv.ParseFloat: parsing "": invalid syntax'],
      [{ exp: 'x' }, 'json: invalid number literal, trying to unmarshal "\\"x\\"" into Number'],
      [
        { _claim_names: 'x' },
        'json: cannot unmarshal string into Go struct field idToken._claim_names of type map[string]string',
      ],
    ];
    for (const [claims, why] of table)
      expect(await answerTo(tokens, provider.token({ ...ann, ...claims }))).toBe(
        `oidc: verify token: oidc: failed to unmarshal claims: ${why}`,
      );
  });
});

describe('expressions', () => {
  const expression = (text: string) => ({ claim: '', prefix: undefined, expression: text });

  it('make the user of claims', async () => {
    const tokens = start({
      claimMappings: {
        username: expression("'x:' + claims.sub"),
        groups: expression("dyn(claims.roles).map(r, 'r:' + r)"),
        uid: { claim: '', expression: 'claims.id' },
        extra: [
          { key: 'example.org/tenant', valueExpression: 'claims.tenant' },
          { key: 'example.org/none', valueExpression: "claims.?absent.orValue('')" },
        ],
      },
    });
    expect(await answerTo(tokens, provider.token({ ...ann, roles: ['a', 'b'], id: '7', tenant: 't' }))).toEqual({
      name: 'x:ann',
      uid: '7',
      groups: ['r:a', 'r:b', 'system:authenticated'],
      extra: { 'example.org/tenant': ['t'] },
    });
    expect(await answerTo(tokens, provider.token({ ...ann, roles: [], tenant: 't' }))).toBe(
      "oidc: error evaluating uid claim expression: expression 'claims.id' resulted in error: no such key: id",
    );
    expect(await answerTo(tokens, provider.token({ ...ann, roles: [], id: 7, tenant: 't' }))).toBe(
      'oidc: error evaluating uid claim expression: uid claim expression must return a string',
    );
    expect(await answerTo(tokens, provider.token({ ...ann, roles: [], id: '7', tenant: { a: 1 } }))).toBe(
      'oidc: error evaluating extra claim expression: claims.tenant: expression must return a string or a list of strings',
    );
  });

  it('make no user without a name, and no text of what is none', async () => {
    const tokens = start({
      claimMappings: {
        username: expression('claims.name'),
        groups: expression("claims.?bytes.hasValue() ? dyn(b'abc') : dyn([timestamp('2020-01-01T00:00:00Z')])"),
      },
    });
    expect(await answerTo(tokens, provider.token({ ...ann, name: '' }))).toBe(
      'oidc: empty username via CEL expression is not allowed',
    );
    const noTexts =
      'oidc: error evaluating group claim expression: expression must return a string or a list of strings';
    expect(await answerTo(tokens, provider.token({ ...ann, name: 'x', bytes: true }))).toBe(noTexts);
    expect(await answerTo(tokens, provider.token({ ...ann, name: 'x' }))).toBe(noTexts);
  });

  it('find names that are no identifiers, at any depth, and users by the credential', async () => {
    const tokens = start({
      claimMappings: {
        username: expression("claims.sub + claims['x.y'] + claims.x__dot__y"),
        groups: expression('claims.list[0].a__dash__b.c__slash__d + claims.list[0].map(k, k)'),
        extra: [{ key: 'example.org/x-y', valueExpression: "'t'" }],
      },
      userValidationRules: [
        {
          expression: "!(user.extra[?'authentication.kubernetes.io/credential-id'][0].orValue('') in ['JTI=bad'])",
          message: 'credential is revoked',
        },
        {
          expression: "user.extra.example__dot__org__slash__x__dash__y == ['t'] && user.extra.size() > 0",
          message: '',
        },
      ],
    });
    const claims = { ...ann, 'x.y': '+', list: [{ 'a-b': { 'c/d': ['deep'] } }] };
    expect(await answerTo(tokens, provider.token(claims))).toEqual({
      name: 'ann++',
      groups: ['deep', 'a-b', 'system:authenticated'],
      extra: { 'example.org/x-y': ['t'] },
    });
    expect(await answerTo(tokens, provider.token({ ...claims, jti: 'good' }))).toMatchObject({
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=good'], 'example.org/x-y': ['t'] },
    });
    expect(await answerTo(tokens, provider.token({ ...claims, jti: 'bad' }))).toMatch(/failed: credential is revoked$/);
  });

  it('decide on claims and on users', async () => {
    const tokens = start({
      claimValidationRules: [
        { claim: '', requiredValue: '', expression: 'claims.exp - claims.iat <= 3600', message: 'lives too long' },
      ],
      userValidationRules: [
        { expression: "!user.username.startsWith('system:')", message: 'username cannot use the system: prefix' },
        { expression: "user.groups.all(g, g != 'oidc:bad') && user.extra.size() == 0 && user.uid == ''", message: '' },
      ],
      claimMappings: { username: { claim: 'sub', prefix: '', expression: '' } },
    });
    const now = Math.floor(clock.wallMs() / 1000);
    expect(await answerTo(tokens, provider.token(ann))).toMatchObject({ name: 'ann' });
    expect(await answerTo(tokens, provider.token({ ...ann, iat: now, exp: now + 9000 }))).toBe(
      "oidc: error evaluating claim validation expression: validation expression 'claims.exp - claims.iat <= 3600' failed: lives too long",
    );
    expect(await answerTo(tokens, provider.token({ ...ann, sub: 'system:admin' }))).toBe(
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: username cannot use the system: prefix",
    );
    expect(await answerTo(tokens, provider.token({ ...ann, groups: ['bad'] }))).toContain('failed: ');
  });
});

describe('a provider', () => {
  it('that is not there yet is looked for again', async () => {
    const { issuer } = provider;
    provider.discovery = { issuer: 'https://somebody.else' };
    const tokens = start();
    expect(await answerTo(tokens, provider.token({ ...ann, iss: issuer }))).toBe('oidc: authenticator not initialized');
    provider.discovery = {};
  });

  it('is asked for its keys once, and for a key that is new not more often than every few seconds', async () => {
    const tokens = start();
    expect(await answerTo(tokens, provider.token(ann))).toEqual(annIs);
    const asked = (): number => provider.asked.filter((path) => path === '/keys').length;
    const before = asked();
    const further = providerKey();
    for (let i = 0; i < 20; i++) await answerTo(tokens, provider.token({ ...ann, n: i }, { key: further }));
    expect(asked()).toBe(before);
    skewMs += 6 * second;
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => answerTo(tokens, provider.token({ ...ann, n: i }, { key: further }))),
    );
    expect(asked()).toBe(before + 1);
    provider.keys = [further];
    skewMs += 6 * second;
    expect(await answerTo(tokens, provider.token(ann))).toEqual(annIs);
  });

  it('may be found elsewhere, and may keep long lists of groups elsewhere', async () => {
    provider.documents.set('/hidden', JSON.stringify({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` }));
    const tokens = start({ issuer: { discoveryURL: `${provider.issuer}/hidden` } });
    const names = { _claim_names: { groups: 'src' } };
    const source = { _claim_sources: { src: { endpoint: `${provider.issuer}/groups`, access_token: 't' } } };
    const claims = { ...ann, groups: undefined };
    provider.documents.set('/groups', provider.token({ aud: 'reckon', groups: ['far', 'away'] }));
    expect(await answerTo(tokens, provider.token({ ...claims, ...names, ...source }))).toEqual({
      name: 'oidc:ann',
      groups: ['oidc:far', 'oidc:away', 'system:authenticated'],
    });
    expect(await answerTo(tokens, provider.token({ ...claims, ...names }))).toBe(
      'oidc: verify token: oidc: source does not exist',
    );
    provider.documents.set('/groups', provider.token({ aud: 'other', groups: ['far'] }));
    expect(await answerTo(tokens, provider.token({ ...claims, ...names, ...source, n: 1 }))).toBe(
      'oidc: could not expand distributed claims: verify distributed claim token: oidc: expected audience "reckon" got ["other"]',
    );
    provider.documents.delete('/groups');
    expect(await answerTo(tokens, provider.token({ ...claims, ...names, ...source, n: 2 }))).toContain(
      'while getting distributed claim "groups"',
    );
  });

  it('with a certificate of somebody else is not believed', async () => {
    const other = await startOidcProvider();
    const tokens = start({ issuer: { certificateAuthority: other.caPem } });
    expect(await answerTo(tokens, provider.token(ann))).toBe('oidc: authenticator not initialized');
    await other.close();
  });
});
