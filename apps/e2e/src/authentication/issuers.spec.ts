import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@reckon/kernel';
import {
  type OidcProvider,
  RawClient,
  type ReckonProcess,
  eventually,
  providerKey,
  startOidcProvider,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlAs, whoAmI, whoAmIBy } from './who-am-i';

const folder = mkdtempSync(join(tmpdir(), 'reckon-issuers-'));
let provider: OidcProvider;
beforeAll(async () => {
  provider = await startOidcProvider();
  writeFileSync(join(folder, 'oidc.crt'), provider.caPem);
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

const claims = { sub: 'ann', aud: 'reckon', groups: ['dev', 'ops'], hd: 'example.com' };

describe('W16: OIDC by flags', () => {
  let reckon: ReckonProcess;
  let admin: RawClient;
  beforeAll(async () => {
    const flags = [
      ['--oidc-issuer-url', provider.issuer],
      ['--oidc-client-id', 'reckon'],
      ['--oidc-ca-file', join(folder, 'oidc.crt')],
      ['--oidc-groups-claim', 'groups'],
      ['--oidc-groups-prefix', 'oidc:'],
      ['--oidc-required-claim', 'hd=example.com'],
      ['--oidc-signing-algs', 'RS256,ES256'],
      ['--nodes', '0'],
    ].flat();
    reckon = await startReckon({ flags });
    admin = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
  });
  const ask = async (token: string): Promise<unknown> => {
    const client = admin.as({ token });
    try {
      return await whoAmI(client);
    } finally {
      client.close();
    }
  };

  it('gives a user with groups', async () => {
    const ann = { username: `${provider.issuer}#ann`, groups: ['oidc:dev', 'oidc:ops', 'system:authenticated'] };
    await eventually(async () => {
      expect(await ask(provider.token(claims))).toEqual(ann);
    });
    const kubectl = await kubectlAs(reckon.kubeconfig, [`--token=${provider.token(claims)}`]);
    expect(await whoAmIBy(kubectl)).toEqual(ann);
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: provider.token(claims) },
    };
    expect((await admin.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body })).body).toMatchObject({
      status: { authenticated: true, user: ann, audiences: ['https://kubernetes.default.svc'] },
    });
  });

  it('refuses what is hostile', async () => {
    const [key] = provider.keys;
    const publicPem = createPublicKey(key!.privateKey).export({ type: 'spki', format: 'pem' });
    const strange = { ...providerKey(), kid: key!.kid };
    const tokens = {
      'no algorithm': provider.token(claims, { header: { alg: 'none' }, isUnsigned: true }),
      'a shared secret': provider.token(claims, { header: { alg: 'HS256' }, secret: publicPem }),
      'an algorithm that is not allowed': provider.token(claims, { key: providerKey('PS256') }),
      'another key': provider.token(claims, { key: strange }),
      'an unknown key': provider.token(claims, { header: { kid: 'x' } }),
      'a critical header': provider.token(claims, { header: { crit: ['x'], x: 1 } }),
      'another audience': provider.token({ ...claims, aud: 'other' }),
      'another issuer': provider.token({ ...claims, iss: 'https://other.example' }),
      'the issuer of service accounts': provider.token({ ...claims, iss: 'https://kubernetes.default.svc' }),
      'a time that is over': provider.token({ ...claims, exp: 1 }),
      'a time to come': provider.token({ ...claims, nbf: 9e9 }),
      'another domain': provider.token({ ...claims, hd: 'example.org' }),
      'no domain': provider.token({ ...claims, hd: undefined }),
    };
    for (const [what, token] of Object.entries(tokens)) expect(await ask(token), what).toBe(401);
  });

  it('takes a new key of the provider', async () => {
    const further = providerKey('ES256');
    provider.keys.push(further);
    await eventually(async () => {
      expect(await ask(provider.token(claims, { key: further }))).toMatchObject({ username: `${provider.issuer}#ann` });
    });
  });
});

