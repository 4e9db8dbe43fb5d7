import { type LabelSelector, StatusError, parseApiVersion, parseTime } from '@reckon/api/machinery';
import type { RestClient } from '@reckon/client/rest';
import { durationMs } from './go-duration';
import { milliOf } from './autoscaler';
import type { MetricsClient, PodMetric, PodMetrics } from './metrics-client';

interface MeasuredPod {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers?: readonly { readonly name: string; readonly usage?: Readonly<Record<string, string>> }[];
}

interface MetricValue {
  readonly describedObject?: { readonly name: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly value: string;
}

interface Items<T> {
  readonly items?: readonly T[];
}

const resourceApi = '/apis/metrics.k8s.io/v1beta1';
const externalApi = '/apis/external.metrics.k8s.io/v1beta1';
const customGroup = 'custom.metrics.k8s.io';
/** Newest first. */
const customVersions = ['v1beta2', 'v1beta1'];
const defaultWindowMs = 60_000;

/** The metrics APIs, which others serve through the apiserver. */
export function restMetricsClient(
  rest: RestClient,
  resourceOf: (group: string, kind: string) => Promise<string>,
): MetricsClient {
  const customApi = async (): Promise<string> => {
    const path = `/apis/${customGroup}`;
    const group = await rest
      .request<{ readonly versions?: readonly { readonly version: string }[] }>('GET', path)
      .catch((error: unknown) => {
        if (error instanceof StatusError && error.status.code === 404)
          throw new Error(`no custom metrics API (${customGroup}) registered`);
        throw error;
      });
    const served = (group.versions ?? []).map(({ version }) => version);
    return `${path}/${customVersions.find((version) => served.includes(version)) ?? 'v1beta1'}`;
  };
  const custom = async (
    namespace: string,
    target: string,
    metric: string,
    selector: LabelSelector | undefined,
    metricSelector: LabelSelector,
  ): Promise<readonly MetricValue[]> => {
    const { items = [] } = await fetched('custom', async () => {
      const path = `${await customApi()}${namespace === '' ? '' : `/namespaces/${namespace}`}/${target}/${metric}`;
      const what = `get ${target.split('/')[0] ?? ''}.${customGroup}`;
      return get<Items<MetricValue>>(rest, path, what, {
        labelSelector: selector?.toString(),
        metricLabelSelector: textOf(metricSelector),
      });
    });
    return items;
  };
  return {
    async resource(resource, namespace, selector, container) {
      const { items = [] } = await fetched('resource', () =>
        get<Items<MeasuredPod>>(rest, `${resourceApi}/namespaces/${namespace}/pods`, 'get pods.metrics.k8s.io', {
          labelSelector: textOf(selector),
        }),
      );
      if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
      return container === undefined ? wholePods(items, resource) : oneContainer(items, resource, container);
    },
    async pods(metric, namespace, selector, metricSelector) {
      const items = await custom(namespace, 'pods/*', metric, selector, metricSelector);
      if (items.length === 0) throw new Error('no metrics returned from custom metrics API');
      return new Map(
        items.map(({ describedObject, timestamp, windowSeconds, value }): [string, PodMetric] => [
          describedObject?.name ?? '',
          {
            value: milliOf(value),
            atMs: parseTime(timestamp),
            windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000,
          },
        ]),
      );
    },
    async object(metric, namespace, { kind, name, apiVersion = '' }, metricSelector) {
      const group = parseApiVersion(apiVersion)?.group ?? '';
      const [one] =
        kind === 'Namespace' && group === ''
          ? // A namespace speaks for itself only, whatever the reference names.
            await custom('', `namespaces/${namespace}/metrics`, metric, undefined, metricSelector)
          : await custom(namespace, `${await resourceOf(group, kind)}/${name}`, metric, undefined, metricSelector);
      if (one === undefined)
        throw new Error(
          `unable to fetch metrics from custom metrics API: the custom metrics API server returned 0 results when we asked for exactly one`,
        );
      return milliOf(one.value);
    },
    async external(metric, namespace, metricSelector) {
      const { items = [] } = await fetched('external', () =>
        get<Items<MetricValue>>(
          rest,
          `${externalApi}/namespaces/${namespace}/${metric}`,
          `get ${metric}.external.metrics.k8s.io`,
          { labelSelector: textOf(metricSelector) },
        ),
      );
      if (items.length === 0) throw new Error('no metrics returned from external metrics API');
      return items.map(({ value }) => milliOf(value));
    },
  };
}

const textOf = (selector: LabelSelector): string | undefined => selector.toString() || undefined;

async function fetched<T>(which: string, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`unable to fetch metrics from ${which} metrics API: ${text}`, { cause });
  }
}

/** client-go's words where the server's answer is none of an API. */
const withoutWords: Readonly<Record<number, string>> = {
  404: 'the server could not find the requested resource',
  503: 'the server is currently unable to handle the request',
};

async function get<T>(
  rest: RestClient,
  path: string,
  what: string,
  query: Readonly<Record<string, string | undefined>>,
): Promise<T> {
  try {
    return await rest.request<T>('GET', path, { query });
  } catch (error) {
    const words = error instanceof StatusError ? withoutWords[error.status.code] : undefined;
    // Told by its lack of details from a Status of the API that serves the metric.
    if (words === undefined || (error instanceof StatusError && error.status.details?.name !== undefined)) throw error;
    throw new Error(`${words} (${what})`, { cause: error });
  }
}

/** Pods of which one container was not measured are left out. */
function wholePods(items: readonly MeasuredPod[], resource: string): PodMetrics {
  const found: PodMetrics = new Map();
  for (const pod of items) {
    const values = (pod.containers ?? []).map(({ usage }) => usage?.[resource]);
    if (values.length === 0 || values.includes(undefined)) continue;
    const value = values.reduce((sum, text) => sum + milliOf(text ?? '0'), 0);
    found.set(pod.metadata.name, measured(pod, value));
  }
  return found;
}

function oneContainer(items: readonly MeasuredPod[], resource: string, container: string): PodMetrics {
  const found: PodMetrics = new Map();
  for (const pod of items) {
    const { name, namespace = '' } = pod.metadata;
    const one = (pod.containers ?? []).find((c) => c.name === container);
    if (one === undefined)
      throw new Error(
        `failed to get container metrics: container ${container} not present in metrics for pod ${namespace}/${name}`,
      );
    const text = one.usage?.[resource];
    if (text !== undefined) found.set(name, measured(pod, milliOf(text)));
  }
  return found;
}

const measured = ({ timestamp, window }: MeasuredPod, value: number): PodMetric => ({
  value,
  atMs: parseTime(timestamp),
  windowMs: durationMs(window),
});
