import type { Exchange } from '../exchange';
import { respond } from '../response/respond';

/** Prometheus text. */
export function metricsPath(exchange: Exchange): void | Promise<void> {
  return respond(exchange, 200, 'text/plain; version=0.0.4; charset=utf-8', exchange.server.metrics.render());
}
