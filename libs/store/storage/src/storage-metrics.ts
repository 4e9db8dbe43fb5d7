import type { MetricsRegistry, Monotonic, Sample } from '@reckon/kernel';
import type { ListPage, StorageResource, Verb } from '@reckon/store/contract';
import type { Folded, ResourceTable } from '@reckon/store/view';
import type { Batch } from './in-flight';

/**
 * What the storage counts. Names are stable; those of upstream's storage layer keep their labels, with our log behind what upstream
 * asks of etcd (k8s.io/apiserver/pkg/storage/etcd3/metrics).
 */
export interface StorageMetrics {
  /** Milliseconds on the scale that `folded` and `discarded` measure with. */
  startedMs(): number;
  committed(entries: number): void;
  folded(batches: readonly Batch[], changes: readonly Folded[]): void;
  discarded(batches: readonly Batch[]): void;
  sent(resource: StorageResource, events: number): void;
  listed(resource: StorageResource, page: ListPage): void;
}

export interface StorageGauges {
  readonly revision: () => number;
  readonly inFlight: () => number;
  readonly tables: () => Iterable<ResourceTable>;
  readonly recentBytes: () => number;
  readonly watchers: () => number;
}

/** As upstream has them for its own requests and those to etcd. */
const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const operation = ['operation', 'group', 'resource'];
const place = ['group', 'resource'];

interface WriteHandles {
  readonly took: (value: number) => void;
  readonly count: (amount: number) => void;
  readonly failed: (amount: number) => void;
}

export function storageMetrics(registry: MetricsRegistry, gauges: StorageGauges, monotonic: Monotonic): StorageMetrics {
  const entries = registry.counter('reckon_storage_entries_total', 'Entries handed to the log.');
  const fanOuts = registry.counter(
    'reckon_storage_fan_outs_total',
    'Times that durable batches were folded together and handed to the fan-out.',
  );
  const batches = registry.counter('reckon_storage_batches_total', 'Batches that became durable and were folded.');
  const discards = registry.counter(
    'reckon_storage_discarded_batches_total',
    'Batches given up because the log could not write.',
  );
  const events = registry.counter('reckon_watch_events_total', 'Events written to live watchers.', place);
  const took = registry.histogram(
    'etcd_request_duration_seconds',
    'From the hand-over of a change to the log until it is on disk and folded.',
    seconds,
    operation,
  );
  const asked = registry.counter('etcd_requests_total', 'Changes handed to the log that have an outcome.', operation);
  const failures = registry.counter(
    'etcd_request_errors_total',
    'Changes that the log could not write, or that stood on such.',
    operation,
  );
  const received = registry.counter(
    'apiserver_storage_events_received_total',
    'Changes that became durable and were folded into the view.',
    place,
  );
  const lists = registry.counter('apiserver_storage_list_total', 'Lists answered by the storage.', place);
  const returned = registry.counter(
    'apiserver_storage_list_returned_objects_total',
    'Objects that lists answered by the storage gave.',
    place,
  );
  registry.gaugeOf('reckon_storage_revision', 'Newest folded revision.', gauges.revision);
  registry.gaugeOf(
    'reckon_storage_in_flight_batches',
    'Batches handed to the log and not yet folded.',
    gauges.inFlight,
  );
  registry.gaugesOf('apiserver_storage_objects', 'Live objects by resource.', ['resource'], () =>
    map(gauges.tables(), ({ resource: { group, resource }, count }) => [
      [group === '' ? resource : `${resource}.${group}`],
      count,
    ]),
  );
  registry.gaugesOf('apiserver_resource_objects', 'Live objects by group and resource.', place, () =>
    map(gauges.tables(), ({ resource: { group, resource }, count }) => [[group, resource], count]),
  );
  registry.gaugeOf('reckon_storage_recent_bytes', 'Bytes held by the buffer of recent changes.', gauges.recentBytes);
  registry.gaugeOf('reckon_watchers', 'Open watches.', gauges.watchers);

  const writes = perResource((group, resource): Record<Verb, WriteHandles> => {
    const handles = (verb: Verb): WriteHandles => ({
      took: took.of(verb, group, resource),
      count: asked.of(verb, group, resource),
      failed: failures.of(verb, group, resource),
    });
    return { create: handles('create'), update: handles('update'), delete: handles('delete') };
  });
  const receivedOf = perResource((group, resource) => received.of(group, resource));
  const sentOf = perResource((group, resource) => events.of(group, resource));
  const listedOf = perResource((group, resource) => ({
    lists: lists.of(group, resource),
    returned: returned.of(group, resource),
  }));

  return {
    startedMs: () => monotonic.elapsedMs(),
    committed: (n) => entries.add(n),
    folded(done, changes) {
      fanOuts.add(1);
      batches.add(done.length);
      const now = monotonic.elapsedMs();
      for (const { pending, startedMs } of done)
        for (const { table, verb } of pending) {
          const handles = writes(table.resource)[verb];
          handles.count(1);
          handles.took((now - startedMs) / 1000);
        }
      for (const { table } of changes) receivedOf(table.resource)(1);
    },
    discarded(given) {
      discards.add(given.length);
      for (const { pending } of given)
        for (const { table, verb } of pending) {
          const handles = writes(table.resource)[verb];
          handles.count(1);
          handles.failed(1);
        }
    },
    sent: (resource, n) => sentOf(resource)(n),
    listed(resource, page) {
      const handles = listedOf(resource);
      handles.lists(1);
      handles.returned(page.items.length);
    },
  };
}

/** Made once for each resource; by its two names, since whoever asks makes its own object of them. */
function perResource<T>(make: (group: string, resource: string) => T): (resource: StorageResource) => T {
  const groups = new Map<string, Map<string, T>>();
  return ({ group, resource }) => {
    let inGroup = groups.get(group);
    if (inGroup === undefined) groups.set(group, (inGroup = new Map<string, T>()));
    let made = inGroup.get(resource);
    if (made === undefined) inGroup.set(resource, (made = make(group, resource)));
    return made;
  };
}

function* map<T>(items: Iterable<T>, make: (item: T) => Sample): Iterable<Sample> {
  for (const item of items) yield make(item);
}
