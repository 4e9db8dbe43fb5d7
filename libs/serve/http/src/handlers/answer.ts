import type { Exchange } from '../exchange';
import { answerHistory } from '../history/answer-history';
import { respondPath } from '../paths/respond-path';
import { deprecationOf } from './deprecation';
import { routeOf } from './route';

/** The last step: everything before it was about whether, this is about what. */
export function answer(exchange: Exchange): void | Promise<void> {
  if (!exchange.info.isResource) return respondPath(exchange);
  if (exchange.info.isHistory) return answerHistory(exchange);
  const route = routeOf(exchange);
  exchange.isRouted = true;
  const deprecation = deprecationOf(route.row);
  if (deprecation !== undefined) {
    exchange.warn(deprecation);
    exchange.annotate('k8s.io/deprecated', 'true');
    exchange.server.requests.deprecated(exchange);
  }
  return route.handle(exchange, route);
}
