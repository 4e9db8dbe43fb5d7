import type { Authorization } from './authorizers';
import { authorizationFlags } from './flags/authorization-flags';
import { parseFlags } from './flags/parse-flags';
import { readAuthorization } from './read-authorization';

/** The flags of authorization as `reckon up` takes them: texts, absent where nothing was given. */
export interface ClusterAuthorization {
  /** Default: Node,RBAC. The agents of the cluster need RBAC, or another that lets them do their work. */
  readonly authorizationMode?: string;
  readonly authorizationConfig?: string;
  readonly authorizationPolicyFile?: string;
  readonly authorizationWebhookConfigFile?: string;
  readonly authorizationWebhookVersion?: string;
  readonly authorizationWebhookCacheAuthorizedTtl?: string;
  readonly authorizationWebhookCacheUnauthorizedTtl?: string;
}

const table = { program: 'kube-apiserver', about: '', sections: { Authorization: authorizationFlags }, idle: [] };

/** Who decides in a whole cluster. Throws `OptionError`. */
export function clusterAuthorization(
  options: ClusterAuthorization,
  warn: (line: string) => void,
): Promise<Authorization> {
  const texts = {
    'authorization-mode': options.authorizationMode,
    'authorization-config': options.authorizationConfig,
    'authorization-policy-file': options.authorizationPolicyFile,
    'authorization-webhook-config-file': options.authorizationWebhookConfigFile,
    'authorization-webhook-version': options.authorizationWebhookVersion,
    'authorization-webhook-cache-authorized-ttl': options.authorizationWebhookCacheAuthorizedTtl,
    'authorization-webhook-cache-unauthorized-ttl': options.authorizationWebhookCacheUnauthorizedTtl,
  } satisfies Record<keyof typeof authorizationFlags, string | undefined>;
  const args = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : `--${name}=${text}`));
  const { values, given } = parseFlags(table, args);
  const flags = given.has('authorization-mode') ? values : { ...values, 'authorization-mode': ['Node', 'RBAC'] };
  return readAuthorization({ flags, given, warn });
}
