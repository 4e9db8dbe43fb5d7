import { statusErrors } from '@reckon/api/machinery';
import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { forbidden } from '../pipeline/forbidden';

/** Whoever makes an object by PUT or PATCH must be allowed to create it (endpoints/handlers `withAuthorization`). Throws 403. */
export function demandCreate(exchange: Exchange): void | Promise<void> {
  const { info } = exchange;
  const attributes: AuthzAttributes = {
    user: exchange.user,
    verb: 'create',
    isResource: true,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    path: info.path,
  };
  const decision = exchange.server.authorize(attributes);
  if (decision instanceof Promise)
    return decision.then((d) => {
      demand(attributes, d);
    });
  demand(attributes, decision);
}

function demand(attributes: AuthzAttributes, { allowed, error, reason }: Decision): void {
  if (allowed) return;
  if (error !== undefined) throw statusErrors.internal(error);
  throw forbidden(attributes, reason);
}
