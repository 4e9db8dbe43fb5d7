import { type FieldError, fieldPath } from '@reckon/api/machinery';
import type { JwtAuthenticatorConfig } from '@reckon/serve/authn/foreign';
import { readPem } from './component-server/serving-certificate';
import { OptionError } from './option-error';
import type { FurtherAuthenticationFlags, JwtSource } from './read-authentication';

/** `--oidc-*`; `anyOidc` is one of them that was given. Throws `OptionError`. */
export async function readOidcFlags(
  flags: FurtherAuthenticationFlags,
  ownIssuers: readonly string[],
  anyOidc: string | undefined,
): Promise<JwtSource | undefined> {
  const issuer = flags['oidc-issuer-url'];
  if (anyOidc !== undefined && (issuer === '' || flags['oidc-client-id'] === ''))
    throw new OptionError(
      'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
      'give both --oidc-issuer-url and --oidc-client-id',
    );
  if (issuer === '') return undefined;
  const { compileJwtAuthenticator, signingAlgorithms } = await import('@reckon/serve/authn/foreign');
  const algorithms = flags['oidc-signing-algs'];
  const unknown = algorithms.find((algorithm) => !signingAlgorithms.some((known) => known === algorithm));
  if (unknown !== undefined)
    throw new OptionError(
      `--oidc-signing-algs: oidc: unsupported signing alg: ${JSON.stringify(unknown)}`,
      `the algorithms are ${signingAlgorithms.join(', ')}`,
    );
  const errors: FieldError[] = [];
  const compiled = compileJwtAuthenticator(configurationOf(flags), fieldPath('jwt').index(0), ownIssuers, errors);
  if (errors.length > 0)
    throw new OptionError(
      `--oidc-issuer-url and its like: ${errors.map(String).join('; ')}`,
      'the issuer is an https URL, --oidc-ca-file a PEM file with certificates',
    );
  return { compiled: [compiled], algorithms };
}

/** The configuration that the flags stand for (pkg/kubeapiserver/options `ToAuthenticationConfig`). */
function configurationOf(flags: FurtherAuthenticationFlags): JwtAuthenticatorConfig {
  const url = flags['oidc-issuer-url'];
  const caFile = flags['oidc-ca-file'];
  const groupsClaim = flags['oidc-groups-claim'];
  const required = Object.entries(flags['oidc-required-claim']).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    issuer: {
      url,
      discoveryURL: '',
      certificateAuthority: caFile === '' ? '' : readPem(caFile, '--oidc-ca-file'),
      audiences: [flags['oidc-client-id']],
      audienceMatchPolicy: '',
      egressSelectorType: '',
    },
    claimMappings: {
      username: { claim: flags['oidc-username-claim'], prefix: usernamePrefix(flags), expression: '' },
      groups: {
        claim: groupsClaim,
        prefix: groupsClaim === '' ? undefined : flags['oidc-groups-prefix'],
        expression: '',
      },
      uid: { claim: '', expression: '' },
      extra: [],
    },
    claimValidationRules: required.map(([claim, requiredValue]) => ({
      claim,
      requiredValue,
      expression: '',
      message: '',
    })),
    userValidationRules: [],
  };
}

/** Names of different issuers must not clash, but an address is one by itself. */
function usernamePrefix(flags: FurtherAuthenticationFlags): string {
  const prefix = flags['oidc-username-prefix'];
  if (prefix === '-') return '';
  if (prefix !== '' || flags['oidc-username-claim'] === 'email') return prefix;
  return `${flags['oidc-issuer-url']}#`;
}
