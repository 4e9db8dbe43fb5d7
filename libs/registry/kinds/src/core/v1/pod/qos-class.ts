import type { corev1 } from '@reckon/api/types';
import { compareQuantityTexts } from '../resource-checks';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const computeResources = ['cpu', 'memory'];

/** A canonical quantity above zero starts with its first significant digit. */
const isPositive = (quantity: string | undefined): boolean =>
  quantity !== undefined && quantity >= '1' && quantity < ':';

/**
 * How readily a node under pressure takes the pod away (qos.ComputePodQOS): Guaranteed if every container limits CPU and
 * memory and requests just that, BestEffort if none asks for any, else Burstable. What the pod asks for as a whole
 * stands for its containers.
 */
export function qosClassOf(spec: corev1.PodSpec): QosClass {
  const whole = spec.resources;
  if (whole && (asksForCompute(whole.requests) || asksForCompute(whole.limits))) return classOf([whole]);
  return classOf([...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ resources }) => resources ?? {}));
}

const asksForCompute = (list: Record<string, string> | undefined): boolean =>
  computeResources.some((name) => isPositive(list?.[name]));

function classOf(all: readonly corev1.ResourceRequirements[]): QosClass {
  let asksForAny = false;
  let guaranteed = true;
  for (const { requests = {}, limits = {} } of all)
    for (const name of computeResources) {
      const request = isPositive(requests[name]) ? requests[name] : undefined;
      const limit = isPositive(limits[name]) ? limits[name] : undefined;
      if (request !== undefined || limit !== undefined) asksForAny = true;
      // Upstream compares the sums, which are equal if every part is, and parts can only differ downwards.
      guaranteed &&= limit !== undefined && request !== undefined && compareQuantityTexts(request, limit) === 0;
    }
  if (!asksForAny) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
