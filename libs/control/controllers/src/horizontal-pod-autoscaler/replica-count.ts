import { findCondition } from '@reckon/api/machinery';
import { type Pod, isReady, timeMs } from '../replica-set/pod-state';
import { type AutoscalerOptions, milliOf } from './autoscaler';
import type { PodMetrics } from './metrics-client';

/** How far from 1 the ratio of what is to what should be may be. */
export interface Tolerances {
  readonly down: number;
  readonly up: number;
}

export const isWithin = (ratio: number, { down, up }: Tolerances): boolean => 1 - down <= ratio && ratio <= 1 + up;

/** What a count is made of. */
export interface CountBasis {
  readonly currentReplicas: number;
  readonly pods: readonly Pod[];
  /** Changed by the calculation. */
  readonly metrics: PodMetrics;
  /** '' for what is no resource of pods. */
  readonly resource: string;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
  readonly options: Pick<AutoscalerOptions, 'cpuInitializationMs' | 'initialReadinessDelayMs'>;
}

const noPods = 'no pods returned by selector while calculating replica count';

/** How many of them: by the part of their requests that pods use (`GetResourceReplicas`). Throws Error. */
export function countByUtilization(
  basis: CountBasis,
  target: { readonly percent: number; readonly container: string | undefined },
): { readonly replicas: number; readonly percent: number; readonly average: number } {
  const { pods, metrics, resource } = basis;
  const groups = measuredPods(basis);
  const requests = requestsOf(pods, resource, target.container);
  const first = utilization(metrics, requests, target.percent);
  // Who told nothing uses what it asked for, at least.
  const missingShare = Math.max(100, target.percent) / 100;
  const replicas = settle(basis, groups, {
    ratio: first.ratio,
    missingValue: (name) => Math.trunc((requests.get(name) ?? 0) * missingShare),
    again: () => utilization(metrics, requests, target.percent).ratio,
  });
  return { replicas, percent: first.percent, average: first.average };
}

/** By the average of a measure (`calcPlainMetricReplicas`), in thousandths. Throws Error. */
export function countByAverage(
  basis: CountBasis,
  target: number,
): { readonly replicas: number; readonly average: number } {
  const groups = measuredPods(basis);
  const averageOf = (): number => Math.trunc(sumOf(basis.metrics) / basis.metrics.size);
  const average = averageOf();
  const replicas = settle(basis, groups, {
    ratio: average / target,
    missingValue: () => target,
    again: () => averageOf() / target,
  });
  return { replicas, average };
}

/** By a measure of the whole (`getUsageRatioReplicaCount`). Throws Error. */
export function countByRatio(
  ratio: number,
  { currentReplicas, pods, tolerances }: Pick<CountBasis, 'currentReplicas' | 'pods' | 'tolerances'>,
): number {
  if (currentReplicas === 0) return Math.ceil(ratio);
  if (isWithin(ratio, tolerances)) return currentReplicas;
  if (pods.length === 0) throw new Error(`unable to calculate ready pods: ${noPods}`);
  return Math.ceil(ratio * pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length);
}

interface Groups {
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
}

/** Leaves in `metrics` those of ready pods only. */
function measuredPods(basis: CountBasis): Groups {
  const { pods, metrics } = basis;
  if (pods.length === 0) throw new Error(noPods);
  const { ready, ignored, unready, missing } = groupPods(basis);
  for (const name of [...ignored, ...unready]) metrics.delete(name);
  if (metrics.size === 0) throw new Error('did not receive metrics for any ready pods');
  return { ready, unready, missing };
}

/** pkg/controller/podautoscaler `groupPods`. */
export function groupPods({
  pods,
  metrics,
  resource,
  nowMs,
  options,
}: CountBasis): Groups & { readonly ignored: readonly string[] } {
  let ready = 0;
  const ignored: string[] = [];
  const unready: string[] = [];
  const missing: string[] = [];
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const metric = metrics.get(name);
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') ignored.push(name);
    else if (pod.status?.phase === 'Pending') unready.push(name);
    else if (metric === undefined) missing.push(name);
    else if (resource === 'cpu' && isUnready(pod, metric.atMs - metric.windowMs, nowMs, options)) unready.push(name);
    else ready++;
  }
  return { ready, ignored, unready, missing };
}

/** What a pod uses to start says nothing about its load. */
function isUnready(pod: Pod, measuredSinceMs: number, nowMs: number, options: CountBasis['options']): boolean {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  const startMs = timeMs(pod.status?.startTime);
  if (condition === undefined || startMs === undefined) return true;
  const changedMs = timeMs(condition.lastTransitionTime) ?? 0;
  const isFalse = condition.status === 'False';
  return startMs + options.cpuInitializationMs > nowMs
    ? isFalse || measuredSinceMs < changedMs
    : isFalse && startMs + options.initialReadinessDelayMs > changedMs;
}

interface Settling {
  readonly ratio: number;
  /** What a pod that told nothing is taken to use when fewer would do. */
  readonly missingValue: (name: string) => number;
  /** The ratio with what was added. */
  readonly again: () => number;
}

/** Pods of which nothing is known count against the change, whichever it is; they never turn it around. */
function settle(
  { currentReplicas, metrics, tolerances }: CountBasis,
  { ready, unready, missing }: Groups,
  { ratio, missingValue, again }: Settling,
): number {
  const growsWithUnready = unready.length > 0 && ratio > 1;
  if (!growsWithUnready && missing.length === 0)
    return isWithin(ratio, tolerances) ? currentReplicas : Math.ceil(ratio * ready);
  const assume = (names: readonly string[], value: (name: string) => number): void => {
    for (const name of names) metrics.set(name, { value: value(name), atMs: 0, windowMs: 0 });
  };
  if (ratio < 1) assume(missing, missingValue);
  else if (ratio > 1) assume(missing, () => 0);
  if (growsWithUnready) assume(unready, () => 0);
  const next = again();
  if (isWithin(next, tolerances) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return currentReplicas;
  const replicas = Math.ceil(next * metrics.size);
  const turns = (next < 1 && replicas > currentReplicas) || (next > 1 && replicas < currentReplicas);
  return turns ? currentReplicas : replicas;
}

function sumOf(metrics: PodMetrics): number {
  let sum = 0;
  for (const { value } of metrics.values()) sum += value;
  return sum;
}

function utilization(
  metrics: PodMetrics,
  requests: ReadonlyMap<string, number>,
  targetPercent: number,
): { readonly ratio: number; readonly percent: number; readonly average: number } {
  let used = 0;
  let asked = 0;
  for (const [name, { value }] of metrics) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += value;
    asked += request;
  }
  if (asked === 0) throw new Error('no metrics returned matched known pods');
  const percent = Math.trunc((used * 100) / asked);
  return { ratio: percent / targetPercent, percent, average: Math.trunc(used / metrics.size) };
}

/** What each pod asked for, with its sidecars. */
function requestsOf(pods: readonly Pod[], resource: string, container: string | undefined): Map<string, number> {
  return new Map(
    pods.map((pod): [string, number] => {
      const { name: podName = '' } = pod.metadata;
      const whole = pod.spec?.resources?.requests?.[resource];
      if (container === undefined && whole !== undefined) return [podName, milliOf(whole)];
      const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
      let sum = 0;
      for (const { name, resources } of [...(pod.spec?.containers ?? []), ...sidecars]) {
        if (container !== undefined && name !== container) continue;
        const request = resources?.requests?.[resource];
        if (request === undefined)
          throw new Error(`missing request for ${resource} in container ${name} of Pod ${podName}`);
        sum += milliOf(request);
      }
      return [podName, sum];
    }),
  );
}
