import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Authorizer } from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { type ConditionMetrics, conditionMetrics } from './expressions/condition-metrics';
import type { ObjectReader } from './object-reader';
import type { AdmissionPlugin } from './plugin';
import type { PluginName } from './plugin-names';
import { mutatingPolicies } from './policies/mutating-policies';
import { mutatingPolicy } from './policies/mutating-policy';
import { policyMetrics } from './policies/policy-metrics';
import { type Policy, policyIndex } from './policies/policy-index';
import type { PolicyParts } from './policies/policy-parts';
import { validatingPolicies } from './policies/validating-policies';
import { validatingPolicy } from './policies/validating-policy';
import { objectForms } from './versioned-request';
import { mutatingWebhooks } from './webhooks/mutating-webhooks';
import type { ServiceResolver } from './webhooks/service-resolver';
import { validatingWebhooks } from './webhooks/validating-webhooks';
import type { CredentialsOf } from './webhooks/webhook-endpoint';
import { type WebhookMachinery, webhookMachinery } from './webhooks/webhook-parts';

/** What the plugins need that are configured by objects: webhooks and policies. */
export interface CallingOut {
  readonly storage: Pick<Storage, 'observe'>;
  readonly kinds: KindRegistry;
  /** Sets the defaults of the stored form of a row's objects, as they come to a subresource ('' for the object itself). */
  readonly defaultsOf: (row: ResourceRow, subresource: string) => ((object: KubeObject) => void) | undefined;
  readonly clock: Monotonic;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Default: one of the ready endpoints of the Service. */
  readonly services?: ServiceResolver;
  /** Who the server is to webhooks, by plugin; default: nobody in particular. */
  readonly credentials?: Readonly<Partial<Record<WebhookPluginName, CredentialsOf>>>;
}

export type WebhookPluginName = 'MutatingAdmissionWebhook' | 'ValidatingAdmissionWebhook';

export interface CallingOutParts extends CallingOut {
  readonly objects: ObjectReader;
  readonly authorizer: Pick<Authorizer, 'authorize'> | undefined;
  readonly random: Random;
  readonly metrics: MetricsRegistry | undefined;
  readonly onStop: (stop: () => void) => void;
}

type Factories = Partial<Record<PluginName, () => AdmissionPlugin>>;

/** Each begins to follow its objects when it is made, so that a plugin that is switched off costs nothing. */
export function callingOutPlugins(parts: CallingOutParts): Factories {
  const forms = objectForms(parts.kinds, parts.defaultsOf);
  let judged: ConditionMetrics | undefined;
  const judgedMetrics = (): ConditionMetrics => (judged ??= conditionMetrics(parts.metrics));
  const { credentials = {} } = parts;
  let webhooks: WebhookMachinery | undefined;
  const machinery = (): WebhookMachinery => {
    if (webhooks === undefined) {
      const made = webhookMachinery({ ...parts, forms, conditionMetrics: judgedMetrics() });
      parts.onStop(() => {
        made.stop();
      });
      webhooks = made;
    }
    return webhooks;
  };
  const policies = <P extends Policy>(
    resource: string,
    bindings: string,
    policyOf: (object: KubeObject) => P,
  ): PolicyParts<P> => {
    const type = resource.startsWith('validating') ? 'validating' : 'mutating';
    const { storage, kinds, objects, authorizer } = parts;
    const index = policyIndex({ storage, kinds, policies: resource, bindings, policyOf });
    parts.onStop(() => {
      index.stop();
    });
    return {
      index,
      kinds,
      objects,
      authorizer,
      forms,
      clock: parts.clock,
      metrics: policyMetrics(parts.metrics, type),
      conditionMetrics: judgedMetrics(),
    };
  };
  return {
    MutatingAdmissionPolicy: () =>
      mutatingPolicies(policies('mutatingadmissionpolicies', 'mutatingadmissionpolicybindings', mutatingPolicy)),
    ValidatingAdmissionPolicy: () =>
      validatingPolicies(
        policies('validatingadmissionpolicies', 'validatingadmissionpolicybindings', validatingPolicy),
      ),
    MutatingAdmissionWebhook: () =>
      mutatingWebhooks(machinery().partsOf('mutatingwebhookconfigurations', credentials.MutatingAdmissionWebhook)),
    ValidatingAdmissionWebhook: () =>
      validatingWebhooks(
        machinery().partsOf('validatingwebhookconfigurations', credentials.ValidatingAdmissionWebhook),
      ),
  };
}
