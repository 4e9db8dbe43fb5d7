import { type HealthAnswer, type HealthCheck, healthAnswer, singleHealthAnswer } from '@reckon/serve/http';

const endpoints = ['healthz', 'livez', 'readyz'] as const;

/** Of a component's `/healthz`, `/livez`, `/readyz` and their checks by name; undefined for any other path. */
export async function componentHealth(
  checks: readonly HealthCheck[],
  { pathname, searchParams: query }: Pick<URL, 'pathname' | 'searchParams'>,
  observe?: (endpoint: string, name: string, failure: string | undefined) => void,
): Promise<HealthAnswer | undefined> {
  const [, first, name, ...deeper] = pathname.split('/');
  const endpoint = endpoints.find((one) => one === first);
  if (endpoint === undefined || deeper.length > 0) return undefined;
  const own = [ping, ...checks].filter((check) => check.endpoints?.includes(endpoint) ?? true);
  if (name === undefined || name === '')
    return healthAnswer({
      endpoint,
      checks: own,
      query,
      ...(observe === undefined
        ? {}
        : {
            observe: (check: string, failure: string | undefined) => {
              observe(endpoint, check, failure);
            },
          }),
    });
  const check = own.find((one) => one.name === name);
  return check === undefined ? undefined : singleHealthAnswer(check);
}

const ping: HealthCheck = { name: 'ping', check: () => undefined };