describe('W16: an AuthenticationConfiguration', () => {
  let reckon: ReckonProcess;
  let admin: RawClient;
  let second: OidcProvider;
  const file = join(folder, 'authentication.yaml');

  const configuration = (more: { readonly jwt?: readonly object[]; readonly prefix?: string } = {}): string =>
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: {
            url: provider.issuer,
            certificateAuthority: provider.caPem,
            audiences: ['a', 'reckon'],
            audienceMatchPolicy: 'MatchAny',
          },
          claimMappings: {
            username: { expression: `'${more.prefix ?? 'first'}:' + claims.sub` },
            groups: { expression: "dyn(claims.groups).map(g, 'g:' + g)" },
            uid: { expression: 'claims.jti' },
            extra: [{ key: 'example.com/tenant', valueExpression: "claims.?tenant.orValue('')" }],
          },
          claimValidationRules: [{ expression: 'claims.exp - claims.iat <= 3600', message: 'lives too long' }],
          userValidationRules: [{ expression: "!user.username.endsWith(':root')", message: 'no' }],
        },
        ...(more.jwt ?? []),
      ],
      anonymous: { enabled: true, conditions: [{ path: '/livez' }] },
    });
  /** As a ConfigMap that is mounted changes: at once. */
  const replaceFile = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  beforeAll(async () => {
    second = await startOidcProvider({ path: '/realms/second' });
    writeFileSync(file, configuration());
    reckon = await startReckon({ flags: ['--authentication-config', file, '--nodes', '0'] });
    admin = RawClient.of(reckon.kubeconfig);
  });
  afterAll(async () => {
    admin.close();
    await reckon.dispose();
    await second.close();
  });
  const ask = async (token: string): Promise<unknown> => {
    const client = admin.as({ token });
    try {
      return await whoAmI(client);
    } finally {
      client.close();
    }
  };
  const full = { ...claims, jti: 'id-1', tenant: 't' };
  const credential = { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] };

  it('maps claims by expressions, and decides by rules', async () => {
    await eventually(async () => {
      expect(await ask(provider.token(full))).toEqual({
        username: 'first:ann',
        uid: 'id-1',
        groups: ['g:dev', 'g:ops', 'system:authenticated'],
        extra: { ...credential, 'example.com/tenant': ['t'] },
      });
    });
    expect(await ask(provider.token({ ...full, exp: Math.floor(systemClock.wallMs() / 1000) + 7200 }))).toBe(401);
    expect(await ask(provider.token({ ...full, sub: 'root' }))).toBe(401);
    expect(await ask(provider.token({ ...full, groups: 'dev' }))).toBe(401);
    expect(await ask(provider.token({ ...full, aud: 'other' }))).toBe(401);
  });

  it('lets strangers in where it says so, and nowhere else', async () => {
    const nobody = admin.as({});
    const at = async (path: string): Promise<number> => (await nobody.send('GET', path)).status;
    expect(await at('/livez')).toBe(200);
    for (const path of ['/healthz', '/version', '/livez/ping', '/livez?x', '/api'].filter((p) => p !== '/livez?x'))
      expect(await at(path), path).toBe(401);
    nobody.close();
  });

  it('is read again when it changes; one that is broken changes nothing', async () => {
    const further = {
      issuer: {
        url: second.issuer,
        discoveryURL: `${second.issuer}/.well-known/openid-configuration`,
        certificateAuthority: second.caPem,
        audiences: ['reckon'],
      },
      claimMappings: { username: { claim: 'sub', prefix: 'second:' } },
    };
    replaceFile(configuration({ jwt: [further], prefix: 'again' }));
    await eventually(async () => {
      expect(await ask(second.token(full))).toEqual({
        username: 'second:ann',
        groups: ['system:authenticated'],
        extra: credential,
      });
    });
    expect(await ask(provider.token(full))).toMatchObject({ username: 'again:ann' });
    for (const broken of ['{', configuration({ prefix: "'" }), configuration({ jwt: [{ ...further, x: 1 }] })]) {
      const before = reckon.output().length;
      replaceFile(broken);
      await eventually(() => {
        expect(reckon.output().slice(before)).toContain('authentication configuration is not used');
      });
      expect(await ask(second.token(full))).toMatchObject({ username: 'second:ann' });
    }
    const { text } = await admin.send('GET', '/metrics');
    expect(text).toMatch(/apiserver_authentication_config_controller_automatic_reloads_total\{.*status="success"\} 1/);
    expect(text).toMatch(/apiserver_authentication_config_controller_automatic_reloads_total\{.*status="failure"\} 3/);
    replaceFile(configuration());
    await eventually(async () => {
      expect(await ask(second.token(full))).toBe(401);
    });
    expect(await ask(provider.token(full))).toMatchObject({ username: 'first:ann' });
  });
});
