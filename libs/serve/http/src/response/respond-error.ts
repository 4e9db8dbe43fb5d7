import { failure, type Status, StatusError, statusErrors } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { respond } from './respond';
import { respondDocument } from './respond-object';

/** A refusal that upstream gives as text, not as a Status. */
export class PlainError extends Error {
  readonly code = 'plain';

  constructor(
    readonly statusCode: number,
    readonly text: string,
    /** Beside those of every text, flat. */
    readonly headers: readonly string[] = [],
  ) {
    super(text);
    this.name = 'PlainError';
  }
}

export const pageNotFound = (): PlainError => new PlainError(404, '404 page not found\n');

/** The Status that an error becomes. What is no refusal is our fault: the client gets the id to ask about, the log the rest. */
export function statusOf(error: unknown, exchange: Exchange): Status {
  if (error instanceof StatusError) return error.status;
  exchange.server.logger.error('request failed', {
    requestId: exchange.requestId,
    method: exchange.request.method ?? '',
    path: exchange.info.path,
    error,
  });
  return statusErrors.internal(`unexpected failure, see the server's log for request ${exchange.requestId}`).status;
}

/** Ends the exchange with an error, whatever it is. Once bytes of an answer are out, only the connection can tell. */
export function respondError(exchange: Exchange, error: unknown): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) {
    if (!(error instanceof StatusError) && !(error instanceof PlainError)) statusOf(error, exchange);
    if (!exchange.isTimedOut) response.destroy();
    return;
  }
  if (exchange.audit !== undefined && !(error instanceof StatusError) && !(error instanceof PlainError))
    exchange.audit.panicked(error instanceof Error ? error.message : String(error));
  if (error instanceof PlainError) {
    void respond(exchange, error.statusCode, 'text/plain; charset=utf-8', error.text, { headers: [...error.headers] });
    return;
  }
  if (error instanceof StatusError && error.cause !== undefined) exchange.server.noteFailure?.(error.cause);
  const status = statusOf(error, exchange);
  const seconds = status.details?.retryAfterSeconds;
  const headers = error instanceof StatusError ? Object.entries(error.headers).flat() : [];
  if (seconds !== undefined && seconds > 0 && !headers.some((h) => h.toLowerCase() === 'retry-after'))
    headers.push('Retry-After', String(seconds));
  exchange.audit?.responseDocument(status);
  const representation = exchange.server.negotiator.negotiateError(exchange);
  if (representation === undefined)
    void respond(exchange, status.code, 'application/json', JSON.stringify(status, undefined, 2), { headers });
  else void respondDocument(exchange, status.code, status, representation, { headers });
}

/** 404 of a path that looks like an API path but leads nowhere. */
export const noSuchResource = (): StatusError =>
  new StatusError(
    failure({ reason: 'NotFound', message: 'the server could not find the requested resource', details: {} }),
  );

/** 405 of a path that has other methods. */
export const methodNotAllowed = (): StatusError =>
  new StatusError(
    failure({
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
      details: {},
    }),
  );
