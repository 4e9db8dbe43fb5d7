import { goQuote } from '@reckon/api/machinery';
import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { PlainError } from '../response/respond-error';
import { forbidden } from './forbidden';
import { requestAttributes } from './request-attributes';
import { withoutMarkup } from './without-markup';

/** May this user do this? A refusal names the verb, the resource and the scope. */
export function authorize(exchange: Exchange): void | Promise<void> {
  const attributes = requestAttributes(exchange);
  const pending = authorizeOne(exchange, attributes);
  if (!reachesIntoPod(attributes)) return pending;
  const create = (): void | Promise<void> => authorizeOne(exchange, { ...attributes, verb: 'create' });
  return pending === undefined ? create() : pending.then(create);
}

const intoPods: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/**
 * A WebSocket is asked for by GET: whoever may only read must not get into a container that way, so that it takes the right to create
 * as well (registry/core/pod/rest, `AuthorizePodWebsocketUpgradeCreatePermission`).
 */
const reachesIntoPod = ({ verb, group, resource, subresource }: AuthzAttributes): boolean =>
  subresource !== '' && verb === 'get' && group === '' && resource === 'pods' && intoPods.has(subresource);

function authorizeOne(exchange: Exchange, attributes: AuthzAttributes): void | Promise<void> {
  const startedMs = exchange.server.monotonic.elapsedMs();
  const decision = exchange.server.authorize(attributes);
  if (decision instanceof Promise) {
    return decision.then((d) => {
      exchange.waited('authorization', startedMs);
      demand(exchange, attributes, d, startedMs);
    });
  }
  demand(exchange, attributes, decision, startedMs);
}

function demand(exchange: Exchange, attributes: AuthzAttributes, decision: Decision, startedMs: number): void {
  const { allowed, denied, reason, error } = decision;
  const { authorized } = exchange.server.access;
  if (allowed) {
    authorized('allowed', startedMs);
    note(exchange, 'allow', reason);
    return;
  }
  if (error !== undefined) {
    // Nobody allowed it, and somebody could not say: not the caller's fault (endpoints/filters `WithAuthorization`).
    authorized('error', startedMs);
    exchange.annotate?.('authorization.k8s.io/reason', 'internal error');
    throw internalError(exchange, error);
  }
  authorized(denied === true ? 'denied' : 'no-opinion', startedMs);
  note(exchange, 'forbid', reason);
  throw forbidden(attributes, reason);
}

function note(exchange: Exchange, decision: 'allow' | 'forbid', reason: string): void {
  if (exchange.annotate === undefined) return;
  exchange.annotate('authorization.k8s.io/decision', decision);
  exchange.annotate('authorization.k8s.io/reason', reason);
}

/** 500 as text (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters `InternalError`). */
const internalError = ({ request }: Exchange, error: string): PlainError =>
  new PlainError(500, `${withoutMarkup(`Internal Server Error: ${goQuote(request.url ?? '')}: ${error}`)}\n`);
