import type { Logger, Monotonic, Random, Timers } from '@reckon/kernel';
import { type WebhookClient, WebhookError, askWebhook } from '@reckon/serve/authn';
import { type Authorizer, type AuthzAttributes, type Decision, noOpinion } from '../authorizer';
import type { RuleResolver } from '../rule-resolver';
import { type ReviewSpec, accessReviewSpec, chosenLength } from './access-review-spec';
import { ExpiringCache } from './expiring-cache';
import type { MatchConditions } from './match-conditions';
import { type ReviewStatus, type ReviewVersion, reviewResult } from './review-result';
import type { CallResult, WebhookMetrics } from './webhook-metrics';

export interface WebhookAuthorizerOptions {
  readonly name: string;
  readonly client: WebhookClient;
  readonly version: ReviewVersion;
  /** 0: not remembered. */
  readonly allowedTtlMs: number;
  readonly refusedTtlMs: number;
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  /** Absent: it is asked about every request. */
  readonly conditions?: MatchConditions | undefined;
  readonly clock: Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
}

/** To be stopped when it is asked no more. */
export interface WebhookAuthorizer extends Authorizer, RuleResolver {
  stop(): void;
}

const cacheCapacity = 8192;
const longestRemembered = 10_000;
/** Asks a remote service with SubjectAccessReviews (k8s.io/apiserver/plugin/pkg/authorizer/webhook `WebhookAuthorizer`). */
export function webhookAuthorizer(options: WebhookAuthorizerOptions): WebhookAuthorizer {
  const { name, client, version, conditions, clock, metrics } = options;
  const known = new ExpiringCache<ReviewStatus>(clock, cacheCapacity);

  const onError = (error: string): Decision =>
    options.failurePolicy === 'Deny' ? { allowed: false, denied: true, reason: '', error } : { ...noOpinion, error };

  function authorize(a: AuthzAttributes): Decision | Promise<Decision> {
    const spec = accessReviewSpec(a);
    if (conditions !== undefined) {
      const startedMs = clock.elapsedMs();
      const { matches, error, hasFailed } = conditions(spec);
      metrics.conditionsTried(name, (clock.elapsedMs() - startedMs) / 1000);
      if (hasFailed === true) metrics.conditionsFailed(name);
      if (error !== undefined) return onError(error);
      if (!matches) {
        metrics.excluded(name);
        return noOpinion;
      }
    }
    const key = JSON.stringify(spec);
    const before = known.get(key);
    return before === undefined ? ask(spec, chosenLength(a) < longestRemembered ? key : undefined) : decided(before);
  }

  async function ask(spec: ReviewSpec, key: string | undefined): Promise<Decision> {
    let status: ReviewStatus;
    let result = 'success' as CallResult;
    /** One call; each counts for itself. */
    const post = async (body: string, signal: AbortSignal): Promise<string> => {
      const startedMs = clock.elapsedMs();
      try {
        const answer = await client.post(body, signal);
        result = 'success';
        return answer;
      } catch (error) {
        result = signal.aborted || (error instanceof WebhookError && error.status === 504) ? 'timeout' : 'error';
        throw error;
      } finally {
        metrics.called(name, result, (clock.elapsedMs() - startedMs) / 1000);
      }
    };
    try {
      status = reviewResult(await askWebhook({ ...client, post }, reviewText(spec, version), options), version);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      options.logger.error('authorization webhook failed', { webhook: name, error: message });
      if (options.failurePolicy === 'NoOpinion') metrics.failedOpen(name, result === 'timeout' ? 'timeout' : 'error');
      return onError(message);
    }
    if (key !== undefined) known.set(key, status, status.allowed ? options.allowedTtlMs : options.refusedTtlMs);
    return decided(status);
  }

  return {
    name: `Webhook ${name}`,
    authorize,
    rulesFor: () => ({
      rules: [],
      errors: ['webhook authorizer does not support user rule resolution'],
      isIncomplete: true,
    }),
    stop() {
      client.close();
    },
  };
}

function decided({ allowed, denied, reason }: ReviewStatus): Decision {
  if (denied && allowed)
    return {
      allowed: false,
      denied,
      reason,
      error: 'webhook subject access review returned both allow and deny response',
    };
  return denied ? { allowed: false, denied, reason } : { allowed, reason };
}

/** v1beta1 calls the groups by another name. */
function reviewText({ groups, ...spec }: ReviewSpec, version: ReviewVersion): string {
  const named = groups === undefined ? {} : version === 'v1' ? { groups } : { group: groups };
  return JSON.stringify({
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: { ...spec, ...named },
    status: { allowed: false },
  });
}
