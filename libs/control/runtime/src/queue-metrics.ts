import type { MetricsRegistry } from '@reckon/kernel';

/** What one queue reports; names as k8s.io/component-base/metrics/prometheus/workqueue. */
export interface QueueMetrics {
  added(): void;
  retried(): void;
  depth(n: number): void;
  waited(seconds: number): void;
  worked(seconds: number): void;
}

const secondsBounds = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10];

/** Declares the families once; gives each named queue its series. */
export function queueMetricsIn(registry: MetricsRegistry): (queueName: string) => QueueMetrics {
  const adds = registry.counter('workqueue_adds_total', 'Total number of adds handled by workqueue', ['name']);
  const depth = registry.gauge('workqueue_depth', 'Current depth of workqueue', ['name']);
  const retries = registry.counter('workqueue_retries_total', 'Total number of retries handled by workqueue', ['name']);
  const waited = registry.histogram(
    'workqueue_queue_duration_seconds',
    'How long in seconds an item stays in workqueue before being requested.',
    secondsBounds,
    ['name'],
  );
  const worked = registry.histogram(
    'workqueue_work_duration_seconds',
    'How long in seconds processing an item from workqueue takes.',
    secondsBounds,
    ['name'],
  );
  return (name) => {
    adds.add(0, name);
    retries.add(0, name);
    depth.set(0, name);
    return {
      added: () => {
        adds.add(1, name);
      },
      retried: () => {
        retries.add(1, name);
      },
      depth: (n) => {
        depth.set(n, name);
      },
      waited: (seconds) => {
        waited.observe(seconds, name);
      },
      worked: (seconds) => {
        worked.observe(seconds, name);
      },
    };
  };
}
