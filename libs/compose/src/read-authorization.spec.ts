import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allowsEverybody } from './authorizers';
import { clusterAuthorization } from './cluster-authorization';
import { apiserverFlags } from './flags/apiserver-flags';
import { parseFlags } from './flags/parse-flags';
import { authorizationModes, readAuthorization } from './read-authorization';

const folder = mkdtempSync(join(tmpdir(), 'reckon-authorization-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const warnings: string[] = [];
function read(...args: readonly string[]) {
  const { values, given } = parseFlags(apiserverFlags, args);
  return readAuthorization({ flags: values, given, warn: (line) => warnings.push(line) });
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'remote', cluster: { server } }],
    users: [{ name: 'server', user: { token: 'secret' } }],
    contexts: [{ name: 'webhook', context: { cluster: 'remote', user: 'server' } }],
    'current-context': 'webhook',
  });
const remote = file('remote.kubeconfig', kubeconfig('https://127.0.0.1:1/authorize'));
const policies = file('policies', '{"user":"alice"}\n');

describe('the authorization flags', () => {
  it('let everybody do everything by default, as upstream', async () => {
    const authorization = await read();
    expect(authorization.configuration.authorizers).toEqual([{ type: 'AlwaysAllow', name: 'alwaysallow' }]);
    expect(allowsEverybody(authorization)).toBe(true);
  });

  it('name modes in their order, with what each needs', async () => {
    const authorization = await read(
      '--authorization-mode=Node,RBAC',
      '--authorization-mode=Webhook,ABAC',
      `--authorization-webhook-config-file=${remote}`,
      '--authorization-webhook-version=v1',
      '--authorization-webhook-cache-authorized-ttl=1m',
      `--authorization-policy-file=${policies}`,
    );
    expect(authorization.configuration.authorizers.map(({ name }) => name)).toEqual([
      'node',
      'rbac',
      'default',
      'abac',
    ]);
    expect(authorization.configuration.authorizers[2]?.webhook).toMatchObject({
      timeoutMs: 30_000,
      authorizedTtlMs: 60_000,
      unauthorizedTtlMs: 30_000,
      subjectAccessReviewVersion: 'v1',
      failurePolicy: 'NoOpinion',
    });
    expect(authorization.policies).toHaveLength(1);
    expect(warnings.join()).toMatch(/1 policies have no apiVersion/);
    expect(allowsEverybody(authorization)).toBe(false);
  });

  it.each([
    [['rbac'], '--authorization-mode: "rbac" is not a valid mode'],
    [['toString'], '--authorization-mode: "toString" is not a valid mode'],
    [['RBAC', 'Node', 'RBAC'], '--authorization-mode: RBAC is specified more than once'],
    [[], '--authorization-mode: at least one authorization-mode must be passed'],
  ])('%j are no modes', (modes, message) => {
    expect(() => authorizationModes(modes)).toThrow(expect.objectContaining({ code: 'Option', message }));
  });

  it.each<readonly [readonly string[], RegExp]>([
    [['--authorization-mode=ABAC'], /authorization-mode ABAC's authorization policy file not passed/],
    [['--authorization-mode=Webhook'], /authorization-mode Webhook's authorization config file not passed/],
    [
      ['--authorization-mode=RBAC', `--authorization-policy-file=${policies}`],
      /cannot specify --authorization-policy-file without mode ABAC/,
    ],
    [
      ['--authorization-mode=RBAC', `--authorization-webhook-config-file=${remote}`],
      /cannot specify --authorization-webhook-config-file without mode Webhook/,
    ],
    [
      [
        '--authorization-mode=Webhook',
        `--authorization-webhook-config-file=${remote}`,
        '--authorization-webhook-version=v2',
      ],
      /unsupported webhook authorizer version "v2", supported versions are "v1", "v1beta1"/,
    ],
    [
      ['--authorization-mode=ABAC', `--authorization-policy-file=${join(folder, 'none')}`],
      /^--authorization-policy-file: cannot read .*none$/,
    ],
    [
      ['--authorization-mode=ABAC', `--authorization-policy-file=${file('broken', '{"user":"a"}\n\n{"user":')}`],
      /^--authorization-policy-file: error reading policy file .*broken, line 3: {"user":: /,
    ],
    [
      ['--authorization-mode=Webhook', `--authorization-webhook-config-file=${join(folder, 'none')}`],
      /^--authorization-webhook-config-file: cannot read kubeconfig .*none$/,
    ],
    [
      [
        '--authorization-mode=Webhook',
        `--authorization-webhook-config-file=${file('plain', kubeconfig('http://x/y'))}`,
      ],
      /^--authorization-webhook-config-file: .*plain: its server http:\/\/x\/y must begin with https:$/,
    ],
    [['--authorization-config', join(folder, 'none')], /^--authorization-config: cannot read .*none$/],
    [
      ['--authorization-config', remote, '--authorization-mode=RBAC'],
      /^--authorization-config can not be specified when --authorization-mode or --authorization-webhook-\* flags are defined$/,
    ],
    [
      ['--authorization-config', remote, '--authorization-webhook-version=v1'],
      /^--authorization-config can not be specified when/,
    ],
  ])('refuse %j, and say where', async (args, message) => {
    const attempt = read(...args);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toMatchObject({ code: 'Option', hint: expect.stringMatching(/./) as string });
  });
});

describe('--authorization-config', () => {
  const config = (authorizers: unknown, version = 'v1'): string =>
    JSON.stringify({
      apiVersion: `apiserver.config.k8s.io/${version}`,
      kind: 'AuthorizationConfiguration',
      authorizers,
    });
  const webhook = (parts: object = {}) => ({
    timeout: '3s',
    subjectAccessReviewVersion: 'v1',
    failurePolicy: 'Deny',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: remote },
    ...parts,
  });
  const hook = (parts: object = {}, name = 'hook') => ({ type: 'Webhook', name, webhook: webhook(parts) });
  const rbac = { type: 'RBAC', name: 'rbac' };
  let files = 0;
  const readConfig = (content: string, ...more: readonly string[]) =>
    read('--authorization-config', file(`config-${String(files++)}`, content), ...more);

  it.each(['v1', 'v1beta1', 'v1alpha1'])(
    'of version %s names authorizers, webhooks more than once',
    async (version) => {
      const { configuration } = await readConfig(
        config(
          [
            hook({ timeout: '1.5s', unauthorizedTTL: '1h1m', cacheAuthorizedRequests: false }),
            { type: 'Node', name: 'node' },
            rbac,
            hook(
              {
                matchConditionSubjectAccessReviewVersion: 'v1',
                matchConditions: [{ expression: "request.user == 'a'" }],
              },
              'second',
            ),
          ],
          version,
        ),
      );
      expect(configuration.authorizers.map(({ type, name }) => `${type}/${name}`)).toEqual([
        'Webhook/hook',
        'Node/node',
        'RBAC/rbac',
        'Webhook/second',
      ]);
      expect(configuration.authorizers[0]?.webhook).toEqual({
        timeoutMs: 1500,
        authorizedTtlMs: 300_000,
        cacheAuthorizedRequests: false,
        unauthorizedTtlMs: 3_660_000,
        cacheUnauthorizedRequests: true,
        subjectAccessReviewVersion: 'v1',
        matchConditionSubjectAccessReviewVersion: '',
        failurePolicy: 'Deny',
        connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: remote },
        matchConditions: [],
      });
    },
  );

  it('is YAML too, and a later version must keep the types of the first', async () => {
    const { reload } = await readConfig(
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n- type: RBAC\n  name: rbac\n- type: Node\n  name: node\n',
    );
    expect(() => reload?.read(config([hook()]))).toThrow('missing required types: [Node RBAC]');
    expect(reload?.read(config([hook(), rbac, { type: 'Node', name: 'node' }])).authorizers).toHaveLength(3);
  });

  it('takes the policies of ABAC from their own flag', async () => {
    const abac = config([{ type: 'ABAC', name: 'abac' }]);
    expect((await readConfig(abac, `--authorization-policy-file=${policies}`)).policies).toHaveLength(1);
    await expect(readConfig(abac)).rejects.toThrow(/an authorizer of type ABAC, and no policies are named/);
  });

  const tooMany = Array.from({ length: 65 }, (_, i) => ({ expression: `request.user == '${String(i)}'` }));
  const conditions = (...expressions: readonly string[]) => ({
    matchConditionSubjectAccessReviewVersion: 'v1',
    matchConditions: expressions.map((expression) => ({ expression })),
  });
  it.each<readonly [string, string, string]>([
    ['nothing', '', 'failed to load AuthorizationConfiguration from file'],
    ['no object', '[]', 'failed to load AuthorizationConfiguration from file'],
    ['no YAML', 'a: [', 'failed to load AuthorizationConfiguration from file'],
    [
      'another version',
      config([rbac], 'v2'),
      'no kind "AuthorizationConfiguration" is registered for version "apiserver.config.k8s.io/v2"',
    ],
    [
      'an unknown field',
      config([{ ...rbac, priority: 1 }]),
      'strict decoding error: unknown field "authorizers[0].priority"',
    ],
    ['an unknown field of a webhook', config([hook({ retries: 1 })]), 'unknown field "authorizers[0].webhook.retries"'],
    ['no authorizers', config([]), 'authorizers: Required value: at least one authorization mode must be defined'],
    ['no type', config([{ name: 'x' }]), 'authorizers[0].type: Required value'],
    [
      'a type that is none',
      config([{ type: 'rbac', name: 'rbac' }]),
      'authorizers[0].type: Unsupported value: "rbac": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"',
    ],
    ['a type twice', config([rbac, { type: 'RBAC', name: 'again' }]), 'authorizers[1].type: Duplicate value: "RBAC"'],
    ['no name', config([{ type: 'RBAC' }]), 'authorizers[0].name: Required value'],
    ['a name twice', config([hook(), hook()]), 'authorizers[1].name: Duplicate value: "hook"'],
    [
      'a name that is none',
      config([hook({}, 'A_b')]),
      'authorizers[0].name: Invalid value: "A_b": authorizer name is invalid: a lowercase RFC 1123 subdomain',
    ],
    [
      "another name than the type's",
      config([{ type: 'RBAC', name: 'x' }]),
      'expected name rbac for authorizer RBAC instead of x',
    ],
    [
      'a webhook of nothing',
      config([{ type: 'Webhook', name: 'x' }]),
      'authorizers[0].webhook: Required value: required when type=Webhook',
    ],
    [
      'a webhook of another type',
      config([{ ...rbac, webhook: webhook() }]),
      'authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook',
    ],
    ['no timeout', config([hook({ timeout: undefined })]), 'authorizers[0].timeout: Required value'],
    [
      'a long timeout',
      config([hook({ timeout: '1m30s' })]),
      'authorizers[0].timeout: Invalid value: "1m30s": must be > 0s and <= 30s',
    ],
    [
      'a timeout before now',
      config([hook({ timeout: '-1s' })]),
      'authorizers[0].timeout: Invalid value: "-1s": must be > 0s and <= 30s',
    ],
    ['a timeout that is none', config([hook({ timeout: 'soon' })]), 'time: invalid duration "soon"'],
    ['an empty timeout', config([hook({ timeout: '' })]), 'time: invalid duration ""'],
    ['a timeout without a unit', config([hook({ timeout: '1.5' })]), 'time: missing unit in duration "1.5"'],
    [
      'a timeout that is a number',
      config([hook({ timeout: 3 })]),
      'json: cannot unmarshal number into Go struct field WebhookConfiguration.authorizers.webhook.timeout of type string',
    ],
    [
      'a flag that is a text',
      config([hook({ cacheAuthorizedRequests: 'yes' })]),
      'json: cannot unmarshal string into Go struct field WebhookConfiguration.authorizers.webhook.cacheAuthorizedRequests of type bool',
    ],
    [
      'fields that nobody knows',
      config([{ ...rbac, x: 1, y: 2 }]),
      'strict decoding error: unknown field "authorizers[0].x", unknown field "authorizers[0].y"',
    ],
    ['no kind', '{}', "Object 'Kind' is missing in '{}'"],
    [
      'a TTL before now',
      config([hook({ authorizedTTL: '-5m' })]),
      'authorizers[0].authorizedTTL: Invalid value: "-5m0s": must be > 0s',
    ],
    [
      'no version',
      config([hook({ subjectAccessReviewVersion: '' })]),
      'authorizers[0].subjectAccessReviewVersion: Required value',
    ],
    [
      'a version that is none',
      config([hook({ subjectAccessReviewVersion: 'v2' })]),
      'authorizers[0].subjectAccessReviewVersion: Unsupported value: "v2": supported values: "v1", "v1beta1"',
    ],
    ['no failure policy', config([hook({ failurePolicy: undefined })]), 'authorizers[0].failurePolicy: Required value'],
    [
      'a failure policy that is none',
      config([hook({ failurePolicy: 'Allow' })]),
      'authorizers[0].failurePolicy: Unsupported value: "Allow": supported values: "NoOpinion", "Deny"',
    ],
    [
      'no connection',
      config([hook({ connectionInfo: undefined })]),
      'authorizers[0].connectionInfo.type: Required value',
    ],
    [
      'a connection without a file',
      config([hook({ connectionInfo: { type: 'KubeConfigFile' } })]),
      'authorizers[0].connectionInfo.kubeConfigFile: Required value',
    ],
    [
      'a file that is not there',
      config([hook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/none/at/all' } })]),
      'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/none/at/all": error loading file: stat /none/at/all: no such file or directory',
    ],
    [
      'a file of a relative path',
      config([hook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'x' } })]),
      'must be an absolute path',
    ],
    [
      'a folder',
      config([hook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: folder } })]),
      'must be a regular file',
    ],
    [
      'the cluster itself',
      config([hook({ connectionInfo: { type: 'InClusterConfig' } })]),
      'InClusterConfig is not for an apiserver',
    ],
    [
      'conditions of no version',
      config([hook({ matchConditions: [{ expression: 'true' }] })]),
      'authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified',
    ],
    [
      'conditions of another version',
      config([hook({ ...conditions('true'), matchConditionSubjectAccessReviewVersion: 'v1beta1' })]),
      'authorizers[0].matchConditionSubjectAccessReviewVersion: Unsupported value: "v1beta1": supported values: "v1"',
    ],
    [
      'too many conditions',
      config([hook({ matchConditionSubjectAccessReviewVersion: 'v1', matchConditions: tooMany })]),
      'authorizers[0].matchConditions: Too many: 65: must have at most 64 items',
    ],
    [
      'an empty condition',
      config([hook(conditions(' '))]),
      'authorizers[0].matchConditions[0].expression: Required value',
    ],
    [
      'a condition twice',
      config([hook(conditions('true', 'true'))]),
      'authorizers[0].matchConditions[1].expression: Duplicate value: "true"',
    ],
    [
      'a condition that is none',
      config([hook(conditions('request.nobody == 1'))]),
      'authorizers[0].matchConditions[0].expression: Invalid value: "request.nobody == 1": compilation failed: ERROR: <input>:1:8: undefined field \'nobody\'',
    ],
    [
      'a condition that is no yes or no',
      config([hook(conditions('request.user'))]),
      'authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string',
    ],
  ])('is refused with %s', async (_, content, message) => {
    await expect(readConfig(content)).rejects.toThrow(message);
  });
});

describe('the authorization of a whole cluster', () => {
  const modesOf = async (options: Parameters<typeof clusterAuthorization>[0]) =>
    (await clusterAuthorization(options, () => undefined)).configuration.authorizers.map(({ type }) => type);

  it('is Node and RBAC unless the same flags say otherwise', async () => {
    expect(await modesOf({})).toEqual(['Node', 'RBAC']);
    expect(await modesOf({ authorizationMode: 'RBAC,ABAC', authorizationPolicyFile: policies })).toEqual([
      'RBAC',
      'ABAC',
    ]);
    await expect(modesOf({ authorizationConfig: remote, authorizationMode: 'RBAC' })).rejects.toThrow(
      '--authorization-config can not be specified when',
    );
    await expect(modesOf({ authorizationWebhookCacheAuthorizedTtl: 'soon' })).rejects.toMatchObject({ code: 'Option' });
    await expect(modesOf({ authorizationMode: '' })).rejects.toThrow('at least one authorization-mode must be passed');
  });
});
