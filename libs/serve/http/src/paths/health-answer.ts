import type { HealthCheck } from '../api-server-options';

type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

interface HealthQuestion {
  readonly endpoint: HealthEndpoint;
  /** Those of the endpoint, in order. */
  readonly checks: readonly HealthCheck[];
  readonly query: Pick<URLSearchParams, 'getAll' | 'has'>;
  /** Told how each went that was asked; the reason is not for everybody. */
  readonly observe?: (name: string, failure: string | undefined) => void;
}

export interface HealthAnswer {
  readonly code: 200 | 500;
  readonly text: string;
}

/** All checks of an endpoint but those that `exclude` names (k8s.io/apiserver/pkg/server/healthz `handleRootHealth`). */
export async function healthAnswer({ endpoint, checks, query, observe }: HealthQuestion): Promise<HealthAnswer> {
  const excluded = new Set(query.getAll('exclude'));
  let lines = '';
  let hasFailed = false;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines += `[+]${check.name} excluded: ok\n`;
      continue;
    }
    const failure = await failureOf(check);
    observe?.(check.name, failure);
    hasFailed ||= failure !== undefined;
    // Anybody may read this: the reason is for the log, and for those who may ask for the check itself.
    lines += failure === undefined ? `[+]${check.name} ok\n` : `[-]${check.name} failed: reason withheld\n`;
  }
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((name) => JSON.stringify(name));
    lines += `warn: some health checks cannot be excluded: no matches for ${names.join(',')}\n`;
  }
  if (hasFailed) return { code: 500, text: `${lines}${endpoint} check failed\n` };
  return { code: 200, text: query.has('verbose') ? `${lines}${endpoint} check passed\n` : 'ok' };
}

/** One check by its own path (`adaptCheckToHandler`). */
export async function singleHealthAnswer(check: HealthCheck): Promise<HealthAnswer> {
  const failure = await failureOf(check);
  if (failure === undefined) return { code: 200, text: 'ok' };
  return { code: 500, text: `internal server error: ${failure}\n` };
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
