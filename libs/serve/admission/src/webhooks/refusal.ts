import { type Status, StatusError, statusErrors } from '@reckon/api/machinery';
import type { metav1 } from '@reckon/api/types';

/** What the client is told of a webhook's no (plugin/webhook/errors `ToStatusErr`): never a success, always who said it. */
export function refusalOf(webhook: string, result: metav1.Status | undefined): StatusError {
  const { message = '', reason = '', code = 0, details } = result ?? {};
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const why = message !== '' ? `: ${message}` : reason !== '' ? `: ${reason}` : ' without explanation';
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${deniedBy}${why}`,
    ...(reason === '' ? {} : { reason: reason }),
    ...(details ? { details: details } : {}),
    code: code < 400 || code > 599 ? 400 : code,
  };
  return new StatusError(status);
}

/** A dry run must not reach a webhook that does something beside. */
export const dryRunRefusal = (webhook: string): StatusError =>
  statusErrors.badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`);
