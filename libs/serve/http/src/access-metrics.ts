import type { MetricsRegistry, Monotonic } from '@reckon/kernel';
import { ImpersonationMetrics } from './impersonation-metrics';

type AuthenticationResult = 'success' | 'failure' | 'error';
/** Denied: by an authorizer that will have no other asked; no-opinion: nobody allowed it. */
type AuthorizationResult = 'allowed' | 'denied' | 'no-opinion' | 'error';

const bounds = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const wellKnown: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** Who came in and what was allowed; names and labels as k8s.io/apiserver/pkg/endpoints/filters has them. */
export class AccessMetrics {
  readonly authenticated: (result: AuthenticationResult, startedMs: number) => void;
  readonly authorized: (result: AuthorizationResult, startedMs: number) => void;
  /** A user who came in: one of a few classes, since a metric must hold no names. */
  readonly came: (username: string) => void;
  readonly impersonations: ImpersonationMetrics;

  constructor(metrics: MetricsRegistry, monotonic: Monotonic) {
    this.impersonations = new ImpersonationMetrics(metrics);
    const users = metrics.counter('authenticated_user_requests', 'Requests of users who came in, by class of name.', [
      'username',
    ]);
    const usersOf = new Map<string, (amount: number) => void>();
    this.came = (username) => {
      const label = classOf(username);
      let count = usersOf.get(label);
      if (count === undefined) usersOf.set(label, (count = users.of(label)));
      count(1);
    };
    this.authenticated = outcomes<AuthenticationResult>(metrics, monotonic, {
      attempts: 'authentication_attempts',
      duration: 'authentication_duration_seconds',
      help: 'Authentication of requests, by result.',
      results: ['success', 'failure', 'error'],
    });
    this.authorized = outcomes<AuthorizationResult>(metrics, monotonic, {
      attempts: 'authorization_attempts_total',
      duration: 'authorization_duration_seconds',
      help: 'Authorization of requests, by result.',
      results: ['allowed', 'denied', 'no-opinion', 'error'],
    });
  }
}

function outcomes<T extends string>(
  metrics: MetricsRegistry,
  monotonic: Monotonic,
  names: {
    readonly attempts: string;
    readonly duration: string;
    readonly help: string;
    readonly results: readonly T[];
  },
): (result: T, startedMs: number) => void {
  const attempts = metrics.counter(names.attempts, names.help, ['result']);
  const duration = metrics.histogram(names.duration, names.help, bounds, ['result']);
  const handles = new Map(names.results.map((result) => [result, [attempts.of(result), duration.of(result)] as const]));
  return (result, startedMs) => {
    const found = handles.get(result);
    if (found === undefined) return;
    const [count, took] = found;
    count(1);
    took((monotonic.elapsedMs() - startedMs) / 1000);
  };
}

function classOf(username: string): string {
  if (wellKnown.has(username)) return username;
  return username.includes('@') ? 'email_id' : 'other';
}
