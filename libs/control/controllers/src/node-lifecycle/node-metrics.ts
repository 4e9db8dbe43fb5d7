import type { MetricsRegistry, Sample } from '@reckon/kernel';

export interface ZoneCount {
  readonly zone: string;
  readonly ready: number;
  readonly unready: number;
}

/** What is known of nodes; names as pkg/controller/nodelifecycle/metrics.go. */
export interface NodeMetrics {
  /** The pods of a node of this zone began to be driven out. */
  evicted(zone: string): void;
  /** One node was looked at. */
  readonly lookedAtOne: (seconds: number) => void;
  /** All zones were weighed. */
  readonly lookedAtAll: (seconds: number) => void;
  /** The zones are asked for whenever the metrics are read, until the returned function is called. */
  follow(zones: () => Iterable<ZoneCount>): () => void;
}

const exponential = (first: number): number[] => Array.from({ length: 8 }, (_, i) => first * 4 ** i);

export function nodeMetricsIn(registry: MetricsRegistry): NodeMetrics {
  let zones: () => Iterable<ZoneCount> = () => [];
  const gauge = (name: string, help: string, of: (zone: ZoneCount) => number): void => {
    registry.gaugesOf(`node_collector_${name}`, help, ['zone'], () =>
      Array.from(zones(), (one): Sample => [[one.zone], of(one)]),
    );
  };
  gauge('zone_size', 'Nodes of a zone.', ({ ready, unready }) => ready + unready);
  gauge('unhealthy_nodes_in_zone', 'Nodes of a zone that are not ready.', ({ unready }) => unready);
  gauge('zone_health', 'Ready nodes of a zone, per cent.', ({ ready, unready }) => (100 * ready) / (ready + unready));
  const evictions = registry.counter(
    'node_collector_evictions_total',
    'Nodes whose pods began to be driven out, by zone.',
    ['zone'],
  );
  const one = registry.histogram(
    'node_collector_update_node_health_duration_seconds',
    'How long it takes to judge a node and to write what follows.',
    exponential(0.001),
  );
  const all = registry.histogram(
    'node_collector_update_all_nodes_health_duration_seconds',
    'How long it takes to weigh all zones, which happens whenever a node has become ready or unready.',
    exponential(0.01),
  );
  return {
    evicted: (zone) => {
      evictions.add(1, zone);
    },
    lookedAtOne: one.of(),
    lookedAtAll: all.of(),
    follow: (source) => {
      zones = source;
      return () => {
        if (zones === source) zones = () => [];
      };
    },
  };
}
