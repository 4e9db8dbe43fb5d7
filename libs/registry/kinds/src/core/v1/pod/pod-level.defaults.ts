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
  if (addMissing(limits, aggregateResources(spec, 'limits'), isHugePages)) whole.limits = limits;
  if (Object.keys(limits).length === 0) return;
  const requests = { ...whole.requests };
  const hasSummed = addMissing(
    requests,
    aggregateResources(spec, 'requests'),
    (name) => isPodLevel(name) && isOvercommitAllowed(name),
  );
  if (addMissing(requests, limits, isPodLevel) || hasSummed) whole.requests = requests;
}

/** Whether any was missing. */
function addMissing(
  into: Record<string, string>,
  from: Readonly<Record<string, string>>,
  applies: (name: string) => boolean,
): boolean {
  let hasAdded = false;
  for (const name of Object.keys(from)) {
    const quantity = from[name];
    if (quantity === undefined || !applies(name) || Object.hasOwn(into, name)) continue;
    into[name] = quantity;
    hasAdded = true;
  }
  return hasAdded;
}
