import { methodNotAllowed, pageNotFound } from '../response/respond-error';
import type { Exchange } from '../exchange';

/** Answers what is no resource. All of it is read only. */
export function respondPath(exchange: Exchange): void | Promise<void> {
  const handler = exchange.server.paths.find(exchange.info.path);
  if (handler === undefined) throw pageNotFound();
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  return handler(exchange);
}
