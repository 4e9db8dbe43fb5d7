import type { corev1 } from '@reckon/api/types';
import { isHugePages, isOvercommitAllowed, isPodLevel } from '../resource-names';
import { aggregateResources } from './container-totals';

/**
 * What a pod that asks as a whole for something gets for the rest: huge pages as limited by its containers, then
 * requests as summed from its containers, else as limited (defaultHugePagePodLimits and defaultPodRequests).
 */
export function setPodLevelDefaults(spec: corev1.PodSpec): void {
  const whole = spec.resources;
  if (!whole || Object.keys({ ...whole.requests, ...whole.limits }).length === 0) return;
  const limits = { ...whole.limits };
  addMissing(limits, aggregateResources(spec, 'limits'), isHugePages);
  if (Object.keys(limits).length === 0) return;
  whole.limits = limits;
  const requests = { ...whole.requests };
  addMissing(requests, aggregateResources(spec, 'requests'), (name) => isPodLevel(name) && isOvercommitAllowed(name));
  addMissing(requests, limits, isPodLevel);
  if (Object.keys(requests).length > 0) whole.requests = requests;
}

function addMissing(
  into: Record<string, string>,
  from: Readonly<Record<string, string>>,
  applies: (name: string) => boolean,
): void {
  for (const name of Object.keys(from)) {
    const quantity = from[name];
    if (quantity !== undefined && applies(name) && !Object.hasOwn(into, name)) into[name] = quantity;
  }
}
