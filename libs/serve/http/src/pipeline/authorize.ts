import { type AuthzAttributes, type Decision, requestedSelectors } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { forbidden } from './forbidden';

/** Verbs of many objects, which a selector limits. */
const selective: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** May this user do this? A refusal names the verb, the resource and the scope. */
export function authorize(exchange: Exchange): void | Promise<void> {
  const { info } = exchange;
  const attributes: AuthzAttributes = {
    user: exchange.user,
    verb: info.verb,
    isResource: info.isResource,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    path: info.path,
    // Few requests have any: the query is not parsed for the others.
    ...(info.query.includes('Selector') && selective.has(info.verb) ? requestedSelectors(exchange.query) : undefined),
  };
  const startedMs = exchange.server.monotonic.elapsedMs();
  const decision = exchange.server.authorize(attributes);
  if (decision instanceof Promise) {
    return decision.then((d) => {
      demand(exchange, attributes, d, startedMs);
    });
  }
  demand(exchange, attributes, decision, startedMs);
}

function demand(exchange: Exchange, attributes: AuthzAttributes, decision: Decision, startedMs: number): void {
  exchange.server.access.authorized(decision.allowed ? 'allowed' : 'denied', startedMs);
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
}
