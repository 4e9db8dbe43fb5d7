import { readDuration, statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { auditRefusal } from './audit';
import { isLongRunning } from './in-flight';

/** `timeout` of the query must be a duration, whoever asks (endpoints/filters `WithRequestDeadline`). Streams have none. */
export function checkTimeout(exchange: Exchange): void {
  if (!exchange.info.query.includes('timeout=') || isLongRunning(exchange)) return;
  const text = exchange.query.get('timeout') ?? '';
  if (text === '') return;
  const duration = readDuration(text);
  if (typeof duration !== 'string') return;
  const message = `invalid timeout specified in the request URL - ${duration}`;
  auditRefusal(exchange, 400, message);
  throw statusErrors.badRequest(message);
}
