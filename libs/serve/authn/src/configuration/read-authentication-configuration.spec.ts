import { systemClock } from '@reckon/kernel';
import { createAuthority } from '@reckon/pki';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationConfigurationError,
  type CompiledAuthenticationConfiguration,
  readAuthenticationConfiguration,
} from './read-authentication-configuration';

const { certPem } = createAuthority({ commonName: 'ca', clock: systemClock });

const head = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
const issuer = { url: 'https://issuer.example', audiences: ['a'] };
const claimMappings = { username: { claim: 'sub', prefix: '' } };
const jwt = { issuer, claimMappings };

async function read(text: string | object): Promise<CompiledAuthenticationConfiguration | string> {
  try {
    return await readAuthenticationConfiguration(typeof text === 'string' ? text : JSON.stringify(text), [
      'https://kubernetes.default.svc',
    ]);
  } catch (error) {
    if (error instanceof AuthenticationConfigurationError) return error.message;
    throw error;
  }
}
const one = (changes: object): Promise<CompiledAuthenticationConfiguration | string> =>
  read({ ...head, jwt: [{ ...jwt, ...changes }] });

describe('an AuthenticationConfiguration', () => {
  it('is read from YAML with all that it can hold', async () => {
    const configuration = await read(`
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: https://issuer.example
    discoveryURL: https://elsewhere.example/.well-known/openid-configuration
    certificateAuthority: |
${certPem.replace(/^/gm, '      ').trimEnd()}
    audiences: [a, b]
    audienceMatchPolicy: MatchAny
  claimValidationRules:
  - claim: hd
    requiredValue: example.com
  - expression: 'claims.?email_verified.orValue(true) == true'
    message: not verified
  claimMappings:
    username:
      expression: "claims.email"
    groups:
      claim: groups
      prefix: "oidc:"
    uid:
      claim: sub
    extra:
    - key: example.org/tenant
      valueExpression: claims.tenant
  userValidationRules:
  - expression: "!user.username.startsWith('system:')"
    message: reserved
anonymous:
  enabled: true
  conditions:
  - path: /livez
  - path: /readyz
`);
    expect(configuration).toMatchObject({
      anonymous: { paths: ['/livez', '/readyz'] },
      jwt: [
        {
          config: { issuer: { audiences: ['a', 'b'], discoveryURL: expect.stringContaining('elsewhere') } },
          claimRules: [{ message: 'not verified' }],
          userRules: [{ message: 'reserved' }],
          extra: [{ key: 'example.org/tenant' }],
          groups: undefined,
          uid: undefined,
        },
      ],
    });
  });

  it('may hold nothing', async () => {
    expect(await read(head)).toEqual({ jwt: [], anonymous: undefined });
    expect(await read({ ...head, anonymous: { enabled: false } })).toEqual({ jwt: [], anonymous: false });
    expect(await read({ ...head, anonymous: { enabled: true } })).toEqual({ jwt: [], anonymous: true });
  });

  it.each([
    ['', 'empty config data'],
    ['{}', "Object 'Kind' is missing in '{}'"],
    ['kind: AuthenticationConfiguration', "Object 'apiVersion' is missing in 'kind: AuthenticationConfiguration'"],
    [
      { ...head, apiVersion: 'apiserver.config.k8s.io/v2' },
      'no kind "AuthenticationConfiguration" is registered for version "apiserver.config.k8s.io/v2"',
    ],
    [{ ...head, kind: 'Other' }, 'no kind "Other" is registered for version "apiserver.config.k8s.io/v1"'],
    [{ ...head, x: 1 }, 'strict decoding error: unknown field "x"'],
    [
      { ...head, jwt: [{ ...jwt, issuer: { ...issuer, Url: 'x' } }] },
      'strict decoding error: unknown field "jwt[0].issuer.Url"',
    ],
    [
      `{"apiVersion":"${head.apiVersion}","kind":"${head.kind}","jwt":[],"jwt":[]}`,
      'strict decoding error: yaml: unmarshal errors:\n  line 1: key "jwt" already set in map',
    ],
    [
      { ...head, jwt: [{ ...jwt, issuer: { ...issuer, audiences: 'a' } }] },
      'json: cannot unmarshal string into Go struct field Issuer.jwt.issuer.audiences of type []string',
    ],
    [{ ...head, jwt: Array.from({ length: 65 }, () => jwt) }, 'jwt: Too many: 65: must have at most 64 items'],
    [{ ...head, jwt: [jwt, jwt] }, 'jwt[1].issuer.url: Duplicate value: "https://issuer.example"'],
    [
      { ...head, anonymous: { enabled: false, conditions: [{ path: '/x' }] } },
      'anonymous.conditions: Invalid value: [{"Path":"/x"}]: enabled should be set to true when conditions are defined',
    ],
  ])('%j is refused', async (text, message) => {
    expect(await read(text)).toBe(message);
  });

  it.each<[object, string]>([
    [
      { issuer: {} },
      '[jwt[0].issuer.url: Required value, jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required]',
    ],
    [
      { issuer: { ...issuer, url: 'http://x' } },
      'jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https',
    ],
    [
      { issuer: { ...issuer, url: 'https://a:b@x?q#f' } },
      '[jwt[0].issuer.url: Invalid value: "https://a:b@x?q#f": URL must not contain a username or password, jwt[0].issuer.url: Invalid value: "https://a:b@x?q#f": URL must not contain a query, jwt[0].issuer.url: Invalid value: "https://a:b@x?q#f": URL must not contain a fragment]',
    ],
    [
      { issuer: { ...issuer, url: 'https://x:bad' } },
      'jwt[0].issuer.url: Invalid value: "https://x:bad": parse "https://x:bad": invalid port ":bad" after host',
    ],
    [
      { issuer: { ...issuer, url: 'https://kubernetes.default.svc' } },
      'jwt[0].issuer.url: Invalid value: "https://kubernetes.default.svc": URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]',
    ],
    [
      { issuer: { ...issuer, discoveryURL: 'https://issuer.example/' } },
      'jwt[0].issuer.discoveryURL: Invalid value: "https://issuer.example/": discoveryURL must be different from URL',
    ],
    [
      { issuer: { ...issuer, audiences: ['', 'a', 'a'], audienceMatchPolicy: 'MatchAny' } },
      '[jwt[0].issuer.audiences[0]: Required value, jwt[0].issuer.audiences[2]: Duplicate value: "a"]',
    ],
    [
      { issuer: { ...issuer, audiences: ['a', 'b'] } },
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      { issuer: { ...issuer, audienceMatchPolicy: 'All' } },
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "All": audienceMatchPolicy must be empty or MatchAny for single audience',
    ],
    [
      { issuer: { ...issuer, certificateAuthority: 'x' } },
      'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
    ],
    [
      { issuer: { ...issuer, egressSelectorType: 'x' } },
      'jwt[0].issuer.egressSelectorType: Invalid value: "x": egress selector must be either controlplane or cluster',
    ],
    [
      { claimMappings: { username: { expression: "claims.groups.filter(g, g != '')[0]" } } },
      `jwt[0].claimMappings.username.expression: Invalid value: "claims.groups.filter(g, g != '')[0]": compilation failed: ERROR: <input>:1:7: expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)\n | claims.groups.filter(g, g != '')[0]\n | ......^`,
    ],
    [
      { issuer: { ...issuer, egressSelectorType: 'cluster' } },
      'oidc: egress lookup required with egress selector type "cluster"',
    ],
    [{ claimMappings: {} }, 'jwt[0].claimMappings.username: Required value: claim or expression is required'],
    [
      { claimMappings: { username: { claim: 'sub' } } },
      'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    ],
    [
      { claimMappings: { username: { claim: 'sub', expression: 'claims.sub' } } },
      'jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      { claimMappings: { username: { expression: 'claims.sub', prefix: 'x' } } },
      'jwt[0].claimMappings.username.prefix: Invalid value: "x": may not be specified when expression is set',
    ],
    [
      { claimMappings: { username: { expression: 'claims.sub +' } } },
      'jwt[0].claimMappings.username.expression: Invalid value: "claims.sub +": compilation failed: ERROR: <input>:1:13: Syntax error: mismatched input \'<EOF>\' expecting',
    ],
    [
      { claimMappings: { username: { expression: 'claims.email' } } },
      'jwt[0].claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
    ],
    [
      { claimMappings: { ...claimMappings, groups: { claim: 'a', expression: 'b' } } },
      'jwt[0].claimMappings.groups: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      { claimMappings: { ...claimMappings, uid: { claim: 'a', expression: 'b' } } },
      'jwt[0].claimMappings.uid: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      { claimMappings: { ...claimMappings, extra: [{ key: 'X.example/a', valueExpression: '' }] } },
      '[jwt[0].claimMappings.extra[0].key: Invalid value: "X.example": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
    ],
    [
      { claimMappings: { ...claimMappings, extra: [{ key: 'a.k8s.io/x', valueExpression: "'v'" }] } },
      'jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/x": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    ],
    [
      {
        claimMappings: {
          ...claimMappings,
          extra: ['a', 'b'].map((v) => ({ key: 'x.org/y', valueExpression: `'${v}'` })),
        },
      },
      'jwt[0].claimMappings.extra[1].key: Duplicate value: "x.org/y"',
    ],
    [{ claimValidationRules: [{}] }, 'jwt[0].claimValidationRules[0]: Required value: claim or expression is required'],
    [
      { claimValidationRules: [{ claim: 'a', expression: 'b' }] },
      'jwt[0].claimValidationRules[0]: Invalid value: "a": claim and expression can\'t both be set',
    ],
    [
      { claimValidationRules: [{ claim: 'a', message: 'm' }, { claim: 'a' }] },
      '[jwt[0].claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set, jwt[0].claimValidationRules[1].claim: Duplicate value: "a"]',
    ],
    [
      { claimValidationRules: [{ expression: 'true', requiredValue: 'x' }, { expression: 'true' }] },
      '[jwt[0].claimValidationRules[0].requiredValue: Invalid value: "x": may not be specified when expression is set, jwt[0].claimValidationRules[1].expression: Duplicate value: "true"]',
    ],
    [
      { claimValidationRules: [{ expression: 'claims.sub' }] },
      'jwt[0].claimValidationRules[0].expression: Invalid value: "claims.sub": must evaluate to bool',
    ],
    [
      { userValidationRules: [{}, { expression: 'user.name' }] },
      '[jwt[0].userValidationRules[0].expression: Required value, jwt[0].userValidationRules[1].expression: Invalid value: "user.name": compilation failed: ERROR: <input>:1:5: undefined field \'name\'',
    ],
    [
      { userValidationRules: [{ expression: 'claims.sub == user.uid' }] },
      'jwt[0].userValidationRules[0].expression: Invalid value: "claims.sub == user.uid": compilation failed: ERROR: <input>:1:1: undeclared reference to \'claims\'',
    ],
  ])('%j is refused', async (changes, message) => {
    expect(await one(changes)).toContain(message);
  });

  it('asks for a verified address in any of three places, and by any access but an index', async () => {
    const username = (expression: string): object => ({ claimMappings: { username: { expression } } });
    for (const expression of [
      "claims.email_verified ? claims.email : ''",
      "has(claims.email_verified) ? claims.email : ''",
      "claims.?email_verified.orValue(false) == true ? claims.email : ''",
      "claims['email']",
    ])
      expect(typeof (await one(username(expression))), expression).toBe('object');
    const rule = { claimValidationRules: [{ expression: 'claims.email_verified == true' }] };
    expect(typeof (await one({ ...username('claims.email'), ...rule }))).toBe('object');
    const extra = {
      username: { expression: 'claims.email' },
      extra: [{ key: 'a.org/v', valueExpression: 'string(claims.email_verified)' }],
    };
    expect(typeof (await one({ claimMappings: extra }))).toBe('object');
    expect(await one(username("[claims.?email.orValue('')][0]"))).toContain('claims.email_verified must be used');
  });
});
