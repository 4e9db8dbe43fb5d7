import type { Counter, Gauge, MetricsRegistry } from '@reckon/kernel';
import type { HealthCheck } from '../api-server-options';
import type { Exchange } from '../exchange';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

const endpoints = ['healthz', 'livez', 'readyz'] as const;
type Endpoint = (typeof endpoints)[number];

const text = 'text/plain; charset=utf-8';
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
  const outcomes = healthOutcomes(slis);
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
    paths.push([`/${endpoint}`, (exchange) => summary(exchange, { endpoint, checks: own, outcomes })]);
    for (const check of own) paths.push([`/${endpoint}/${check.name}`, (exchange) => single(exchange, check)]);
  }
  return paths;
}

interface Outcomes {
  readonly healthy: Gauge;
  readonly total: Counter;
}

/** As k8s.io/component-base/metrics/prometheus/slis: of each check when it was last asked, and how often it went which way. */
const healthOutcomes = (slis: MetricsRegistry): Outcomes => ({
  healthy: slis.gauge('kubernetes_healthcheck', 'Whether a check was well when it was last asked.', ['name', 'type']),
  total: slis.counter('kubernetes_healthchecks_total', 'Checks that were asked.', ['name', 'status', 'type']),
});

interface Summary {
  readonly endpoint: Endpoint;
  readonly checks: readonly HealthCheck[];
  readonly outcomes: Outcomes;
}

async function summary(exchange: Exchange, { endpoint, checks, outcomes }: Summary): Promise<void> {
  const excluded = new Set(exchange.query.getAll('exclude'));
  let lines = '';
  let hasFailed = false;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines += `[+]${check.name} excluded: ok\n`;
      continue;
    }
    const failure = await failureOf(check);
    outcomes.healthy.set(failure === undefined ? 1 : 0, check.name, endpoint);
    outcomes.total.add(1, check.name, failure === undefined ? 'success' : 'error', endpoint);
    if (failure === undefined) lines += `[+]${check.name} ok\n`;
    else {
      hasFailed = true;
      // Anybody may read this: the reason is for the log.
      lines += `[-]${check.name} failed: reason withheld\n`;
      exchange.server.logger.warn('health check failed', { check: check.name, endpoint, reason: failure });
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((name) => JSON.stringify(name));
    lines += `warn: some health checks cannot be excluded: no matches for ${names.join(',')}\n`;
  }
  if (hasFailed) return respond(exchange, 500, text, `${lines}${endpoint} check failed\n`, noSniff);
  const isVerbose = exchange.query.has('verbose');
  return respond(exchange, 200, text, isVerbose ? `${lines}${endpoint} check passed\n` : 'ok', noSniff);
}

async function single(exchange: Exchange, check: HealthCheck): Promise<void> {
  const failure = await failureOf(check);
  if (failure === undefined) return respond(exchange, 200, text, 'ok', noSniff);
  return respond(exchange, 500, text, `internal server error: ${failure}\n`, noSniff);
}

/** The message of what is wrong; undefined when all is well. */
async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
