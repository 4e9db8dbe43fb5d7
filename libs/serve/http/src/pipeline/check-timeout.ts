import { readDuration, statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { auditRefusal } from './audit';
import { hasDeadline, setDeadline } from './deadlines';

/**
 * `timeout` of the query must be a duration, whoever asks, and is the time that the answer may take if that is less than the server's own
 * limit; none and less are no wish (endpoints/filters `WithRequestDeadline`). Streams have no deadline.
 */
export function checkTimeout(exchange: Exchange): void {
  if (!exchange.info.query.includes('timeout=') || !hasDeadline(exchange)) return;
  const text = exchange.query.get('timeout') ?? '';
  if (text === '') return;
  const duration = readDuration(text);
  if (typeof duration === 'string') {
    const message = `invalid timeout specified in the request URL - ${duration}`;
    auditRefusal(exchange, 400, message);
    throw statusErrors.badRequest(message);
  }
  const ms = Number(duration) / 1e6;
  if (ms <= 0 || ms >= exchange.server.limit.requestMs) return;
  if (setDeadline(exchange, ms)) throw statusErrors.timeout('request did not complete within the allotted timeout', 0);
}
