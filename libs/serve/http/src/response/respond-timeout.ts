import { statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';

const { status } = statusErrors.timeout('request did not complete within the allotted timeout', 0);
/** Without its kind, as Go's encoder leaves it. */
const body = Buffer.from(`${JSON.stringify({ ...status, kind: undefined, apiVersion: undefined })}\n`);

/**
 * Ends an exchange whose time is over, as k8s.io/apiserver/pkg/server/filters `baseTimeoutWriter` does: by 504 in JSON that calls itself
 * text, or, when an answer has begun, by breaking the connection. Nothing that is answered later goes out.
 */
export function respondTimeout(exchange: Exchange): void {
  const { response } = exchange;
  if (exchange.isTimedOut || response.destroyed || response.writableFinished) return;
  exchange.server.requests.terminated(exchange, status.code);
  if (response.headersSent) {
    exchange.server.requests.aborted(exchange);
    response.destroy();
    return;
  }
  exchange.code = status.code;
  exchange.sentBytes = body.length;
  exchange.audit?.responseDocument(status);
  response.writeHead(status.code, [
    'Audit-Id',
    exchange.auditId,
    'Cache-Control',
    'no-cache, private',
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(body.length),
  ]);
  response.end(body);
  exchange.timedOut();
}
