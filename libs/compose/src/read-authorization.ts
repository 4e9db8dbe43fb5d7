import { readFileSync } from 'node:fs';
import {
  type AbacPolicy,
  type AuthorizerType,
  PolicyFileError,
  authorizerTypes,
  isAuthorizerType,
  isReviewVersion,
  modesConfiguration,
  parsePolicyFile,
} from '@reckon/serve/authz';
import type { Authorization } from './authorizers';
import { OptionError } from './option-error';

/** The flags of authorization, by their names; `given` says which were given. */
export interface AuthorizationFlags {
  readonly 'authorization-config': string;
  readonly 'authorization-mode': readonly string[];
  readonly 'authorization-policy-file': string;
  readonly 'authorization-webhook-cache-authorized-ttl': number;
  readonly 'authorization-webhook-cache-unauthorized-ttl': number;
  readonly 'authorization-webhook-config-file': string;
  readonly 'authorization-webhook-version': string;
}

export interface ReadAuthorizationOptions {
  readonly flags: AuthorizationFlags;
  readonly given: ReadonlySet<string>;
  readonly warn: (line: string) => void;
}

/** Flags that a configuration file replaces (pkg/kubeapiserver/options `AreLegacyFlagsSet`). */
const replaced: readonly (keyof AuthorizationFlags)[] = [
  'authorization-mode',
  'authorization-webhook-config-file',
  'authorization-webhook-version',
  'authorization-webhook-cache-authorized-ttl',
  'authorization-webhook-cache-unauthorized-ttl',
];

/** Who decides, as the flags say. Throws `OptionError`. */
export async function readAuthorization(options: ReadAuthorizationOptions): Promise<Authorization> {
  return options.flags['authorization-config'] === '' ? fromModes(options) : fromConfig(options);
}

async function fromModes(options: ReadAuthorizationOptions): Promise<Authorization> {
  const { flags } = options;
  const modes = authorizationModes(flags['authorization-mode']);
  const policyFile = flags['authorization-policy-file'];
  if (modes.includes('ABAC') && policyFile === '')
    throw new OptionError(
      "--authorization-mode: authorization-mode ABAC's authorization policy file not passed",
      'name it with --authorization-policy-file',
    );
  if (!modes.includes('ABAC') && policyFile !== '')
    throw new OptionError(
      'cannot specify --authorization-policy-file without mode ABAC',
      'add ABAC to --authorization-mode, or leave the file out',
    );
  const webhookFile = flags['authorization-webhook-config-file'];
  if (modes.includes('Webhook') && webhookFile === '')
    throw new OptionError(
      "--authorization-mode: authorization-mode Webhook's authorization config file not passed",
      'name a kubeconfig that leads to it with --authorization-webhook-config-file',
    );
  if (!modes.includes('Webhook') && webhookFile !== '')
    throw new OptionError(
      'cannot specify --authorization-webhook-config-file without mode Webhook',
      'add Webhook to --authorization-mode, or leave the file out',
    );
  const version = flags['authorization-webhook-version'];
  if (!isReviewVersion(version))
    throw new OptionError(
      `--authorization-webhook-version: unsupported webhook authorizer version "${version}", supported versions are "v1", "v1beta1"`,
      'name one of them',
    );
  return {
    configuration: modesConfiguration(modes, {
      kubeConfigFile: webhookFile,
      version,
      authorizedTtlMs: flags['authorization-webhook-cache-authorized-ttl'],
      unauthorizedTtlMs: flags['authorization-webhook-cache-unauthorized-ttl'],
    }),
    ...policiesOf(options, modes.includes('ABAC')),
    ...(modes.includes('Webhook')
      ? { webhooks: await webhooksFor('--authorization-webhook-config-file', [webhookFile]) }
      : {}),
  };
}

