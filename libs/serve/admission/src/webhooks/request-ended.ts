import { type StatusError, statusErrors } from '@reckon/api/machinery';
import type { WebhookCallError } from './call-error';
import type { CallOutcome } from './webhook-metrics';

/** What a client hears whose request ended while a webhook was asked (endpoints/handlers/finisher). */
export const requestEnded = (how: 'Deadline' | 'Cancelled'): StatusError =>
  statusErrors.timeout(
    `request did not complete within requested timeout - context ${how === 'Cancelled' ? 'canceled' : 'deadline exceeded'}`,
    0,
  );

/** A call that its client did not wait for counts as refused, but is nobody's refusal, and no failure that was let pass. */
export function endedOutcome(
  { status, ended }: WebhookCallError,
  failurePolicy: 'Fail' | 'Ignore',
): Pick<CallOutcome, 'code' | 'isRejected' | 'errorType' | 'failedOpen'> {
  const isOver = ended === 'Deadline';
  if (failurePolicy === 'Ignore') return { code: status, isRejected: false, failedOpen: isOver };
  return { code: status, isRejected: true, ...(isOver ? { errorType: 'calling_webhook_error' } : {}) };
}
