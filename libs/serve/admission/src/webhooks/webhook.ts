import { type LabelSelector, labelSelectorFromObject } from '@reckon/api/machinery';
import type { admissionregistrationv1 } from '@reckon/api/types';
import { type MatchConditions, matchConditions } from '../expressions/match-conditions';
import type { Rule } from '../matching/rule-matching';

type MutatingWebhook = admissionregistrationv1.MutatingWebhook;
export type WebhookConfiguration =
  admissionregistrationv1.MutatingWebhookConfiguration | admissionregistrationv1.ValidatingWebhookConfiguration;

/** One webhook of a configuration, ready to be asked. */
export interface Webhook {
  readonly name: string;
  readonly configuration: string;
  /** Stays the same while the configuration and its place in it do. */
  readonly id: string;
  readonly rules: readonly Rule[];
  readonly isEquivalent: boolean;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly conditions: MatchConditions | undefined;
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** It may be asked about what is not going to happen. */
  readonly takesDryRun: boolean;
  readonly timeoutMs: number;
  /** The first of its versions of AdmissionReview that is known here. */
  readonly reviewVersion: 'v1' | 'v1beta1' | undefined;
  readonly clientConfig: admissionregistrationv1.WebhookClientConfig;
  readonly isReinvocable: boolean;
}

/** Of a stored configuration: checked and defaulted. */
export function webhooksOf(configuration: WebhookConfiguration): Webhook[] {
  const { name: of = '' } = configuration.metadata;
  const seen = new Map<string, number>();
  return (configuration.webhooks ?? []).map((webhook: MutatingWebhook): Webhook => {
    const name = webhook.name ?? '';
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    const failurePolicy = webhook.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail';
    return {
      name,
      configuration: of,
      id: `${of}/${name}/${String(nth)}`,
      rules: webhook.rules ?? [],
      isEquivalent: webhook.matchPolicy !== 'Exact',
      namespaceSelector: labelSelectorFromObject(webhook.namespaceSelector ?? {}),
      objectSelector: labelSelectorFromObject(webhook.objectSelector ?? {}),
      conditions: matchConditions(webhook.matchConditions, failurePolicy, { hasParams: false, hasAuthorizer: true }),
      failurePolicy,
      takesDryRun: webhook.sideEffects === 'None' || webhook.sideEffects === 'NoneOnDryRun',
      timeoutMs: (webhook.timeoutSeconds ?? 10) * 1000,
      reviewVersion: (webhook.admissionReviewVersions ?? []).find(
        (version) => version === 'v1' || version === 'v1beta1',
      ),
      clientConfig: webhook.clientConfig ?? {},
      isReinvocable: webhook.reinvocationPolicy === 'IfNeeded',
    };
  });
}
