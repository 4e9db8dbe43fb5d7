import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { forbidden } from './forbidden';

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
  };
  const decision = exchange.server.authorize(attributes);
  if (decision instanceof Promise) {
    return decision.then((d) => {
      demand(attributes, d);
    });
  }
  demand(attributes, decision);
}

function demand(attributes: AuthzAttributes, decision: Decision): void {
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
}
