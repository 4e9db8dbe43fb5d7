import { webhookClient } from '@reckon/serve/authn';
import { isReviewVersion } from '@reckon/serve/authz';
import { matchConditions, webhookAuthorizer, webhookMetrics } from '@reckon/serve/authz/webhooks';
import type { WebhookFactory } from './authorizers';
import { readReviewEndpoint } from './review-endpoint';

/** The authorizers that ask others, as the configuration has them. */
export const authorizationWebhooks: WebhookFactory = (parts) => {
  const metrics = webhookMetrics(parts.metrics);
  return (name, webhook) => {
    const { subjectAccessReviewVersion: version, timeoutMs, failurePolicy, connectionInfo } = webhook;
    if (!isReviewVersion(version)) throw new Error(`webhook ${name}: no version ${version} of reviews`);
    const endpoint = readReviewEndpoint(connectionInfo.kubeConfigFile ?? '');
    return webhookAuthorizer({
      ...parts,
      name,
      version,
      metrics,
      client: webhookClient({ ...endpoint, timeoutMs }),
      allowedTtlMs: webhook.cacheAuthorizedRequests ? webhook.authorizedTtlMs : 0,
      refusedTtlMs: webhook.cacheUnauthorizedRequests ? webhook.unauthorizedTtlMs : 0,
      failurePolicy: failurePolicy === 'Deny' ? 'Deny' : 'NoOpinion',
      conditions: matchConditions(webhook.matchConditions),
    });
  };
};
