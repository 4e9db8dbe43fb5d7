import type { HealthCheck } from '@reckon/serve/http';

const endpoints = ['healthz', 'livez', 'readyz'] as const;

export interface HealthAnswer {
  readonly code: number;
  readonly text: string;
}

/** `/healthz`, `/livez`, `/readyz` and their checks by name; undefined for any other path (k8s.io/apiserver/pkg/server/healthz). */
export async function healthAnswer(
  checks: readonly HealthCheck[],
  path: string,
  query: URLSearchParams,
): Promise<HealthAnswer | undefined> {
  const [, first, name, ...deeper] = path.split('/');
  const endpoint = endpoints.find((one) => one === first);
  if (endpoint === undefined || deeper.length > 0) return undefined;
  const own = [ping, ...checks].filter((check) => check.endpoints?.includes(endpoint) ?? true);
  if (name !== undefined && name !== '') {
    const check = own.find((one) => one.name === name);
    if (check === undefined) return undefined;
    const failure = await failureOf(check);
    return failure === undefined
      ? { code: 200, text: 'ok' }
      : { code: 500, text: `internal server error: ${failure}\n` };
  }
  let lines = '';
  let isWell = true;
  for (const check of own) {
    const failure = await failureOf(check);
    isWell &&= failure === undefined;
    // Anybody may read this: the reason is behind the check's own path, for those who may.
    lines += failure === undefined ? `[+]${check.name} ok\n` : `[-]${check.name} failed: reason withheld\n`;
  }
  if (!isWell) return { code: 500, text: `${lines}${endpoint} check failed\n` };
  return { code: 200, text: query.has('verbose') ? `${lines}${endpoint} check passed\n` : 'ok' };
}

const ping: HealthCheck = { name: 'ping', check: () => undefined };

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
