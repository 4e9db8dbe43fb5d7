import { type LabelSelector, everyLabel, labelSelectorFromObject } from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import { milliOf, milliText } from './autoscaler';
import type { MetricsClient } from './metrics-client';
import { type CountBasis, countByAverage, countByRatio, countByUtilization, isWithin } from './replica-count';

/** What one metric asks for. */
export interface Proposal {
  readonly replicas: number;
  /** As events name it. */
  readonly metric: string;
  readonly status: autoscalingv2.MetricStatus;
}

/** A metric that says nothing: its message stands in the event and the condition of this reason, `summary` in that of all metrics. */
export class MetricError extends Error {
  readonly code = 'Metric';
  constructor(
    readonly reason: string,
    message: string,
    readonly summary: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface ProposalBasis extends Omit<CountBasis, 'metrics' | 'resource'> {
  readonly client: MetricsClient;
  readonly namespace: string;
  readonly selector: LabelSelector;
  /** That the scale tells, where `currentReplicas` are those that it wants. */
  readonly statusReplicas: number;
}

type Spec = autoscalingv2.MetricSpec;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Messages say where in the chain something failed. */
async function within<T>(prefix: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new Error(`${prefix}: ${textOf(cause)}`, { cause });
  }
}

/** `computeReplicasForMetric`. Throws `MetricError`. */
export async function proposeReplicas(spec: Spec, basis: ProposalBasis): Promise<Proposal> {
  const { reason, what, propose } = sourceOf(spec, basis);
  try {
    return await propose();
  } catch (cause) {
    const text = textOf(cause);
    const summary = what === undefined ? text : `failed to get ${what} metric value: ${text}`;
    throw new MetricError(reason, text, summary, { cause });
  }
}

interface Source {
  readonly reason: string;
  readonly what: string | undefined;
  readonly propose: () => Promise<Proposal>;
}

function sourceOf(spec: Spec, basis: ProposalBasis): Source {
  const { type, resource, containerResource, pods, object, external } = spec;
  if (type === 'Resource' && resource !== undefined)
    return {
      reason: 'FailedGetResourceMetric',
      what: `${resource.name} resource`,
      propose: () => byResource(basis, resource, undefined),
    };
  if (type === 'ContainerResource' && containerResource !== undefined)
    return {
      reason: 'FailedGetContainerResourceMetric',
      what: `${containerResource.container} container`,
      propose: () => byResource(basis, containerResource, containerResource.container),
    };
  if (type === 'Pods' && pods !== undefined)
    return { reason: 'FailedGetPodsMetric', what: 'pods', propose: () => byPods(basis, pods) };
  if (type === 'Object' && object !== undefined)
    return { reason: 'FailedGetObjectMetric', what: 'object', propose: () => byObject(basis, object) };
  if (type === 'External' && external !== undefined)
    return {
      reason: 'FailedGetExternalMetric',
      what: `${external.metric.name} external`,
      propose: () => byExternal(basis, external),
    };
  return {
    reason: 'InvalidMetricSourceType',
    what: undefined,
    propose: () => Promise.reject(new Error(`unknown metric source type ${JSON.stringify(type)}`)),
  };
}

async function byResource(
  basis: ProposalBasis,
  { name, target }: autoscalingv2.ResourceMetricSource,
  container: string | undefined,
): Promise<Proposal> {
  const statusOf = (current: autoscalingv2.MetricValueStatus): autoscalingv2.MetricStatus =>
    container === undefined
      ? { type: 'Resource', resource: { name, current } }
      : { type: 'ContainerResource', containerResource: { name, container, current } };
  const { averageValue, averageUtilization: percent } = target;
  const countBasis = async (): Promise<CountBasis> => ({
    ...basis,
    resource: name,
    metrics: await within(`unable to get metrics for resource ${name}`, () =>
      basis.client.resource(name, basis.namespace, basis.selector, container),
    ),
  });
  if (averageValue !== undefined) {
    const { replicas, average } = await within(`failed to get ${name} usage`, async () =>
      countByAverage(await countBasis(), milliOf(averageValue)),
    );
    return { replicas, metric: `${name} resource`, status: statusOf({ averageValue: milliText(average) }) };
  }
  if (percent === undefined)
    throw new Error(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  const count = await within(`failed to get ${name} utilization`, async () =>
    countByUtilization(await countBasis(), { percent, container }),
  );
  return {
    replicas: count.replicas,
    metric: `${name} ${container === undefined ? '' : 'container '}resource utilization (percentage of request)`,
    status: statusOf({ averageUtilization: count.percent, averageValue: milliText(count.average) }),
  };
}

async function byPods(basis: ProposalBasis, { metric, target }: autoscalingv2.PodsMetricSource): Promise<Proposal> {
  const metricSelector = metricSelectorOf(metric);
  const metrics = await within(`unable to get metric ${metric.name}`, () =>
    basis.client.pods(metric.name, basis.namespace, basis.selector, metricSelector),
  );
  const { replicas, average } = countByAverage(
    { ...basis, resource: '', metrics },
    milliOf(target.averageValue ?? '0'),
  );
  return {
    replicas,
    metric: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current: { averageValue: milliText(average) } } },
  };
}

