import type { Counter, Gauge, MetricsRegistry } from '@reckon/kernel';
import type { PublishedAs } from './cloud-event';
import { relayProblems } from './relay-problem';

export interface RelayMetrics {
  readonly published: Counter;
  readonly publishedBytes: Counter;
  readonly retries: Counter;
  readonly connected: Gauge;
}

export interface RelayReadings {
  readonly lagRevisions: () => number;
  readonly lagSeconds: () => number;
  readonly revision: () => number;
}

const allAs = Object.keys({ data: 0, metadata: 0, reference: 0, marker: 0 } satisfies Record<PublishedAs, number>);

/** The relay's metrics; every label counts from zero. */
export function relayMetrics(registry: MetricsRegistry, readings: RelayReadings): RelayMetrics {
  const published = registry.counter(
    'reckon_relay_published_total',
    'Messages stored in the stream: with the whole object, its metadata, a reference to it, or markers of compacted history.',
    ['as'],
  );
  for (const as of allAs) published.add(0, as);
  const retries = registry.counter(
    'reckon_relay_retries_total',
    'Times that the relay had to wait and begin anew, by the problem.',
    ['problem'],
  );
  for (const code of Object.keys(relayProblems)) retries.add(0, code);
  registry.gaugeOf(
    'reckon_relay_lag_revisions',
    'Revisions of the log that are not in the stream yet.',
    readings.lagRevisions,
  );
  registry.gaugeOf(
    'reckon_relay_lag_seconds',
    'Age of the oldest entry that is known not to be in the stream yet.',
    readings.lagSeconds,
  );
  registry.gaugeOf('reckon_relay_revision', 'Newest revision in the stream.', readings.revision);
  return {
    published,
    publishedBytes: registry.counter('reckon_relay_published_bytes_total', 'Bytes of the messages stored.'),
    retries,
    connected: registry.gauge('reckon_relay_connected', '1 while the relay is connected to NATS and publishes.'),
  };
}
