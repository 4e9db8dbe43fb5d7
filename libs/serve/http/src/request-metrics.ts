import type { Counter, Gauge, Histogram, MetricsRegistry } from '@reckon/kernel';
import type { Exchange } from './exchange';
import { isLongRunning } from './pipeline/in-flight';

const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const bytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const common = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];

const nowhere = { group: '', version: '', resource: '', subresource: '' };

/** The series of one kind of request, found once. */
interface Handles {
  readonly dryRun: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: string;
  readonly byCode: Map<number, (amount: number) => void>;
  readonly labels: readonly string[];
  readonly took: (seconds: number) => void;
  readonly tookSli: (seconds: number) => void;
  /** Only for reads. */
  readonly size: ((bytes: number) => void) | undefined;
}

/** Names and labels as k8s.io/apiserver/pkg/endpoints/metrics has them. */
export class RequestMetrics {
  private readonly total: Counter;
  private readonly duration: Histogram;
  private readonly sli: Histogram;
  private readonly longRunning: Gauge;
  private readonly sizes: Histogram;
  private readonly open = new Map<string, { labels: string[]; count: number }>();
  private readonly known = new Map<string, Handles>();
  /** By verb: most requests are as the one before them, and need no key made of seven strings. */
  private readonly newest = new Map<string, Handles>();

  constructor(metrics: MetricsRegistry) {
    this.total = metrics.counter('apiserver_request_total', 'Requests answered, by what they asked and the code.', [
      ...common,
      'code',
    ]);
    this.duration = metrics.histogram(
      'apiserver_request_duration_seconds',
      'From the headers of a request to the end of its answer; without watches and streams.',
      seconds,
      common,
    );
    this.sli = metrics.histogram(
      'apiserver_request_sli_duration_seconds',
      'As apiserver_request_duration_seconds; nothing here waits for webhooks, whose time upstream takes off.',
      seconds,
      common.filter((name) => name !== 'dry_run'),
    );
    this.longRunning = metrics.gauge('apiserver_longrunning_requests', 'Watches and streams that are open.', [
      'verb',
      'group',
      'version',
      'resource',
      'subresource',
      'scope',
      'component',
    ]);
    this.sizes = metrics.histogram('apiserver_response_sizes', 'Bytes of answers to get and list.', bytes, [
      'component',
      'group',
      'resource',
      'scope',
      'subresource',
      'verb',
      'version',
    ]);
  }

  /** A watch or stream begins; the returned function ends it. */
  opened(exchange: Exchange): () => void {
    const { info } = exchange;
    const labels = [
      verbLabel(exchange),
      info.group,
      info.version,
      info.resource,
      info.subresource,
      scopeOf(exchange),
      'apiserver',
    ];
    const key = labels.join(' ');
    const entry = this.open.get(key) ?? { labels, count: 0 };
    this.open.set(key, entry);
    this.longRunning.set(++entry.count, ...labels);
    return () => {
      this.longRunning.set(--entry.count, ...labels);
    };
  }

  answered(exchange: Exchange): void {
    const handles = this.handlesOf(exchange);
    let count = handles.byCode.get(exchange.code);
    if (count === undefined) {
      count = this.total.of(...handles.labels, String(exchange.code));
      handles.byCode.set(exchange.code, count);
    }
    count(1);
    if (isLongRunning(exchange)) return;
    const took = (exchange.server.monotonic.elapsedMs() - exchange.startedMs) / 1000;
    handles.took(took);
    handles.tookSli(took);
    handles.size?.(exchange.sentBytes);
  }

  private handlesOf(exchange: Exchange): Handles {
    const { info } = exchange;
    const verb = verbLabel(exchange);
    const dryRun = info.query.includes('dryRun=All') ? 'All' : '';
    // Paths that lead nowhere share one series: clients must not be able to make up labels.
    const scope = exchange.isRouted ? scopeOf(exchange) : '';
    const { group, version, resource, subresource } = exchange.isRouted ? info : nowhere;
    const newest = this.newest.get(verb);
    if (
      newest?.resource === resource &&
      newest.group === group &&
      newest.version === version &&
      newest.subresource === subresource &&
      newest.scope === scope &&
      newest.dryRun === dryRun
    )
      return newest;
    const key = `${verb} ${dryRun} ${group}/${version}/${resource}/${subresource} ${scope}`;
    let handles = this.known.get(key);
    if (handles === undefined) {
      const labels = [verb, dryRun, group, version, resource, subresource, scope, 'apiserver'];
      handles = {
        dryRun,
        group,
        version,
        resource,
        subresource,
        scope,
        byCode: new Map(),
        labels,
        took: this.duration.of(...labels),
        tookSli: this.sli.of(verb, group, version, resource, subresource, scope, 'apiserver'),
        size:
          verb === 'GET' || verb === 'LIST'
            ? this.sizes.of('apiserver', group, resource, scope, subresource, verb, version)
            : undefined,
      };
      this.known.set(key, handles);
    }
    this.newest.set(verb, handles);
    return handles;
  }
}

const verbLabels: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};

/** A closed set, whatever a client sends as its method (upstream's `cleanVerb`). */
function verbLabel(exchange: Exchange): string {
  const { info, request } = exchange;
  if (info.isResource && Object.hasOwn(verbLabels, info.verb)) {
    const isStream = info.subresource !== '' && isLongRunning(exchange);
    return isStream ? 'CONNECT' : (verbLabels[info.verb] ?? 'other');
  }
  const method = request.method ?? '';
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].includes(method) ? method : 'other';
}

function scopeOf({ info }: Exchange): string {
  if (!info.isResource) return '';
  if (info.pathName !== '' || info.verb === 'create') return 'resource';
  return info.namespace !== '' ? 'namespace' : 'cluster';
}
