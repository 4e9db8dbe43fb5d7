import { goJson, type KubeObject } from '@reckon/api/machinery';
import { behaviorToV1, behaviorToV2 } from './autoscaling-conversion-behavior';
import {
  type Fields,
  isFields,
  isThere,
  metricSpecToV1,
  metricSpecToV2,
  metricStatusToV1,
  metricStatusToV2,
  read,
  referenceOf,
} from './autoscaling-conversion-metrics';
import type { Converters, GroupVersion } from './converters';
import type { Plan, Plans } from './normalize-plan';
import type { TypeTable } from './table';

const v1: GroupVersion = { group: 'autoscaling', version: 'v1' };
const v2: GroupVersion = { group: 'autoscaling', version: 'v2' };

const prefix = 'autoscaling.alpha.kubernetes.io/';
const metricsKey = `${prefix}metrics`;
const currentMetricsKey = `${prefix}current-metrics`;
const conditionsKey = `${prefix}conditions`;
const behaviorKey = `${prefix}behavior`;
/** None of these is a client's own: they are made anew whenever autoscaling/v1 is shown, and read when it comes in. */
const roundTripKeys: readonly string[] = [
  metricsKey,
  behaviorKey,
  `${prefix}scale-down-tolerance`,
  `${prefix}scale-up-tolerance`,
  currentMetricsKey,
  conditionsKey,
];

/**
 * HorizontalPodAutoscalers are stored as autoscaling/v2 and served as autoscaling/v1 too, which knows a single metric: the use of
 * cpu. All else travels in annotations, so that a v1 client that writes back what it read loses nothing
 * (pkg/apis/autoscaling/v1 `Convert_…_HorizontalPodAutoscaler_…`).
 */
export function addAutoscalingConversion(converters: Converters, types: TypeTable, plans: Plans): void {
  const planOf = (struct: string): Plan => plans.ofStruct(types.struct(struct));
  const [toV1, toV2] = [
    planOf('autoscaling/v1.HorizontalPodAutoscaler'),
    planOf('autoscaling/v2.HorizontalPodAutoscaler'),
  ];
  /** Puts the fields in order and adds those that the version always shows. */
  const canonical = (plan: Plan, object: Fields): KubeObject => {
    const run = { keys: 0, doubtful: false };
    const result = plan(object, run);
    if (run.doubtful) throw new RangeError('the HorizontalPodAutoscaler is not in canonical form');
    return result as KubeObject;
  };
  converters.add('HorizontalPodAutoscaler', v2, v1, (object) => canonical(toV1, autoscalerToV1(object)));
  converters.add('HorizontalPodAutoscaler', v1, v2, (object) =>
    canonical(
      toV2,
      autoscalerToV2(object, (struct, value) => accepted(planOf(`autoscaling/v2.${struct}`), value)),
    ),
  );
}

/** An autoscaler as it is shown in autoscaling/v1, with what its annotations hold at its place. */
export const autoscalerAsV2 = (object: KubeObject): Fields => autoscalerToV2(object, () => true);

/** What stands in an annotation counts as far as it has the form of what it stands for. */
function accepted(plan: Plan, value: unknown): boolean {
  const run = { keys: 0, doubtful: false };
  plan(value, run);
  return !run.doubtful;
}

const isCpu = (metric: Fields): boolean => {
  const { type, resource } = metric;
  return type === 'Resource' && isFields(resource) && resource['name'] === 'cpu';
};

/** The percentage under `target` or `current` of a metric of cpu. */
function utilizationOf(metric: Fields, part: 'target' | 'current'): unknown {
  const { resource } = metric;
  const values = isFields(resource) ? resource[part] : undefined;
  return isFields(values) ? (values['averageUtilization'] ?? undefined) : undefined;
}

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly Fields[]) : []);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const withoutAbsent = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isThere(value)));

