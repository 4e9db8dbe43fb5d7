import type { Counter, Histogram, MetricsRegistry } from '@reckon/kernel';

const seconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** What the requests of one client to one host report. */
export interface HostMetrics {
  /** One attempt: the code of the answer; undefined where none came. */
  attempted(method: string, code: number | undefined): void;
  /** A whole call with its repetitions; without watches and logs. */
  took(method: string, seconds: number): void;
  /** Waited for by a call of a client that limits its rate. */
  waited(method: string, seconds: number): void;
}

interface Families {
  readonly results: Counter;
  readonly duration: Histogram;
  readonly waiting: Histogram;
}

interface Handles {
  readonly byCode: Map<number | undefined, (amount: number) => void>;
  readonly took: (seconds: number) => void;
  waited: ((seconds: number) => void) | undefined;
}

/**
 * Requests of the clients of one program; names as k8s.io/component-base/metrics/prometheus/restclient. The families are declared
 * with the first client, since an apiserver has none.
 */
export class RequestMetrics {
  private families: Families | undefined;

  constructor(private readonly registry: MetricsRegistry) {}

  of(host: string): HostMetrics {
    const families = (this.families ??= declare(this.registry));
    const known = new Map<string, Handles>();
    const handlesOf = (method: string): Handles => {
      let handles = known.get(method);
      if (handles === undefined) {
        handles = { byCode: new Map(), took: families.duration.of(method, host), waited: undefined };
        known.set(method, handles);
      }
      return handles;
    };
    return {
      attempted(method, code) {
        const { byCode } = handlesOf(method);
        let count = byCode.get(code);
        if (count === undefined) {
          count = families.results.of(code === undefined ? '<error>' : String(code), method, host);
          byCode.set(code, count);
        }
        count(1);
      },
      took(method, taken) {
        handlesOf(method).took(taken);
      },
      waited(method, waited) {
        const handles = handlesOf(method);
        (handles.waited ??= families.waiting.of(method, host))(waited);
      },
    };
  }
}

const declare = (registry: MetricsRegistry): Families => ({
  results: registry.counter('rest_client_requests_total', 'Requests to apiservers, by code, method and host.', [
    'code',
    'method',
    'host',
  ]),
  duration: registry.histogram(
    'rest_client_request_duration_seconds',
    'How long calls of apiservers take with their repetitions, by verb and host; without watches.',
    seconds,
    ['verb', 'host'],
  ),
  waiting: registry.histogram(
    'rest_client_rate_limiter_duration_seconds',
    'How long calls wait for their turn where a rate is set (--kube-api-qps), by verb and host.',
    seconds,
    ['verb', 'host'],
  ),
});
