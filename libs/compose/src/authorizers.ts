import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import {
  type AbacPolicy,
  type AuthorizationConfiguration,
  type Authorizer,
  type AuthorizerConfiguration,
  type AuthorizerType,
  type RbacPolicy,
  type RuleResolver,
  type WebhookConfiguration,
  abacAuthorizer,
  alwaysAllow,
  alwaysDeny,
  decisionCounter,
  isAuthorizerType,
  manyNodesAuthorizer,
  modesConfiguration,
  nodeAuthorizer,
  privilegedGroupAuthorizer,
  rbacPolicy,
  unionAuthorizer,
} from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { startConfigurationReload } from './configuration-reload';

/** A configuration file that may change while the server runs. */
export interface ReloadSource {
  readonly file: string;
  /** What it held when the server began. */
  readonly text: string;
  /** Throws what is wrong with a text. */
  readonly read: (text: string) => AuthorizationConfiguration;
}

/** Who decides, as the flags have it. */
export interface Authorization {
  readonly configuration: AuthorizationConfiguration;
  /** The policies of `--authorization-policy-file`. */
  readonly policies?: readonly AbacPolicy[];
  /** What webhooks need; absent where there is none, since it is much code. */
  readonly webhooks?: WebhookFactory;
  /** The file that the configuration is from, which may change. */
  readonly reload?: ReloadSource;
}

export interface AuthorizersParts {
  readonly storage: Storage;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Makes the authorizers of one server that ask others. Throws where a kubeconfig cannot be used. */
export type WebhookFactory = (
  parts: Omit<AuthorizersParts, 'storage'>,
) => (name: string, webhook: WebhookConfiguration) => WebhookMember;

export interface Authorizers {
  /** All of them, in their order. */
  readonly authorizer: Authorizer;
  /** Those who can say what somebody may do, at this moment. */
  readonly resolvers: () => readonly RuleResolver[];
  /** The stored policy, whether or not it decides: what may be written into it must be known. */
  readonly rbac: RbacPolicy;
  stop(): Promise<void>;
}

type Member = Authorizer & RuleResolver;
type WebhookMember = Member & { stop(): void };

/** Longer than a webhook is waited for. */
const retiredMs = 60_000;

/** Modes that need nothing beside them. */
export const modesAuthorization = (...modes: readonly AuthorizerType[]): Authorization => ({
  configuration: modesConfiguration(modes),
});

/** Whether everybody may do everything. */
export const allowsEverybody = ({ configuration }: Authorization): boolean =>
  configuration.authorizers.some(({ type }) => type === 'AlwaysAllow');

interface Chosen {
  readonly authorizer: Authorizer;
  readonly resolvers: readonly RuleResolver[];
  readonly webhooks: readonly WebhookMember[];
}

/** Who decides what may be done: the privileged group always may, then those of the configuration in their order. */
export function createAuthorizers(authorization: Authorization, parts: AuthorizersParts): Authorizers {
  const { storage, metrics } = parts;
  const rbac = rbacPolicy(storage);
  const hasNode = authorization.configuration.authorizers.some(({ type }) => type === 'Node');
  const node = hasNode ? nodeAuthorizer({ storage }) : undefined;
  const builtIn: Readonly<Record<Exclude<AuthorizerType, 'Webhook'>, Member | undefined>> = {
    ABAC: authorization.policies === undefined ? undefined : abacAuthorizer(authorization.policies),
    AlwaysAllow: alwaysAllow,
    AlwaysDeny: alwaysDeny,
    Node: node,
    RBAC: authorization.configuration.authorizers.some(({ type }) => type === 'RBAC') ? rbac : undefined,
  };
  const counted = decisionCounter(metrics);
  const webhookOf = authorization.webhooks?.(parts);
  const always = [privilegedGroupAuthorizer, manyNodesAuthorizer()];

  function memberOf({ type, name, webhook }: AuthorizerConfiguration): Member | WebhookMember {
    if (!isAuthorizerType(type)) throw new Error(`unknown authorization mode ${type} specified`);
    if (type === 'Webhook') {
      if (webhookOf === undefined || webhook === undefined) throw new Error(`webhook ${name} has no configuration`);
      return webhookOf(name, webhook);
    }
    const member = builtIn[type];
    if (member === undefined)
      throw new Error(`authorizer type ${type} is not allowed if it was not enabled at initial server startup`);
    return member;
  }

  function choose({ authorizers }: AuthorizationConfiguration): Chosen {
    const webhooks: WebhookMember[] = [];
    const members = authorizers.map((configuration) => {
      const member = memberOf(configuration);
      if (configuration.type === 'Webhook' && 'stop' in member) webhooks.push(member);
      return { configuration, member };
    });
    const asked = members.map(({ configuration: { type, name }, member }) => counted(type, name, member));
    return {
      authorizer: unionAuthorizer([...always, ...asked]),
      resolvers: members.map(({ member }) => member),
      webhooks,
    };
  }

  let current = choose(authorization.configuration);
  let said = JSON.stringify(authorization.configuration);
  const retired = new Set<WebhookMember>();
  const { reload } = authorization;
  const reloading =
    reload === undefined
      ? undefined
      : startConfigurationReload({
          of: 'authorization',
          ...parts,
          ...reload,
          use(text) {
            const configuration = reload.read(text);
            // Other words for the same: connections and remembered answers stay.
            const saying = JSON.stringify(configuration);
            if (saying === said) return 'same';
            // As upstream: who cannot be made of it is not tried again.
            said = saying;
            const next = choose(configuration);
            const { webhooks } = current;
            current = next;
            // Whoever is being asked may answer.
            for (const webhook of webhooks) retired.add(webhook);
            parts.timers.after(retiredMs, () => {
              for (const webhook of webhooks) if (retired.delete(webhook)) webhook.stop();
            });
            return 'used';
          },
        });

  return {
    authorizer: { name: 'union', authorize: (attributes) => current.authorizer.authorize(attributes) },
    resolvers: () => current.resolvers,
    rbac,
    async stop() {
      await reloading?.stop();
      for (const webhook of [...retired, ...current.webhooks]) webhook.stop();
      retired.clear();
      node?.stop();
      rbac.stop();
    },
  };
}
