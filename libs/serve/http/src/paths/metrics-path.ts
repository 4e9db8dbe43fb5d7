import type { Exchange } from '../exchange';
import { respond } from '../response/respond';

/** Prometheus text: this thread's metrics, then those of the threads beside it. */
export async function metricsPath(exchange: Exchange): Promise<void> {
  const { metrics, furtherMetrics } = exchange.server;
  const further = (await furtherMetrics?.()) ?? '';
  await respond(exchange, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.render() + further);
}
