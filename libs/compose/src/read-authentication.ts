import { readFileSync } from 'node:fs';
import {
  type AnonymousRule,
  type FrontProxyHeaders,
  type KnownPassword,
  PasswordFileError,
  type WebhookEndpoint,
  parsePasswordFile,
} from '@reckon/serve/authn';
import type { CompiledJwtAuthenticator } from '@reckon/serve/authn/foreign';
import type { furtherAuthenticationFlags } from './flags/authentication-flags';
import type { FlagValues } from './flags/flag-table';
import { OptionError } from './option-error';
import { readOidcFlags } from './read-oidc-flags';
import { frontProxyCaFlag, readAuthorities } from './tls-files';

export type FurtherAuthenticationFlags = FlagValues<{ readonly all: typeof furtherAuthenticationFlags }>;

/** Ways to authenticate that flags add to the usual ones; files are read and found good. */
export interface FurtherAuthentication {
  /** undefined: as `--anonymous-auth` says. */
  readonly anonymous: AnonymousRule | undefined;
  readonly frontProxy: FrontProxyFiles | undefined;
  readonly passwords: PasswordSource | undefined;
  readonly bootstrapTokens: boolean;
  readonly jwt: JwtSource | undefined;
  readonly webhook: WebhookSource | undefined;
}

/** A file of passwords, which may change. */
export interface PasswordSource {
  readonly file: string;
  readonly known: readonly KnownPassword[];
}

export interface FrontProxyFiles {
  /** When the program began. */
  readonly caPem: string;
  /** Where that was read, for it may change; absent for the authority of the data directory. */
  readonly caFile?: string;
  readonly allowedNames: readonly string[];
  readonly headers: FrontProxyHeaders;
}

export interface JwtSource {
  readonly compiled: readonly CompiledJwtAuthenticator[];
  readonly algorithms: readonly string[];
  /** A configuration file, which may change. */
  readonly followed?: { readonly file: string; readonly text: string };
}

export interface WebhookSource {
  readonly endpoint: WebhookEndpoint;
  readonly version: 'v1' | 'v1beta1';
  readonly keptMs: number;
}

export interface ReadAuthenticationOptions {
  readonly flags: FurtherAuthenticationFlags;
  /** Names of all flags that were given. */
  readonly given: ReadonlySet<string>;
  /** `--service-account-issuer`: nobody else may issue in these names. */
  readonly ownIssuers: readonly string[];
  readonly warn: (line: string) => void;
}

/** Throws `OptionError`, which names the flag and the file. */
export async function readAuthentication(options: ReadAuthenticationOptions): Promise<FurtherAuthentication> {
  const { flags } = options;
  const configured = flags['authentication-config'] !== '';
  const clash = [...options.given].find((name) => name.startsWith('oidc-'));
  if (configured && clash !== undefined)
    throw new OptionError(
      'authentication-config file and oidc-* flags are mutually exclusive',
      `say it all in ${flags['authentication-config']}, and leave --${clash} out`,
    );
  const { jwt, anonymous } = configured
    ? await fromConfiguration(options)
    : { jwt: await readOidcFlags(flags, options.ownIssuers, clash), anonymous: undefined };
  return {
    jwt,
    anonymous,
    frontProxy: frontProxyOf(flags, options.warn),
    passwords: passwordsOf(flags['basic-auth-file']),
    bootstrapTokens: flags['enable-bootstrap-token-auth'],
    webhook: await webhookOf(flags),
  };
}

interface JwtAndAnonymous {
  readonly jwt: JwtSource | undefined;
  readonly anonymous: AnonymousRule | undefined;
}

