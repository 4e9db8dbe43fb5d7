import { type AuthzAttributes, requestedSelectors } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';

/** Verbs of many objects, which a selector limits. */
const selective: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** What a request asks leave for, in the name of the user it has at this moment. */
export function requestAttributes(exchange: Exchange): AuthzAttributes {
  const { info } = exchange;
  return {
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
}
