import type { MetricsRegistry } from '@reckon/kernel';
import type { HealthCheck } from '../api-server-options';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import { type HealthAnswer, healthAnswer, singleHealthAnswer } from './health-answer';
import { healthOutcomes } from './health-outcomes';
import type { PathHandler } from './path-table';

const endpoints = ['healthz', 'livez', 'readyz'] as const;

const noSniff = { headers: ['X-Content-Type-Options', 'nosniff'] };

interface HealthPathOptions {
  /** Asked after `ping` and `log`, before `shutdown`. */
  readonly checks: readonly HealthCheck[];
  readonly isStopping: () => boolean;
  /** What `/metrics/slis` shows: how the checks went. */
  readonly slis: MetricsRegistry;
}

/** `/healthz`, `/livez`, `/readyz` and each of their checks by name (k8s.io/apiserver/pkg/server/healthz). */
export function healthPaths({ checks: given, isStopping, slis }: HealthPathOptions): [string, PathHandler][] {
  const outcome = healthOutcomes(slis);
  const checks: readonly HealthCheck[] = [
    { name: 'ping', check: () => undefined },
    // Answering at all shows that lines can be written.
    { name: 'log', check: () => undefined },
    ...given,
    {
      name: 'shutdown',
      endpoints: ['readyz'],
      check: () => {
        if (isStopping()) throw new Error('process is shutting down');
      },
    },
  ];
  const paths: [string, PathHandler][] = [];
  for (const endpoint of endpoints) {
    const own = checks.filter((c) => c.endpoints?.includes(endpoint) ?? true);
    // Probes come every few seconds: what they find is told when it changes.
    const told = new Map<string, string | undefined>();
    paths.push([
      `/${endpoint}`,
      async (exchange) => {
        const { query, server } = exchange;
        const observe = (name: string, failure: string | undefined): void => {
          outcome(endpoint, name, failure);
          if (failure !== undefined && failure !== told.get(name))
            server.logger.warn('health check failed', { check: name, endpoint, reason: failure });
          told.set(name, failure);
        };
        await send(exchange, await healthAnswer({ endpoint, checks: own, query, observe }));
      },
    ]);
    for (const check of own)
      paths.push([`/${endpoint}/${check.name}`, async (exchange) => send(exchange, await singleHealthAnswer(check))]);
  }
  return paths;
}

const send = (exchange: Exchange, { code, text }: HealthAnswer): void | Promise<void> =>
  respond(exchange, code, 'text/plain; charset=utf-8', text, noSniff);
