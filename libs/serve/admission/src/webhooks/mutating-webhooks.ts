import { goJson, goQuote, jsonEqual, type StatusError, statusErrors, stringifyJson } from '@reckon/api/machinery';
import type { Candidate } from '../matching/hook-index';
import type { AdmissionAttributes, AdmissionPlugin, PluginRound } from '../plugin';
import { reinvocationOf, requireAgain, roundOf } from '../reinvocation';
import { VersionedRequest } from '../versioned-request';
import { applyPatch, operationsOf } from './apply-patch';
import { WebhookCallError, WebhookRejection } from './call-error';
import { endedOutcome, requestEnded } from './request-ended';
import { callWebhook, deadlineOf } from './call-webhook';
import { keepManagedFields } from '../keep-managed-fields';
import { refusalOf } from './refusal';
import { shownPatch } from './patch-annotation';
import { shouldCall } from './should-call';
import type { Webhook } from './webhook';
import type { CallOutcome } from './webhook-metrics';
import type { WebhookParts } from './webhook-parts';

const name = 'MutatingAdmissionWebhook';

/** One after the other, in the order of their configurations' names: each sees what those before it changed (plugin/webhook/mutating). */
export function mutatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  return {
    name,
    handles: () => true,
    admit(attributes) {
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
  const reinvocation = reinvocationOf(attributes);
  const round = roundOf(reinvocation, name);
  // Only who wants to be asked again needs to know what happened meanwhile.
  const isFollowed = candidates.some(({ hook }) => hook.isReinvocable);
  if (reinvocation.isSecond && isFollowed && round.lastOutput !== outputOf(attributes)) requireAgain(round);
  const deadlineMs = deadlineOf(attributes, parts.clock);
  try {
    for (const candidate of candidates) {
      const { hook } = candidate;
      const isWanted = shouldCall(candidate, request, parts);
      if (!(typeof isWanted === 'boolean' ? isWanted : await isWanted)) continue;
      // A second round never asks who was not asked in the first.
      if (reinvocation.isSecond && !round.due.has(hook.id)) continue;
      const isChanged = await ask(parts, candidate, {
        request,
        round,
        deadlineMs,
        isSecond: reinvocation.isSecond,
      });
      if (isChanged) {
        requireAgain(round);
        reinvocation.isWanted = true;
      }
      if (hook.isReinvocable) round.reinvocable.add(hook.id);
    }
  } finally {
    if (isFollowed) round.lastOutput = outputOf(attributes);
  }
}

const outputOf = ({ object }: AdmissionAttributes): string => (object === undefined ? '' : stringifyJson(object));

interface Asking {
  readonly request: VersionedRequest;
  readonly round: PluginRound;
  readonly deadlineMs: number;
  readonly isSecond: boolean;
}

/** True when the object was changed. Throws what the client is told. */
async function ask(
  parts: WebhookParts,
  { hook, matched, position }: Candidate<Webhook>,
  { request, deadlineMs, isSecond }: Asking,
): Promise<boolean> {
  const { ctx, operation } = request.attributes;
  const place = `round_${isSecond ? '1' : '0'}_index_${String(position)}`;
  const begunMs = parts.clock.elapsedMs();
  const observe = (outcome: Pick<CallOutcome, 'code' | 'isRejected' | 'errorType' | 'failedOpen'>): void => {
    const seconds = (parts.clock.elapsedMs() - begunMs) / 1000;
    parts.metrics({ name: hook.name, type: 'admit', operation, seconds, ...outcome });
  };
  const told = { configuration: hook.configuration, webhook: hook.name };
  let isChanged = false;
  try {
    const verdict = await callWebhook(parts, { webhook: hook, request, matched, isMutating: true, deadlineMs });
    const operations = verdict.patch === '' ? [] : operationsOf(hook.name, verdict.patch);
    if (operations.length > 0) {
      const current = request.objectIn(matched.kind);
      if (current === undefined) throw cannotModify(hook.name);
      if (verdict.patchType !== 'JSONPatch')
        throw new WebhookCallError(
          hook.name,
          `unsupported patch type ${goQuote(verdict.patchType)}`,
          refusalOf(hook.name, verdict.result).status.code,
        );
      const changed = applyPatch(
        current,
        { operations, text: verdict.patch },
        { forms: parts.forms, kind: matched.kind },
      );
      isChanged = !jsonEqual(current, changed);
      ctx.annotate?.(
        `patch.webhook.admission.k8s.io/${place}`,
        `${goJson(told).slice(0, -1)},"patch":${shownPatch(verdict.patch)},"patchType":"JSONPatch"}`,
        'Request',
      );
      if (isChanged) {
        keepManagedFields(current, changed, ctx);
        request.replace(changed);
      }
    }
    observe({ code: 200, isRejected: false });
    return isChanged;
  } catch (error) {
    if (error instanceof WebhookRejection) {
      observe({ code: error.refusal.status.code, isRejected: true, errorType: 'no_error' });
      throw error.refusal;
    }
    if (error instanceof WebhookCallError) {
      if (error.ended !== undefined) {
        observe(endedOutcome(error, hook.failurePolicy));
        if (error.ended === 'Deadline' && hook.failurePolicy === 'Ignore')
          ctx.annotate?.(`failed-open.mutation.webhook.admission.k8s.io/${place}`, hook.name);
        throw requestEnded(error.ended);
      }
      if (hook.failurePolicy === 'Ignore') {
        observe({ code: error.status, isRejected: false, failedOpen: true });
        ctx.annotate?.(`failed-open.mutation.webhook.admission.k8s.io/${place}`, hook.name);
        parts.logger.warn('a webhook could not be asked, and its failure policy lets the request pass', {
          webhook: hook.name,
          why: error.message,
        });
        return false;
      }
      observe({ code: error.status, isRejected: true, errorType: 'calling_webhook_error' });
      throw statusErrors.internal(error.message, error);
    }
    observe({ code: 0, isRejected: true, errorType: 'apiserver_internal_error' });
    throw error;
  } finally {
    ctx.annotate?.(`mutation.webhook.admission.k8s.io/${place}`, goJson({ ...told, mutated: isChanged }));
  }
}

const cannotModify = (webhook: string): StatusError =>
  statusErrors.internal(
    `admission webhook ${JSON.stringify(webhook)} attempted to modify the object, which is not supported for this operation`,
  );
