import type { CelChecker } from '@reckon/api/cel';
import type { admissionregistrationv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { countSpecChange } from '../../generation';
import { setRuleDefaults } from './rule.defaults';
import { staticNameWarnings } from './static-names';
import { validateWebhooks } from './webhook.validation';

type ValidatingConfiguration = admissionregistrationv1.ValidatingWebhookConfiguration;
type MutatingConfiguration = admissionregistrationv1.MutatingWebhookConfiguration;

/** SetDefaults_ValidatingWebhook and what it contains. */
function setWebhookDefaults(webhook: admissionregistrationv1.ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  setRuleDefaults(webhook.rules);
  const service = webhook.clientConfig?.service;
  if (service) service.port ??= 443;
}

function strategyOf<T extends ValidatingConfiguration | MutatingConfiguration>(
  cel: CelChecker,
  setDefaults: (configuration: T) => void,
): Strategy<T> {
  return {
    allowUnconditionalUpdate: false,
    resetFields: [],
    defaults: setDefaults,
    prepareForCreate: (_ctx, configuration) => {
      configuration.metadata.generation = 1;
    },
    validate: (_ctx, configuration) => validateWebhooks(cel, configuration.webhooks),
    warningsOnCreate: (_ctx, configuration) => staticNameWarnings(configuration),
    prepareForUpdate: (_ctx, configuration, old) =>
      countSpecChange(configuration, old, configuration.webhooks, old.webhooks),
    validateUpdate: (_ctx, configuration, old) => validateWebhooks(cel, configuration.webhooks, old.webhooks ?? []),
    warningsOnUpdate: (_ctx, configuration) => staticNameWarnings(configuration),
  };
}

export const validatingWebhookConfigurationStrategy = (cel: CelChecker): Strategy<ValidatingConfiguration> =>
  strategyOf(cel, ({ webhooks }) => {
    for (const webhook of webhooks ?? []) setWebhookDefaults(webhook);
  });

export const mutatingWebhookConfigurationStrategy = (cel: CelChecker): Strategy<MutatingConfiguration> =>
  strategyOf(cel, ({ webhooks }) => {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  });
