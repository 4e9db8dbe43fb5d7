import type { Counter, Gauge, Histogram, MetricsRegistry } from '@reckon/kernel';
import type { Exchange } from './exchange';
import { isLongRunning } from './pipeline/in-flight';

const seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
/** Upstream's, without the two that only `seconds` has. */
const sliSeconds = seconds.filter((bound) => bound >= 0.05);
const bytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const common = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];

const nowhere = { group: '', version: '', resource: '', subresource: '' };

/** Told apart as upstream does (healthz `InstallPathHandler`). */
const healthPaths: ReadonlyMap<string, typeof nowhere> = new Map(
  ['/healthz', '/livez', '/readyz'].map((path) => [path, { ...nowhere, subresource: path }]),
);

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
  /** Not of dry runs. */
  readonly tookSli: ((seconds: number) => void) | undefined;
  /** Only for reads. */
  readonly size: ((bytes: number) => void) | undefined;
}

/** Names and labels as k8s.io/apiserver/pkg/endpoints/metrics has them. */
export class RequestMetrics {
  private readonly total: Counter;
  private readonly duration: Histogram;
  private readonly sli: Histogram;
  private readonly longRunning: Gauge;
  private readonly terminations: Counter;
  private readonly aborts: Counter;
  private readonly deprecations: Gauge;
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
      'From the headers of a request to the end of its answer; watches and streams are as long as they were open.',
      seconds,
      common,
    );
    this.sli = metrics.histogram(
      'apiserver_request_sli_duration_seconds',
      'As apiserver_request_duration_seconds, without dry runs and without the time in queues of priority and fairness.',
      sliSeconds,
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
    this.deprecations = metrics.gauge('apiserver_requested_deprecated_apis', 'Deprecated APIs that were asked for.', [
      'group',
      'version',
      'resource',
      'subresource',
      'removed_release',
    ]);
    const subject = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'];
    this.terminations = metrics.counter(
      'apiserver_request_terminations_total',
      "Requests that were refused or ended for the server's own sake: too many, or too long.",
      [...subject, 'component', 'code'],
    );
    this.aborts = metrics.counter(
      'apiserver_request_aborts_total',
      'Requests whose answer had begun when their time was over.',
      subject,
    );
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

  /** What it asks for will not be served for ever. */
  deprecated({ info: { group, version, resource, subresource } }: Exchange): void {
    this.deprecations.set(1, group, version, resource, subresource, '');
  }

  /** It was refused or ended for the server's own sake. */
  terminated(exchange: Exchange, code: number): void {
    this.terminations.add(1, ...this.subjectOf(exchange), 'apiserver', String(code));
  }

  /** Its answer had begun, and was cut off. */
  aborted(exchange: Exchange): void {
    this.aborts.add(1, ...this.subjectOf(exchange));
  }

  private subjectOf(exchange: Exchange): string[] {
    const { verb, group, version, resource, subresource } = isServed(exchange)
      ? { ...exchange.info, verb: verbLabel(exchange) }
      : { ...nowhere, verb: verbLabel(exchange) };
    return [verb, group, version, resource, subresource, scopeOf(exchange)];
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
    const tookMs = exchange.server.monotonic.elapsedMs() - exchange.startedMs;
    handles.took(tookMs / 1000);
    handles.tookSli?.((tookMs - exchange.queuedMs) / 1000);
    handles.size?.(exchange.sentBytes);
  }

  private handlesOf(exchange: Exchange): Handles {
    const { info } = exchange;
    const verb = verbLabel(exchange);
    const dryRun = info.query.includes('dryRun') ? dryRunLabel(exchange.query.getAll('dryRun')) : '';
    // Paths that lead nowhere share one series: clients must not be able to make up labels.
    const scope = exchange.isRouted ? scopeOf(exchange) : '';
    const { group, version, resource, subresource } = exchange.isRouted
      ? info
      : (healthPaths.get(info.path) ?? nowhere);
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
        tookSli:
          dryRun === '' ? this.sli.of(verb, group, version, resource, subresource, scope, 'apiserver') : undefined,
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
  // By its method alone, which is what `MonitorRequest` goes by.
  deletecollection: 'DELETE',
};

/** A closed set, whatever a client sends as its method (upstream's `cleanVerb`). */
export function verbLabel(exchange: Exchange): string {
  const { info, request } = exchange;
  if (info.isResource && Object.hasOwn(verbLabels, info.verb)) {
    if (info.subresource !== '' && info.verb !== 'watch' && isLongRunning(exchange)) return 'CONNECT';
    if (info.verb === 'patch' && exchange.header('content-type') === applyPatch) return 'APPLY';
    return verbLabels[info.verb] ?? 'other';
  }
  const method = request.method ?? '';
  if (method === 'HEAD') return 'GET';
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
}

const applyPatch = 'application/apply-patch+yaml';

/** `All`, or `invalid`: clients must not be able to make up labels (upstream's `cleanDryRun`). */
const dryRunLabel = (given: readonly string[]): string =>
  given.every((one) => one === 'All') ? (given[0] ?? '') : 'invalid';

/** Before a request is led to its resource: is there one that it could be led to? */
const isServed = ({ info, server, isRouted }: Exchange): boolean =>
  isRouted || (info.isResource && server.kinds.resource(info.group, info.version, info.resource) !== undefined);

function scopeOf({ info }: Exchange): string {
  if (!info.isResource) return '';
  if (info.pathName !== '' || info.verb === 'create') return 'resource';
  return info.namespace !== '' ? 'namespace' : 'cluster';
}
