import { statusErrors } from '@reckon/api/machinery';
import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { forbidden } from '../pipeline/forbidden';
import { requestAttributes } from '../pipeline/request-attributes';

/** Whoever makes an object by PUT or PATCH must be allowed to create it (endpoints/handlers `withAuthorization`). Throws 403. */
export function demandCreate(exchange: Exchange): void | Promise<void> {
  const attributes: AuthzAttributes = { ...requestAttributes(exchange), verb: 'create' };
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
