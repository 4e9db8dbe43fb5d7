import type { MetricsRegistry } from '@reckon/kernel';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

const type = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus text: this thread's metrics, then those of the threads beside it. */
export async function metricsPath(exchange: Exchange): Promise<void> {
  const { metrics, furtherMetrics } = exchange.server;
  const further = (await furtherMetrics?.()) ?? '';
  await respond(exchange, 200, type, metrics.render() + further);
}

/** Prometheus text of one registry that is shown by itself. */
export const metricsTextPath =
  (metrics: MetricsRegistry): PathHandler =>
  (exchange) =>
    respond(exchange, 200, type, metrics.render());
