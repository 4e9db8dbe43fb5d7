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

/** Counts requests in flight; bound: the two limits; overflow: 429 with Retry-After. Nothing queues here. */
export class InFlight {
  private readonly counts = { readOnly: 0, mutating: 0 };
  private readonly gauge: Gauge;

  constructor(
    private readonly limit: Pick<Limits, 'maxInFlight' | 'maxMutatingInFlight'>,
    metrics: MetricsRegistry,
  ) {
    this.gauge = metrics.gauge(
      'apiserver_current_inflight_requests',
      'Requests being answered now, by kind, without watches and streams.',
      ['request_kind'],
    );
    this.gauge.set(0, 'readOnly');
    this.gauge.set(0, 'mutating');
  }

  take(kind: 'readOnly' | 'mutating'): () => void {
    const limit = kind === 'readOnly' ? this.limit.maxInFlight : this.limit.maxMutatingInFlight;
    if (this.counts[kind] >= limit) throw tooMany(1);
    return this.count(kind);
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
    if (verb !== 'watch') exchange.release = inFlight.take(kind);
    return;
  }
  const seat = flowControl.admit(exchange);
  exchange.seat = seat;
  switch (seat.state) {
    case 'executing':
      hold(exchange, kind);
      return;
    case 'queued':
      return seat.wait(exchange.signal).then((isServed) => {
        if (!isServed) throw tooMany(seat.retryAfterSeconds);
        hold(exchange, kind);
      });
    case 'done':
    case 'refused':
      throw tooMany(seat.retryAfterSeconds);
  }
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
