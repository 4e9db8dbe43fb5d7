import type { Gauge, MetricsRegistry } from '@reckon/kernel';
import type { Limits } from '../api-server-options';
import type { Exchange } from '../exchange';
import { PlainError } from '../response/respond-error';

const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);
/** Streams hold no place (k8s.io/apiserver/pkg/server `BasicLongRunningRequestCheck` with kube-apiserver's lists). */
const streams: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

export function isLongRunning(exchange: Exchange): boolean {
  const { info } = exchange;
  if (!info.isResource) return info.path.startsWith('/debug/pprof/');
  return info.verb === 'watch' || info.verb === 'proxy' || streams.has(info.subresource);
}

/** Counts requests in flight; bound: the two limits; overflow: undefined. Nothing queues here. */
export class InFlight {
  private readonly counts = { readOnly: 0, mutating: 0 };
  private readonly queued = { readOnly: 0, mutating: 0 };
  private readonly gauge: Gauge;
  private readonly queuedGauge: Gauge;

  constructor(
    private readonly limit: Pick<Limits, 'maxInFlight' | 'maxMutatingInFlight'>,
    metrics: MetricsRegistry,
  ) {
    this.gauge = metrics.gauge(
      'apiserver_current_inflight_requests',
      'Requests being answered now, by kind, without watches and streams.',
      ['request_kind'],
    );
    this.queuedGauge = metrics.gauge(
      'apiserver_current_inqueue_requests',
      'Requests that wait for a seat now, by kind.',
      ['request_kind'],
    );
    for (const gauge of [this.gauge, this.queuedGauge]) {
      gauge.set(0, 'readOnly');
      gauge.set(0, 'mutating');
    }
  }

  take(kind: 'readOnly' | 'mutating'): (() => void) | undefined {
    const limit = kind === 'readOnly' ? this.limit.maxInFlight : this.limit.maxMutatingInFlight;
    return this.counts[kind] >= limit ? undefined : this.count(kind);
  }

  /** One waits in a queue of flow control; the returned function ends that. */
  wait(kind: 'readOnly' | 'mutating'): () => void {
    this.queuedGauge.set(++this.queued[kind], kind);
    return () => {
      this.queuedGauge.set(--this.queued[kind], kind);
    };
  }

  /** Whatever the limit: flow control has let it in. */
  count(kind: 'readOnly' | 'mutating'): () => void {
    this.gauge.set(++this.counts[kind], kind);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.gauge.set(--this.counts[kind], kind);
    };
  }
}

/**
 * A seat in the request's priority level, or without flow control a place in the count; perhaps after some time in a queue. It is given
 * back when the answer is finished or the peer has gone, see `api-server.ts`, that of a watch when it is open, see `exchange.ts`.
 */
export function takePlace(exchange: Exchange): void | Promise<void> {
  const { flowControl, inFlight } = exchange.server;
  const { verb } = exchange.info;
  if (verb !== 'watch' && isLongRunning(exchange)) return;
  const kind = readOnlyVerbs.has(verb) ? 'readOnly' : 'mutating';
  if (flowControl === undefined) {
    if (verb === 'watch') return;
    exchange.release = inFlight.take(kind);
    // Whoever may do everything always gets an answer.
    if (exchange.release === undefined && !exchange.user.groups.includes('system:masters')) refuse(exchange, 1);
    return;
  }
  const seat = flowControl.admit(exchange);
  exchange.seat = seat;
  switch (seat.state) {
    case 'executing':
      hold(exchange, kind);
      return;
    case 'queued': {
      const { monotonic } = exchange.server;
      const queuedAtMs = monotonic.elapsedMs();
      const waited = inFlight.wait(kind);
      return seat.wait(exchange.signal).then((isServed) => {
        waited();
        exchange.queuedMs = monotonic.elapsedMs() - queuedAtMs;
        exchange.waited('apf-queue-wait', queuedAtMs);
        if (!isServed) refuse(exchange, seat.retryAfterSeconds);
        hold(exchange, kind);
      });
    }
    case 'done':
    case 'refused':
      refuse(exchange, seat.retryAfterSeconds);
  }
}

function refuse(exchange: Exchange, retryAfterSeconds: number): never {
  exchange.server.requests.terminated(exchange, 429);
  throw tooMany(retryAfterSeconds);
}

function hold(exchange: Exchange, kind: 'readOnly' | 'mutating'): void {
  exchange.release =
    exchange.info.verb === 'watch'
      ? exchange.server.flowControl?.watchOpened(exchange)
      : exchange.server.inFlight.count(kind);
}

/** Text, as whatever Go's `http.Error` answers (k8s.io/apiserver/pkg/server/filters `tooManyRequests`). */
const tooMany = (seconds: number): PlainError =>
  new PlainError(429, 'Too many requests, please try again later.\n', [
    'Retry-After',
    String(seconds),
    'X-Content-Type-Options',
    'nosniff',
  ]);
