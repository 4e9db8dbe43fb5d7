import type { MetricsRegistry, Sample } from '@reckon/kernel';

/** What one queue reports; names as k8s.io/component-base/metrics/prometheus/workqueue. */
export interface QueueMetrics {
  added(): void;
  retried(): void;
  depth(n: number): void;
  waited(seconds: number): void;
  worked(seconds: number): void;
  /** Asked at each reading of the metrics for how long each key that is worked on now has been, until the returned function is called. */
  running(seconds: () => Iterable<number>): () => void;
}

type Ages = () => Iterable<number>;

const secondsBounds = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

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
  const running = new Map<string, Set<Ages>>();
  registry.gaugesOf(
    'workqueue_unfinished_work_seconds',
    'Work in progress that workqueue_work_duration_seconds has not counted yet, all keys of the queue together; what only grows is stuck.',
    ['name'],
    () => samplesOf(running, sum),
  );
  registry.gaugesOf(
    'workqueue_longest_running_processor_seconds',
    'How long the key that has been worked on for longest has been.',
    ['name'],
    () => samplesOf(running, longest),
  );
  return (name) => {
    let ages = running.get(name);
    if (ages === undefined) running.set(name, (ages = new Set()));
    const sources = ages;
    const added = adds.of(name);
    const retried = retries.of(name);
    return {
      added: () => {
        added(1);
      },
      retried: () => {
        retried(1);
      },
      depth: depth.of(name),
      waited: waited.of(name),
      worked: worked.of(name),
      running: (seconds) => {
        sources.add(seconds);
        return () => sources.delete(seconds);
      },
    };
  };
}

function* samplesOf(
  running: ReadonlyMap<string, ReadonlySet<Ages>>,
  of: (ages: Iterable<number>) => number,
): Iterable<Sample> {
  for (const [name, sources] of running) yield [[name], of([...sources].flatMap((ages) => [...ages()]))];
}

function sum(ages: Iterable<number>): number {
  let total = 0;
  for (const age of ages) total += age;
  return total;
}

function longest(ages: Iterable<number>): number {
  let most = 0;
  for (const age of ages) most = Math.max(most, age);
  return most;
}
