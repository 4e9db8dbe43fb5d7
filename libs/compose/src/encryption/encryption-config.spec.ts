import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../option-error';
import { parseEncryptionConfig } from './encryption-config';
import { encryptionChoice } from './follow-encryption';

const key32 = Buffer.alloc(32, 7).toString('base64');
const key16 = Buffer.alloc(16, 9).toString('base64');
const aesgcm = (...keys: object[]): object => ({ aesgcm: { keys } });
const one = aesgcm({ name: 'key1', secret: key32 });
const config = (...resources: object[]): string =>
  stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources });
const secrets = (...providers: object[]): string => config({ resources: ['secrets'], providers });
const problemOf = (text: string): string => {
  try {
    parseEncryptionConfig(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
};

describe('an EncryptionConfiguration', () => {
  it('says what is written with the first key of the first provider, and what is read with all', () => {
    const { rules, keys } = parseEncryptionConfig(
      config(
        {
          resources: ['secrets', 'configmaps', 'widgets.example.com'],
          providers: [aesgcm({ name: 'a', secret: key32 }, { name: 'b', secret: key16 }), { identity: {} }],
        },
        { resources: ['*.apps'], providers: [{ secretbox: { keys: [{ name: 'c', secret: key32 }] } }] },
        { resources: ['*.*'], providers: [{ identity: {} }, { aescbc: { keys: [{ name: 'd', secret: key32 }] } }] },
      ),
    );
    expect(keys.map(({ provider, name, secret }) => [provider, name, secret.length])).toEqual([
      ['aesgcm', 'a', 32],
      ['aesgcm', 'b', 16],
      ['secretbox', 'c', 32],
      ['aescbc', 'd', 32],
    ]);
    expect(rules.map(({ writeKey, resources }) => [writeKey?.name, resources])).toEqual([
      [
        'a',
        [
          { group: '', resource: 'secrets' },
          { group: '', resource: 'configmaps' },
          { group: 'example.com', resource: 'widgets' },
        ],
      ],
      ['c', [{ group: 'apps', resource: '*' }]],
      [undefined, [{ group: '*', resource: '*' }]],
    ]);
  });

  it('may be JSON, and may name all of the core group', () => {
    const text = JSON.stringify({
      kind: 'EncryptionConfiguration',
      apiVersion: 'apiserver.config.k8s.io/v1',
      resources: [{ resources: ['*.'], providers: [one] }],
    });
    expect(parseEncryptionConfig(text).rules[0]?.resources).toEqual([{ group: '', resource: '*' }]);
  });

  it('may go by its old name', () => {
    const text = JSON.stringify({
      kind: 'EncryptionConfig',
      apiVersion: 'v1',
      resources: [{ resources: ['secrets'], providers: [one] }],
    });
    expect(parseEncryptionConfig(text).rules).toHaveLength(1);
  });

  const at = 'resources[0].providers[0]';
  it.each([
    ['', 'it is empty'],
    ['kind: [', 'Flow sequence in block collection must be sufficiently indented'],
    ['kind: Secret\napiVersion: v1', 'it is v1 Secret and not apiserver.config.k8s.io/v1'],
    [config(), 'resources: Required value: at least one resources is required'],
    [`${secrets(one)}resource: []\n`, 'unknown field "resource"'],
    [config({ providers: [one] }), 'resources[0].resources: Required value: at least one resources[0].resources is'],
    [secrets(), 'resources[0].providers: Required value: at least one resources[0].providers is required'],
    [secrets({}), `${at}: Invalid value: {}: provider does not contain any of the expected providers: KMS, AESGCM`],
    [secrets({ ...one, identity: {} }), 'more than one provider specified in a single element, should split into'],
    [secrets(aesgcm()), `${at}.aesgcm.keys: Required value: at least one keys is required`],
    [secrets(aesgcm({ secret: key32 })), `${at}.aesgcm.keys[0].name: Required value: name is a mandatory field for a`],
    [secrets(aesgcm({ name: 'a' })), `${at}.aesgcm.keys[0].secret: Required value: secret is a mandatory field for a`],
    [
      secrets(aesgcm({ name: 'a', secret: 'not base64!' })),
      `${at}.aesgcm.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded`,
    ],
    [
      secrets(aesgcm({ name: 'a', secret: 'c2hvcnQ=' })),
      `${at}.aesgcm.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [16 24 32]`,
    ],
    [
      secrets({ secretbox: { keys: [{ name: 'a', secret: key16 }] } }),
      'secret is not of the expected length, got 16, expected one of [32]',
    ],
    [
      secrets({ kms: { apiVersion: 'v2', name: 'vault', endpoint: 'unix:///x' } }),
      `${at}.kms: Forbidden: KMS providers are not supported by Reckon`,
    ],
    [
      config({ resources: ['secrets', 'secrets'], providers: [one] }),
      'resources[0].resources: Invalid value: ["secrets","secrets"]: the same resource cannot be specified multiple times',
    ],
    [config({ resources: ['secrets', '*.'], providers: [one] }), 'using overlapping resources such as'],
    [
      config({ resources: ['*.apps', '*.apps'], providers: [one] }),
      `the same resource cannot be specified multiple times, resources[0].resources: Invalid value: ["*.apps","*.apps"]: using overlapping resources such as`,
    ],
    [
      secrets(aesgcm({})),
      `[${at}.aesgcm.keys[0].name: Required value: name is a mandatory field for a key, ${at}.aesgcm.keys[0].secret: Required`,
    ],
    [secrets({ ...one, tpm: {} }), 'unknown field "resources[0].providers[0].tpm"'],
    [
      config({ resources: ['*.'], providers: [one] }, { resources: ['secrets'], providers: [one] }),
      'resource "secrets" is masked by earlier rule "*."',
    ],
    [config({ resources: ['secrets', '*.*'], providers: [one] }), 'using overlapping resources such as'],
    [config({ resources: ['Secrets'], providers: [one] }), 'resource name should not contain capital letters'],
    [config({ resources: ['*'], providers: [one] }), "use '*.' to encrypt all the resources from core API group"],
    [config({ resources: ['serviceipallocations'], providers: [one] }), 'resources which do not have REST API/s'],
    [config({ resources: ['events.events.k8s.io'], providers: [one] }), "Use 'events' instead in the config file"],
    [config({ resources: ['deployments.extensions'], providers: [one] }), "'extensions' group has been removed"],
    [config({ resources: ['secrets.*'], providers: [one] }), 'encrypting the same resource across groups is not'],
    [
      config({ resources: ['*.*'], providers: [one] }, { resources: ['secrets'], providers: [one] }),
      'resource "secrets" is masked by earlier rule "*.*"',
    ],
    [
      config({ resources: ['*.apps'], providers: [one] }, { resources: ['deployments.apps'], providers: [one] }),
      'resource "deployments.apps" is masked by earlier rule "*.apps"',
    ],
  ])('is refused: %j', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
    expect(problemOf(text)).not.toContain(key32);
  });

  it('that is broken shows no key', () => {
    const broken = secrets(one).replace(`secret: ${key32}`, `secret: "${key32}`);
    expect(problemOf(broken)).not.toBe('none');
    expect(problemOf(broken)).not.toContain(key32.slice(0, 10));
  });
});

describe('--encryption-provider-config', () => {
  it('names flag and file when it cannot be used, and wants a file where it shall be followed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-encryption-'));
    const file = join(folder, 'config.yaml');
    const refusal = async (given: Parameters<typeof encryptionChoice>[0]): Promise<unknown> =>
      encryptionChoice(given).catch((error: unknown) => error);
    expect(await refusal({ file, isFollowed: false })).toMatchObject({
      message: `--encryption-provider-config: cannot read ${file}`,
    });
    writeFileSync(file, ' \n');
    expect(await refusal({ file, isFollowed: false })).toMatchObject({
      message: `--encryption-provider-config: ${file} is empty`,
    });
    writeFileSync(file, secrets({}));
    expect(await refusal({ file, isFollowed: false })).toBeInstanceOf(OptionError);
    expect(await refusal({ file: '', isFollowed: true })).toMatchObject({
      message: '--encryption-provider-config-automatic-reload is given without --encryption-provider-config',
    });
    writeFileSync(file, secrets(one));
    expect(await encryptionChoice({ file, isFollowed: true })).toMatchObject({
      encryption: { file, isFollowed: true },
    });
    expect(await encryptionChoice({ file: undefined, isFollowed: undefined })).toEqual({});
    rmSync(folder, { recursive: true });
  });
});
