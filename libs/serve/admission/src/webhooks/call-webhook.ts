import type { Monotonic, Random } from '@reckon/kernel';
import { httpFailure } from '@reckon/serve/authn';
import type { MatchedResource } from '../matching/rule-matching';
import type { AdmissionAttributes } from '../plugin';
import type { VersionedRequest } from '../versioned-request';
import { annotateAudit } from '../audit-annotation';
import { admissionReview } from './admission-review';
import { WebhookCallError, WebhookRejection } from './call-error';
import { dryRunRefusal, refusalOf } from './refusal';
import { type ReadAnswer, ReviewAnswerError, type Verdict } from './review-answer';
import type { Webhook } from './webhook';
import { type Answer, type WebhookClients, WebhookNetworkError } from './webhook-client';
import { type EndpointParts, endpointOf } from './webhook-endpoint';

export interface CallerParts extends EndpointParts {
  readonly clients: WebhookClients;
  readonly readAnswer: ReadAnswer;
  readonly random: Pick<Random, 'uuid'>;
  readonly clock: Monotonic;
}

export interface Call {
  readonly webhook: Webhook;
  readonly request: VersionedRequest;
  readonly matched: MatchedResource;
  readonly isMutating: boolean;
  /** When the admitted request itself must be over, by the monotonic clock. */
  readonly deadlineMs: number;
}

/** endpoints/handlers `requestTimeoutUpperBound` */
const longestRequestMs = 34_000;

export const deadlineOf = ({ timeoutMs }: AdmissionAttributes, clock: Monotonic): number =>
  clock.elapsedMs() + Math.min(longestRequestMs, timeoutMs ?? longestRequestMs);

/**
 * Asks one webhook and tells its warnings and audit annotations. Throws WebhookRejection where it says no, WebhookCallError where it
 * cannot be asked or does not answer well, StatusError where that is nobody's fault but the client's.
 */
export async function callWebhook(parts: CallerParts, call: Call): Promise<Verdict> {
  const { webhook, request, matched, isMutating } = call;
  const { name } = webhook;
  const { ctx, dryRun } = request.attributes;
  if (dryRun && !webhook.takesDryRun) throw dryRunRefusal(name);
  const version = webhook.reviewVersion;
  if (version === undefined)
    throw new WebhookCallError(
      name,
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
      400,
    );
  const uid = parts.random.uuid();
  const answer = await post(parts, call, admissionReview(request, matched, { uid, version }));
  const verdict = read(parts, webhook, answer, { uid, version, isMutating });
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) annotateAudit(ctx, `${name}/${key}`, value);
  for (const warning of verdict.warnings) ctx.warn(warning);
  if (!verdict.isAllowed) throw new WebhookRejection(refusalOf(name, verdict.result));
  return verdict;
}

async function post(parts: CallerParts, { webhook, request, deadlineMs }: Call, body: string): Promise<Answer> {
  const leftMs = deadlineMs - parts.clock.elapsedMs();
  const timeoutMs = Math.min(webhook.timeoutMs, leftMs);
  try {
    return await parts.clients.post(endpointOf(webhook.clientConfig, parts), body, {
      timeoutMs,
      signal: request.attributes.ctx.signal,
    });
  } catch (error) {
    if (!(error instanceof WebhookNetworkError)) throw error;
    const ended =
      error.code === 'Cancelled' || (error.code === 'Deadline' && leftMs <= webhook.timeoutMs) ? error.code : undefined;
    throw new WebhookCallError(webhook.name, `failed to call webhook: ${error.message}`, 503, {
      cause: error,
      ...(ended === undefined ? {} : { ended }),
    });
  }
}

function read(parts: CallerParts, { name }: Webhook, answer: Answer, expected: Parameters<ReadAnswer>[1]): Verdict {
  const failure = httpFailure(answer);
  if (failure !== undefined)
    throw new WebhookCallError(name, `failed to call webhook: ${failure.message}`, failure.code);
  try {
    return parts.readAnswer(answer.body, expected);
  } catch (error) {
    if (!(error instanceof ReviewAnswerError)) throw error;
    const where = error.code === 'Invalid' ? 'received invalid webhook response' : 'failed to call webhook';
    throw new WebhookCallError(name, `${where}: ${error.message}`, 503, { cause: error });
  }
}
