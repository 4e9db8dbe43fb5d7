import type { KubeObject } from '@reckon/api/machinery';
import type { Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Authorizer } from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import type { ConditionMetrics } from '../expressions/condition-metrics';
import { isExempt } from '../matching/exempt';
import { type HookIndex, hookIndex } from '../matching/hook-index';
import { matchRules } from '../matching/rule-matching';
import type { ObjectReader } from '../object-reader';
import type { ObjectForms } from '../versioned-request';
import type { CallerParts } from './call-webhook';
import { answerReader } from './review-answer';
import { endpointResolver, type ServiceResolver } from './service-resolver';
import type { ShouldCallParts } from './should-call';
import { type Webhook, webhooksOf } from './webhook';
import { webhookClients } from './webhook-client';
import type { CredentialsOf } from './webhook-endpoint';
import { type CallOutcome, webhookMetrics } from './webhook-metrics';

/** What both webhook plugins stand on; each has an index of its own. */
export interface WebhookParts extends CallerParts, ShouldCallParts {
  readonly index: HookIndex<Webhook>;
  readonly forms: ObjectForms;
  readonly metrics: (outcome: CallOutcome) => void;
  readonly logger: Pick<Logger, 'warn'>;
}

export interface WebhookOptions {
  readonly storage: Pick<Storage, 'observe'>;
  readonly objects: ObjectReader;
  readonly forms: ObjectForms;
  readonly authorizer: Pick<Authorizer, 'authorize'> | undefined;
  /** Default: one of the ready endpoints of the Service. */
  readonly services?: ServiceResolver | undefined;
  readonly random: Random;
  readonly timers: Pick<Timers, 'after'>;
  readonly clock: Monotonic;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: MetricsRegistry | undefined;
  readonly conditionMetrics: ConditionMetrics;
}

export interface WebhookMachinery {
  /** `credentialsOf`: who the server is to them; default: nobody in particular. */
  partsOf(
    resource: 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations',
    credentialsOf?: CredentialsOf,
  ): WebhookParts;
  stop(): void;
}

/** One pool of connections for both plugins. */
export function webhookMachinery(options: WebhookOptions): WebhookMachinery {
  const { objects, forms, random, clock, authorizer, logger } = options;
  const clients = webhookClients(options);
  const indexes: HookIndex<Webhook>[] = [];
  const shared: Omit<WebhookParts, 'index' | 'credentialsOf' | 'type'> = {
    objects,
    forms,
    random,
    clock,
    authorizer,
    logger,
    clients,
    services: options.services ?? endpointResolver(objects, random),
    readAnswer: answerReader(forms.kinds),
    metrics: webhookMetrics(options.metrics),
    conditionMetrics: options.conditionMetrics,
  };
  return {
    partsOf(resource, credentialsOf = () => ({})) {
      const index = hookIndex<Webhook>({
        storage: options.storage,
        resource: { group: 'admissionregistration.k8s.io', resource },
        kinds: forms.kinds,
        hooksOf: (configuration: KubeObject) => webhooksOf(configuration),
        match: (hook, request) => matchRules(hook.rules, hook.isEquivalent, request, forms.kinds),
        isExempt,
      });
      indexes.push(index);
      const type = resource === 'mutatingwebhookconfigurations' ? 'admit' : 'validating';
      return { ...shared, credentialsOf, index, type };
    },
    stop() {
      for (const index of indexes) index.stop();
      clients.close();
    },
  };
}
