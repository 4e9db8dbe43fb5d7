import { statusErrors } from '@reckon/api/machinery';
import type { Candidate } from '../matching/hook-index';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { VersionedRequest } from '../versioned-request';
import { WebhookCallError, WebhookRejection } from './call-error';
import { endedOutcome, requestEnded } from './request-ended';
import { callWebhook, deadlineOf } from './call-webhook';
import { shouldCall } from './should-call';
import type { Webhook } from './webhook';
import type { CallOutcome } from './webhook-metrics';
import type { WebhookParts } from './webhook-parts';

/** All at once: none changes anything. Of several refusals the client hears one (plugin/webhook/validating). */
export function validatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: () => true,
    validate(attributes) {
      const candidates = parts.index.candidates(attributes);
      return candidates.length === 0 ? undefined : dispatch(parts, attributes, candidates);
    },
  };
}

async function dispatch(
  parts: WebhookParts,
  attributes: AdmissionAttributes,
  candidates: readonly Candidate<Webhook>[],
): Promise<void> {
  const request = new VersionedRequest(attributes, parts.forms);
  const relevant: Candidate<Webhook>[] = [];
  for (const candidate of candidates) {
    const isWanted = shouldCall(candidate, request, parts);
    if (typeof isWanted === 'boolean' ? isWanted : await isWanted) relevant.push(candidate);
  }
  if (relevant.length === 0) return;
  const deadlineMs = deadlineOf(attributes, parts.clock);
  const outcomes = await Promise.allSettled(
    relevant.map((candidate, index) => ask(parts, candidate, { request, index, deadlineMs })),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Throws what the client is told. */
async function ask(
  parts: WebhookParts,
  { hook, matched }: Candidate<Webhook>,
  {
    request,
    index,
    deadlineMs,
  }: { readonly request: VersionedRequest; readonly index: number; readonly deadlineMs: number },
): Promise<void> {
  const { ctx, operation } = request.attributes;
  const begunMs = parts.clock.elapsedMs();
  const observe = (outcome: Pick<CallOutcome, 'code' | 'isRejected' | 'errorType' | 'failedOpen'>): void => {
    const seconds = (parts.clock.elapsedMs() - begunMs) / 1000;
    parts.metrics({ name: hook.name, type: 'validating', operation, seconds, ...outcome });
  };
  try {
    await callWebhook(parts, { webhook: hook, request, matched, isMutating: false, deadlineMs });
    observe({ code: 200, isRejected: false });
  } catch (error) {
    if (error instanceof WebhookRejection) {
      observe({ code: error.refusal.status.code, isRejected: true, errorType: 'no_error' });
      throw error.refusal;
    }
    if (!(error instanceof WebhookCallError)) {
      observe({ code: 0, isRejected: true, errorType: 'apiserver_internal_error' });
      throw error;
    }
    if (error.ended !== undefined) {
      observe(endedOutcome(error, hook.failurePolicy));
      if (error.ended === 'Deadline' && hook.failurePolicy === 'Ignore')
        ctx.annotate?.(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${String(index)}`, hook.name);
      throw requestEnded(error.ended);
    }
    if (hook.failurePolicy !== 'Ignore') {
      observe({ code: error.status, isRejected: true, errorType: 'calling_webhook_error' });
      throw statusErrors.internal(error.message, error);
    }
    observe({ code: error.status, isRejected: false, failedOpen: true });
    ctx.annotate?.(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${String(index)}`, hook.name);
    parts.logger.warn('a webhook could not be asked, and its failure policy lets the request pass', {
      webhook: hook.name,
      why: error.message,
    });
  }
}
