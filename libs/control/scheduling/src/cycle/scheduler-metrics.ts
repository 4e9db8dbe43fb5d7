import type { MetricsRegistry } from '@reckon/kernel';
import type { QueueName } from '../queue/scheduling-queue';

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

const exponential = (first: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first * factor ** i);

export interface SchedulerMetrics {
  attempt(result: AttemptResult, profile: string, seconds: number): void;
  algorithm(seconds: number): void;
  scheduled(attempts: number, secondsSinceFirst: number): void;
  readonly incoming: (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void;
  preemption(): void;
  victims(count: number): void;
  pending(sizes: Readonly<Record<QueueName, number>>): void;
  cache(counts: { readonly nodes: number; readonly pods: number; readonly assumed: number }): void;
}

/** Upstream's names (pkg/scheduler/metrics). */
export function schedulerMetricsIn(registry: MetricsRegistry, profiles: readonly string[]): SchedulerMetrics {
  const attempts = registry.counter(
    'scheduler_schedule_attempts_total',
    "Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.",
    ['result', 'profile'],
  );
  for (const profile of profiles)
    for (const result of ['scheduled', 'unschedulable', 'error']) attempts.add(0, result, profile);
  const duration = registry.histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    'Scheduling attempt latency in seconds (scheduling algorithm + binding)',
    exponential(0.001, 2, 15),
    ['result', 'profile'],
  );
  const algorithm = registry.histogram(
    'scheduler_scheduling_algorithm_duration_seconds',
    'Scheduling algorithm latency in seconds',
    exponential(0.001, 2, 15),
  );
  const podAttempts = registry.histogram(
    'scheduler_pod_scheduling_attempts',
    'Number of attempts to successfully schedule a pod.',
    exponential(1, 2, 5),
  );
  const sli = registry.histogram(
    'scheduler_pod_scheduling_sli_duration_seconds',
    'E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.',
    exponential(0.01, 2, 20),
    ['attempts'],
  );
  const incoming = registry.counter(
    'scheduler_queue_incoming_pods_total',
    'Number of pods added to scheduling queues by event and queue type.',
    ['queue', 'event'],
  );
  const preemptions = registry.counter(
    'scheduler_preemption_attempts_total',
    'Total preemption attempts in the cluster till now',
  );
  const victims = registry.histogram(
    'scheduler_preemption_victims',
    'Number of selected preemption victims',
    exponential(1, 2, 7),
  );
  const pending = registry.gauge(
    'scheduler_pending_pods',
    "Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.",
    ['queue'],
  );
  for (const queue of ['active', 'backoff', 'unschedulable', 'gated']) pending.set(0, queue);
  const cacheSize = registry.gauge(
    'scheduler_cache_size',
    'Number of nodes, pods, and assumed (bound) pods in the scheduler cache.',
    ['type'],
  );

  return {
    attempt(result, profile, seconds) {
      attempts.add(1, result, profile);
      duration.observe(seconds, result, profile);
    },
    algorithm(seconds) {
      algorithm.observe(seconds);
    },
    scheduled(count, seconds) {
      podAttempts.observe(count);
      sli.observe(seconds, count >= 15 ? '15+' : String(count));
    },
    incoming(queue, event) {
      incoming.add(1, queue, event);
    },
    preemption() {
      preemptions.add(1);
    },
    victims(count) {
      victims.observe(count);
    },
    pending(sizes) {
      for (const [queue, size] of Object.entries(sizes)) pending.set(size, queue);
    },
    cache({ nodes, pods, assumed }) {
      cacheSize.set(nodes, 'nodes');
      cacheSize.set(pods, 'pods');
      cacheSize.set(assumed, 'assumed_pods');
    },
  };
}
