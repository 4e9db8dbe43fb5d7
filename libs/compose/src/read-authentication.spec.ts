import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { authenticationFlags } from './flags/authentication-flags';
import { parseFlags } from './flags/parse-flags';
import { OptionError } from './option-error';
import { type FurtherAuthentication, readAuthentication } from './read-authentication';

const folder = mkdtempSync(join(tmpdir(), 'reckon-read-authentication-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const table = { program: 'test', about: '', sections: { Authentication: authenticationFlags }, idle: [] };
const warnings: string[] = [];

/** What the flags give, or what is told of them without the folder. */
async function read(...args: string[]): Promise<FurtherAuthentication | string> {
  const { values: flags, given } = parseFlags(table, args);
  try {
    const ownIssuers = flags['service-account-issuer'];
    return await readAuthentication({ flags, given, ownIssuers, warn: (line) => warnings.push(line) });
  } catch (error) {
    if (error instanceof OptionError) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
}
const issuer = ['--oidc-issuer-url=https://issuer.example', '--oidc-client-id=reckon'];
const configuration = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };

describe('the flags of authentication', () => {
  it('add nothing where none is given', async () => {
    expect(await read()).toEqual({
      anonymous: undefined,
      frontProxy: undefined,
      passwords: undefined,
      bootstrapTokens: false,
      jwt: undefined,
      webhook: undefined,
    });
  });

  it('stand for a configuration of one issuer', async () => {
    const of = async (...args: string[]): Promise<unknown> => {
      const told = await read(...issuer, ...args);
      return typeof told === 'string' ? told : told.jwt?.compiled[0]?.config.claimMappings.username;
    };
    expect(await of()).toEqual({ claim: 'sub', prefix: 'https://issuer.example#', expression: '' });
    expect(await of('--oidc-username-claim=email')).toMatchObject({ claim: 'email', prefix: '' });
    expect(await of('--oidc-username-prefix=-')).toMatchObject({ prefix: '' });
    expect(await of('--oidc-username-prefix=x:')).toMatchObject({ prefix: 'x:' });
    const told = await read(
      ...issuer,
      '--oidc-required-claim=b=1,2',
      '--oidc-required-claim=a=x=y',
      '--oidc-groups-claim=g',
    );
    expect(told).toMatchObject({
      jwt: {
        algorithms: ['RS256'],
        compiled: [
          {
            config: {
              claimMappings: { groups: { claim: 'g', prefix: '' } },
              claimValidationRules: [
                { claim: 'a', requiredValue: 'x=y' },
                { claim: 'b', requiredValue: '1,2' },
              ],
            },
          },
        ],
      },
    });
  });

  it('say where the headers of front proxies are not those that other servers read', async () => {
    warnings.length = 0;
    expect(
      await read('--requestheader-username-headers=X-User', '--requestheader-group-headers=x-remote-GROUP'),
    ).toEqual(await read());
    await read('--requestheader-extra-headers-prefix=X-Extra-');
    const works = 'API aggregation will not work';
    expect(warnings).toEqual([
      `reckon: --requestheader-username-headers is set without specifying the standard X-Remote-User header - ${works}`,
      `reckon: --requestheader-extra-headers-prefix is set without specifying the standard X-Remote-Extra- header prefix - ${works}`,
    ]);
    expect(await read('--requestheader-uid-headers=X-Uid')).toBe(
      `--requestheader-uid-headers is set without specifying the standard X-Remote-Uid header - ${works}`,
    );
  });

  it('name what is wrong, and where', async () => {
    const nothing = 'data does not contain any valid RSA or ECDSA certificates';
    const empty = file('empty', '');
    const passwords = file('passwords', 'a,b,c\nd,e\n');
    const clash = file('clash.yaml', JSON.stringify({ ...configuration, anonymous: { enabled: true } }));
    const unknown = file('unknown.yaml', JSON.stringify({ ...configuration, x: 1 }));
    const own = JSON.stringify({
      ...configuration,
      jwt: [
        {
          issuer: { url: 'https://kubernetes.default.svc', audiences: ['a'] },
          claimMappings: { username: { claim: 'sub', prefix: '' } },
        },
      ],
    });
    const table: readonly (readonly [readonly string[], string])[] = [
      [
        ['--oidc-issuer-url=https://x'],
        'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      ],
      [
        ['--oidc-groups-claim=x'],
        'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      ],
      [
        [...issuer, '--oidc-issuer-url=http://x'],
        'jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https',
      ],
      [[...issuer, '--oidc-issuer-url=https://kubernetes.default.svc'], 'URL must not overlap with disallowed issuers'],
      [[...issuer, '--oidc-signing-algs=HS256'], '--oidc-signing-algs: oidc: unsupported signing alg: "HS256"'],
      [[...issuer, '--oidc-signing-algs=none'], '--oidc-signing-algs: oidc: unsupported signing alg: "none"'],
      [[...issuer, '--oidc-ca-file', join(folder, 'none')], '--oidc-ca-file: cannot read none'],
      [[...issuer, '--oidc-ca-file', empty.replace('empty', 'passwords')], nothing],
      [
        [...issuer, '--authentication-config', clash],
        'authentication-config file and oidc-* flags are mutually exclusive',
      ],
      [['--authentication-config', join(folder, 'none')], '--authentication-config: cannot read none'],
      [['--authentication-config', empty], '--authentication-config: empty: empty config data'],
      [
        ['--authentication-config', unknown],
        '--authentication-config: unknown.yaml: strict decoding error: unknown field "x"',
      ],
      [
        ['--authentication-config', file('own.yaml', own)],
        'URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]',
      ],
      [
        ['--authentication-config', clash, '--anonymous-auth=true'],
        '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
      ],
      [['--basic-auth-file', join(folder, 'none')], '--basic-auth-file: cannot read none'],
      [['--basic-auth-file', passwords], '--basic-auth-file: passwords: password file, line 2: at least 3 columns'],
      [['--requestheader-client-ca-file', join(folder, 'none')], '--requestheader-client-ca-file: cannot read none'],
      [['--requestheader-client-ca-file', passwords], `--requestheader-client-ca-file: passwords: ${nothing}`],
      [
        ['--requestheader-group-headers= '],
        '--requestheader-group-headers: empty value in "requestheader-group-headers"',
      ],
      [['--authentication-token-webhook-version=v2'], '--authentication-token-webhook-version: unsupported'],
      [
        ['--authentication-token-webhook-config-file', join(folder, 'none')],
        '--authentication-token-webhook-config-file: cannot read kubeconfig none',
      ],
    ];
    for (const [args, told] of table) expect(await read(...args), args.join(' ')).toContain(told);
  });
});