function autoscalerToV1(object: KubeObject): Fields {
  const spec = fieldsOf(object['spec']);
  const status = fieldsOf(object['status']);
  const metrics = listOf(spec['metrics']);
  const current = listOf(status['currentMetrics']);
  const conditions = listOf(status['conditions']);
  const isPercentage = (metric: Fields): boolean => isCpu(metric) && utilizationOf(metric, 'target') !== undefined;
  const others = metrics.filter((metric) => !isPercentage(metric));
  const firstCpu = metrics.find(isCpu);
  const cpuSeen = current.filter((metric) => isCpu(metric) && utilizationOf(metric, 'current') !== undefined).at(-1);
  const kept = withoutRoundTrip(object.metadata.annotations);
  const annotations = {
    ...kept,
    ...(others.length === 0 ? {} : { [metricsKey]: goJson(others.map(metricSpecToV1)) }),
    ...(isFields(spec['behavior']) ? { [behaviorKey]: goJson(behaviorToV1(spec['behavior'])) } : {}),
    // What maps to the percentage too: only here is its raw value.
    ...(current.length === 0 ? {} : { [currentMetricsKey]: goJson(current.map(metricStatusToV1)) }),
    ...(conditions.length === 0 ? {} : { [conditionsKey]: goJson(conditions) }),
  };
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, annotations },
    spec: withoutAbsent({
      scaleTargetRef: referenceOf(spec['scaleTargetRef']),
      minReplicas: spec['minReplicas'],
      maxReplicas: spec['maxReplicas'],
      targetCPUUtilizationPercentage: firstCpu === undefined ? undefined : utilizationOf(firstCpu, 'target'),
    }),
    status: withoutAbsent({
      observedGeneration: status['observedGeneration'],
      lastScaleTime: status['lastScaleTime'],
      currentReplicas: status['currentReplicas'],
      desiredReplicas: status['desiredReplicas'],
      currentCPUUtilizationPercentage: cpuSeen === undefined ? undefined : utilizationOf(cpuSeen, 'current'),
    }),
  };
}

/** `accepts` says whether a part from an annotation has the form of a struct of autoscaling/v2. */
function autoscalerToV2(object: KubeObject, accepts: (struct: string, value: unknown) => boolean): Fields {
  const spec = fieldsOf(object['spec']);
  const status = fieldsOf(object['status']);
  const annotations = object.metadata.annotations ?? {};
  const annotated = (key: string): unknown =>
    Object.hasOwn(annotations, key) ? parsed(annotations[key] ?? '') : undefined;
  /** Undefined where the annotation is not there or does not hold such a list. */
  const listIn = (key: string, struct: string, convert: (item: Fields) => Fields): readonly Fields[] | undefined => {
    const value = annotated(key);
    if (value === null) return [];
    if (!Array.isArray(value)) return undefined;
    const items = value.map((item: unknown) => (isFields(item) ? convert(item) : (item ?? convert({}))));
    return items.every((item) => accepts(struct, item)) ? (items as Fields[]) : undefined;
  };
  const percentage = spec['targetCPUUtilizationPercentage'];
  const metrics = [
    ...(listIn(metricsKey, 'MetricSpec', metricSpecToV2) ?? []),
    ...(isThere(percentage) ? [cpuMetric(percentage)] : []),
  ];
  const behavior = behaviorToV2(annotated(behaviorKey));
  const seen = status['currentCPUUtilizationPercentage'];
  const seenMetrics = isThere(seen)
    ? [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: seen } } }]
    : undefined;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...object.metadata, annotations: withoutRoundTrip(annotations) },
    spec: withoutAbsent({
      scaleTargetRef: referenceOf(spec['scaleTargetRef']),
      minReplicas: spec['minReplicas'],
      maxReplicas: spec['maxReplicas'],
      // The default is autoscaling/v1's, which only here sees that there is no other metric.
      metrics: metrics.length === 0 ? [cpuMetric(80)] : metrics,
      behavior: accepts('HorizontalPodAutoscalerBehavior', behavior ?? {}) ? behavior : undefined,
    }),
    status: withoutAbsent({
      observedGeneration: status['observedGeneration'],
      lastScaleTime: status['lastScaleTime'],
      currentReplicas: status['currentReplicas'],
      desiredReplicas: status['desiredReplicas'],
      currentMetrics: listIn(currentMetricsKey, 'MetricStatus', metricStatusToV2) ?? seenMetrics,
      conditions: listIn(conditionsKey, 'HorizontalPodAutoscalerCondition', conditionOf),
    }),
  };
}

const cpuMetric = (percentage: unknown): Fields => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } },
});

const conditionOf = (condition: Fields): Fields =>
  withoutAbsent(
    Object.fromEntries(
      ['type', 'status', 'lastTransitionTime', 'reason', 'message'].map((name) => [name, read(condition, name)]),
    ),
  );

function withoutRoundTrip(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !roundTripKeys.includes(key)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Upstream passes over what it cannot read, too.
    return undefined;
  }
}