async function byObject(
  basis: ProposalBasis,
  { metric, target, describedObject }: autoscalingv2.ObjectMetricSource,
): Promise<Proposal> {
  const metricSelector = metricSelectorOf(metric);
  const { namespace, client } = basis;
  const ask = async (): Promise<number> => {
    try {
      return await client.object(metric.name, namespace, describedObject, metricSelector);
    } catch (cause) {
      const { kind, name } = describedObject;
      throw new Error(`unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${textOf(cause)}`, {
        cause,
      });
    }
  };
  const statusOf = (current: autoscalingv2.MetricValueStatus): autoscalingv2.MetricStatus => ({
    type: 'Object',
    object: { describedObject, metric, current },
  });
  if (target.type === 'Value' && target.value !== undefined) {
    const usage = await ask();
    return {
      replicas: countByRatio(usage / milliOf(target.value), basis),
      metric: `${describedObject.kind} metric ${metric.name}`,
      status: statusOf({ value: milliText(usage) }),
    };
  }
  if (target.type === 'AverageValue' && target.averageValue !== undefined) {
    const { averageValue } = target;
    const { replicas, average } = await within(`failed to get ${metric.name} object metric`, async () =>
      countPerPod(await ask(), milliOf(averageValue), basis),
    );
    return {
      replicas,
      metric: `external metric ${metric.name}(${selectorText(metric.selector)})`,
      status: statusOf({ averageValue: milliText(average) }),
    };
  }
  throw new Error('invalid object metric source: neither a value target nor an average value target was set');
}

async function byExternal(
  basis: ProposalBasis,
  { metric, target }: autoscalingv2.ExternalMetricSource,
): Promise<Proposal> {
  const { namespace, client } = basis;
  const ask = async (): Promise<number> => {
    const metricSelector = metricSelectorOf(metric);
    const values = await within(
      `unable to get external metric ${namespace}/${metric.name}/${selectorText(metric.selector)}`,
      () => client.external(metric.name, namespace, metricSelector),
    );
    return values.reduce((sum, value) => sum + value, 0);
  };
  const named = `external metric ${metric.name}(${selectorText(metric.selector)})`;
  const statusOf = (current: autoscalingv2.MetricValueStatus): autoscalingv2.MetricStatus => ({
    type: 'External',
    external: { metric, current },
  });
  const { averageValue, value } = target;
  if (averageValue !== undefined) {
    const { replicas, average } = await within(`failed to get ${metric.name} external metric`, async () =>
      countPerPod(await ask(), milliOf(averageValue), basis),
    );
    return { replicas, metric: named, status: statusOf({ averageValue: milliText(average) }) };
  }
  if (value !== undefined) {
    const { replicas, usage } = await within(`failed to get external metric ${metric.name}`, async () => {
      const asked = await ask();
      return { usage: asked, replicas: countByRatio(asked / milliOf(value), basis) };
    });
    return { replicas, metric: named, status: statusOf({ value: milliText(usage) }) };
  }
  throw new Error('invalid external metric source: neither a value target nor an average value target was set');
}

/** By a measure of the whole that is shared out among the pods. */
function countPerPod(
  usage: number,
  target: number,
  { statusReplicas, tolerances }: ProposalBasis,
): { readonly replicas: number; readonly average: number } {
  const isRight = statusReplicas > 0 && isWithin(usage / (target * statusReplicas), tolerances);
  return {
    replicas: isRight ? statusReplicas : Math.ceil(usage / target),
    average: statusReplicas === 0 ? 0 : Math.ceil(usage / statusReplicas),
  };
}

/** An absent selector asks for the metric as it is. */
const metricSelectorOf = ({ selector }: autoscalingv2.MetricIdentifier): LabelSelector =>
  selector === undefined ? everyLabel() : labelSelectorFromObject(selector);

/** As Go prints a `*metav1.LabelSelector`. */
export function selectorText(selector: autoscalingv2.MetricIdentifier['selector']): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
