import { methodNotAllowed, pageNotFound } from '../response/respond-error';
import type { Exchange } from '../exchange';

/** Answers what is no resource. All of it is read only; of health nobody asks how it is asked for (k8s.io/apiserver/pkg/server/healthz). */
export function respondPath(exchange: Exchange): void | Promise<void> {
  const found = exchange.server.paths.find(exchange.info.path);
  if (found === undefined) throw pageNotFound();
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD' && !found.takesAnyMethod) throw methodNotAllowed();
  return found.handler(exchange);
}