async function fromConfiguration({ flags, given, ownIssuers }: ReadAuthenticationOptions): Promise<JwtAndAnonymous> {
  const flag = '--authentication-config';
  const file = flags['authentication-config'];
  const hint = 'name a file with an AuthenticationConfiguration of apiserver.config.k8s.io/v1';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionError(`${flag}: cannot read ${file}`, hint, { cause });
  }
  const { AuthenticationConfigurationError, readAuthenticationConfiguration, signingAlgorithms } =
    await import('@reckon/serve/authn/foreign');
  try {
    const { jwt, anonymous } = await readAuthenticationConfiguration(text, ownIssuers);
    if (anonymous !== undefined && given.has('anonymous-auth'))
      throw new OptionError(
        '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
        `leave one of them out: --anonymous-auth, or anonymous in ${file}`,
      );
    return { jwt: { compiled: jwt, algorithms: signingAlgorithms, followed: { file, text } }, anonymous };
  } catch (cause) {
    if (!(cause instanceof AuthenticationConfigurationError)) throw cause;
    throw new OptionError(`${flag}: ${file}: ${cause.message}`, hint, { cause });
  }
}

/** What servers behind this one read; of the uid, which came later, upstream makes it an error (`RequestHeaderAuthenticationOptions.Validate`). */
const standardHeaders = [
  ['requestheader-username-headers', 'X-Remote-User', 'header'],
  ['requestheader-group-headers', 'X-Remote-Group', 'header'],
  ['requestheader-extra-headers-prefix', 'X-Remote-Extra-', 'header prefix'],
  ['requestheader-uid-headers', 'X-Remote-Uid', 'header'],
] as const;

function frontProxyOf(flags: FurtherAuthenticationFlags, warn: (line: string) => void): FrontProxyFiles | undefined {
  const lists = {
    'requestheader-username-headers': flags['requestheader-username-headers'],
    'requestheader-uid-headers': flags['requestheader-uid-headers'],
    'requestheader-group-headers': flags['requestheader-group-headers'],
    'requestheader-extra-headers-prefix': flags['requestheader-extra-headers-prefix'],
    'requestheader-allowed-names': flags['requestheader-allowed-names'],
  };
  for (const [name, values] of Object.entries(lists))
    if (values.some((value) => value.trim() === ''))
      throw new OptionError(`--${name}: empty value in "${name}"`, 'name headers, separated by commas');
  for (const [name, standard, what] of standardHeaders) {
    const values = flags[name];
    if (values.length === 0 || values.some((value) => value.toLowerCase() === standard.toLowerCase())) continue;
    const problem = `--${name} is set without specifying the standard ${standard} ${what} - API aggregation will not work`;
    if (name === 'requestheader-uid-headers') throw new OptionError(problem, `name ${standard} among them`);
    warn(`reckon: ${problem}`);
  }
  const file = flags['requestheader-client-ca-file'];
  if (file === '') return undefined;
  return {
    caPem: readAuthorities(file, frontProxyCaFlag),
    caFile: file,
    allowedNames: flags['requestheader-allowed-names'],
    headers: {
      username: flags['requestheader-username-headers'],
      uid: flags['requestheader-uid-headers'],
      group: flags['requestheader-group-headers'],
      extraPrefix: flags['requestheader-extra-headers-prefix'],
    },
  };
}

function passwordsOf(file: string): PasswordSource | undefined {
  if (file === '') return undefined;
  const hint = 'name a file with lines of password,user,uid,"group1,group2"';
  try {
    return { file, known: parsePasswordFile(readFileSync(file, 'utf8')) };
  } catch (cause) {
    const why = cause instanceof PasswordFileError ? `${file}: ${cause.message}` : `cannot read ${file}`;
    throw new OptionError(`--basic-auth-file: ${why}`, hint, { cause });
  }
}

async function webhookOf(flags: FurtherAuthenticationFlags): Promise<WebhookSource | undefined> {
  const flag = '--authentication-token-webhook-config-file';
  const file = flags['authentication-token-webhook-config-file'];
  const version = flags['authentication-token-webhook-version'];
  if (version !== 'v1' && version !== 'v1beta1')
    throw new OptionError(
      `--authentication-token-webhook-version: unsupported authentication webhook version ${JSON.stringify(version)}, supported versions are v1 and v1beta1`,
      'name one of them',
    );
  if (file === '') return undefined;
  const { readReviewEndpoint } = await import('./review-endpoint');
  try {
    return {
      endpoint: readReviewEndpoint(file),
      version,
      keptMs: flags['authentication-token-webhook-cache-ttl'],
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(
      `${flag}: ${why}`,
      `${file} must be a kubeconfig whose current context leads to the webhook, with its certificates`,
      { cause },
    );
  }
}