async function fromConfig(options: ReadAuthorizationOptions): Promise<Authorization> {
  const flag = '--authorization-config';
  const file = options.flags['authorization-config'];
  const clash = replaced.find((name) => options.given.has(name));
  if (clash !== undefined)
    throw new OptionError(
      `${flag} can not be specified when --authorization-mode or --authorization-webhook-* flags are defined`,
      `say it all in ${file}, and leave --${clash} out`,
    );
  const content = contentOf(flag, file, 'name a file with an AuthorizationConfiguration of apiserver.config.k8s.io/v1');
  const { readAuthorizationConfig } = await import('./config/authorization-config');
  const read = (text: string, required?: Iterable<string>) => {
    try {
      return readAuthorizationConfig(text, required);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OptionError(`${flag}: ${file}: ${why}`, 'it must hold a valid AuthorizationConfiguration', { cause });
    }
  };
  const configuration = read(content);
  const types = configuration.authorizers.map(({ type }) => type);
  const hasAbac = types.includes('ABAC');
  if (hasAbac && options.flags['authorization-policy-file'] === '')
    throw new OptionError(
      `${flag}: ${file} has an authorizer of type ABAC, and no policies are named`,
      'name them with --authorization-policy-file',
    );
  const kubeconfigs = configuration.authorizers.flatMap(({ webhook }) => webhook?.connectionInfo.kubeConfigFile ?? []);
  const required = new Set(types.filter((type) => type !== 'Webhook'));
  return {
    configuration,
    ...policiesOf(options, hasAbac),
    // A later version of the file may name some.
    webhooks: await webhooksFor(flag, kubeconfigs),
    reload: { file, text: content, read: (text) => readAuthorizationConfig(text, required) },
  };
}

/** The texts of `--authorization-mode`. Throws `OptionError` for what is no mode. */
export function authorizationModes(texts: readonly string[]): readonly AuthorizerType[] {
  const hint = `the modes are ${authorizerTypes.join(', ')}`;
  const modes = texts.map((text) => {
    if (!isAuthorizerType(text)) throw new OptionError(`--authorization-mode: "${text}" is not a valid mode`, hint);
    return text;
  });
  const twice = modes.find((mode, i) => modes.indexOf(mode) !== i);
  if (twice !== undefined)
    throw new OptionError(`--authorization-mode: ${twice} is specified more than once`, 'name it once');
  if (modes.length === 0)
    throw new OptionError('--authorization-mode: at least one authorization-mode must be passed', hint);
  return modes;
}

function policiesOf(
  { flags, warn }: ReadAuthorizationOptions,
  isUsed: boolean,
): { readonly policies?: readonly AbacPolicy[] } {
  if (!isUsed) return {};
  const flag = '--authorization-policy-file';
  const file = flags['authorization-policy-file'];
  const content = contentOf(flag, file, 'name a file with a policy of ABAC in each line');
  try {
    const { policies, unversioned } = parsePolicyFile(content);
    if (unversioned > 0)
      warn(
        `reckon: ${file}: ${String(unversioned)} policies have no apiVersion: they are read as the old form, which allows all that they do not name`,
      );
    return { policies };
  } catch (cause) {
    if (!(cause instanceof PolicyFileError)) throw cause;
    throw new OptionError(
      `${flag}: error reading policy file ${file}, ${cause.message}`,
      'each line is like {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "alice", "namespace": "*", "resource": "*", "apiGroup": "*"}}',
      { cause },
    );
  }
}

function contentOf(flag: string, file: string, hint: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionError(`${flag}: cannot read ${file}`, hint, { cause });
  }
}

/** Every kubeconfig is read now, so that a broken one is told before the server starts. */
async function webhooksFor(
  flag: string,
  kubeconfigs: readonly string[],
): Promise<NonNullable<Authorization['webhooks']>> {
  const { authorizationWebhooks } = await import('./authorization-webhooks');
  const { readReviewEndpoint } = await import('./review-endpoint');
  for (const file of kubeconfigs) {
    try {
      readReviewEndpoint(file);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OptionError(
        `${flag}: ${why}`,
        `${file} must be a kubeconfig whose current context leads to the webhook, with its certificates`,
        { cause },
      );
    }
  }
  return authorizationWebhooks;
}
