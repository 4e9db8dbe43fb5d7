import type { MetricsRegistry } from '@reckon/kernel';

/** What the storage counts. Names are stable. */
export interface StorageMetrics {
  committed(entries: number): void;
  folded(batches: number): void;
  discarded(batches: number): void;
  sent(events: number): void;
}

export interface StorageGauges {
  readonly revision: () => number;
  readonly inFlight: () => number;
  readonly objects: () => number;
  readonly recentBytes: () => number;
  readonly watchers: () => number;
}

export function storageMetrics(registry: MetricsRegistry, gauges: StorageGauges): StorageMetrics {
  const entries = registry.counter('reckon_storage_entries_total', 'Entries handed to the log.');
  const fanOuts = registry.counter(
    'reckon_storage_fan_outs_total',
    'Times that durable batches were folded and fanned out.',
  );
  const batches = registry.counter('reckon_storage_batches_total', 'Batches that became durable and were folded.');
  const discards = registry.counter(
    'reckon_storage_discarded_batches_total',
    'Batches given up because the log could not write.',
  );
  const events = registry.counter('reckon_watch_events_total', 'Events written to live watchers.');
  registry.gaugeOf('reckon_storage_revision', 'Newest folded revision.', gauges.revision);
  registry.gaugeOf(
    'reckon_storage_in_flight_batches',
    'Batches handed to the log and not yet folded.',
    gauges.inFlight,
  );
  registry.gaugeOf('reckon_storage_objects', 'Live objects.', gauges.objects);
  registry.gaugeOf('reckon_storage_recent_bytes', 'Bytes held by the buffer of recent changes.', gauges.recentBytes);
  registry.gaugeOf('reckon_watchers', 'Open watches.', gauges.watchers);
  return {
    committed: (n) => entries.add(n),
    folded: (n) => {
      fanOuts.add(1);
      batches.add(n);
    },
    discarded: (n) => discards.add(n),
    sent: (n) => events.add(n),
  };
}
