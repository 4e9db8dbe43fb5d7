import type { NodeInfo } from '../cache/node-info';
import type { PodInfo } from '../cache/pod-info';
import { isScalarResource } from '../cache/resource-amount';
import type { ResourceWeight, ScoringStrategy } from '../config/scheduler-configuration';
import { type Plugin, maxNodeScore } from '../framework/plugin';

/** A score from 0 to 100 for so much requested of so much. */
type Curve = (requested: number, capacity: number) => number;

/** How good a node would be with the pod on it, by what is requested of its resources (plugins/noderesources.resourceAllocationScorer). */
export function resourceScore(strategy: ScoringStrategy): NonNullable<Plugin['score']> {
  const { resources } = strategy;
  switch (strategy.type) {
    case 'LeastAllocated':
      return (_, pod, node) => Math.floor(weighted(resources, leastAllocated, pod, node));
    case 'MostAllocated':
      return (_, pod, node) => Math.floor(weighted(resources, mostAllocated, pod, node));
    case 'RequestedToCapacityRatio': {
      const curve = alongShape(strategy.shape);
      // What scores nothing does not weigh either.
      return (_, pod, node) => Math.round(weighted(resources, curve, pod, node, { isZeroLeftOut: true }));
    }
  }
}

function weighted(
  resources: readonly ResourceWeight[],
  curve: Curve,
  pod: PodInfo,
  node: NodeInfo,
  { isZeroLeftOut } = { isZeroLeftOut: false },
): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of resources) {
    const capacity = allocatable(name, pod, node);
    if (capacity <= 0) continue;
    const score = curve(assumedRequest(name, pod, node), capacity);
    if (isZeroLeftOut && score <= 0) continue;
    sum += score * weight;
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

const leastAllocated: Curve = (requested, capacity) =>
  requested > capacity ? 0 : Math.floor(((capacity - requested) * maxNodeScore) / capacity);

const mostAllocated: Curve = (requested, capacity) =>
  Math.floor((Math.min(requested, capacity) * maxNodeScore) / capacity);

const highestShapeScore = 10;

/** Straight lines between the points of a shape, level beyond its ends (plugins/helper.BuildBrokenLinearFunction). */
function alongShape(shape: readonly { readonly utilization: number; readonly score: number }[]): Curve {
  const points = shape.map(({ utilization, score }) => ({
    utilization,
    score: (score * maxNodeScore) / highestShapeScore,
  }));
  return (requested, capacity) => {
    const used = requested > capacity ? 100 : Math.floor((requested * 100) / capacity);
    const after = points.findIndex(({ utilization }) => used <= utilization);
    const [from, to] = [points[after - 1], points[after]];
    if (to === undefined) return points.at(-1)?.score ?? 0;
    if (from === undefined) return to.score;
    const [rise, run] = [to.score - from.score, to.utilization - from.utilization];
    return from.score + Math.trunc((rise * (used - from.utilization)) / run);
  };
}

/** 0: the resource does not count. An extended one does not for a pod that wants none of it. */
export function allocatable(name: string, pod: PodInfo, { allocatable: all }: NodeInfo): number {
  switch (name) {
    case 'cpu':
      return all.milliCpu;
    case 'memory':
      return all.memory;
    case 'ephemeral-storage':
      return all.ephemeralStorage;
    default:
      return isScalarResource(name) && (pod.requests.scalars?.get(name) ?? 0) > 0 ? (all.scalars?.get(name) ?? 0) : 0;
  }
}

/** With what containers are taken to need that do not say. */
function assumedRequest(name: string, pod: PodInfo, node: NodeInfo): number {
  switch (name) {
    case 'cpu':
      return node.assumedMilliCpu + pod.assumedMilliCpu;
    case 'memory':
      return node.assumedMemory + pod.assumedMemory;
    default:
      return totalRequest(name, pod, node);
  }
}

/** What the pods of the node and this one request. */
export function totalRequest(name: string, { requests }: PodInfo, { requested }: NodeInfo): number {
  switch (name) {
    case 'cpu':
      return requested.milliCpu + requests.milliCpu;
    case 'memory':
      return requested.memory + requests.memory;
    case 'ephemeral-storage':
      return requested.ephemeralStorage + requests.ephemeralStorage;
    default:
      return (requested.scalars?.get(name) ?? 0) + (requests.scalars?.get(name) ?? 0);
  }
}
