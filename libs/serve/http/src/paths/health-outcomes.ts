import type { MetricsRegistry } from '@reckon/kernel';

/**
 * What `/metrics/slis` shows, as k8s.io/component-base/metrics/prometheus/slis: of each check how it was when it was last asked, and how
 * often it went which way.
 */
export function healthOutcomes(
  slis: MetricsRegistry,
): (endpoint: string, name: string, failure: string | undefined) => void {
  const healthy = slis.gauge('kubernetes_healthcheck', 'Whether a check was well when it was last asked.', [
    'name',
    'type',
  ]);
  const total = slis.counter('kubernetes_healthchecks_total', 'Checks that were asked.', ['name', 'status', 'type']);
  return (endpoint, name, failure) => {
    healthy.set(failure === undefined ? 1 : 0, name, endpoint);
    total.add(1, name, failure === undefined ? 'success' : 'error', endpoint);
  };
}
