import type { corev1 } from '@reckon/api/types';

const annotation = 'kubernetes.io/limit-ranger';

type ResourceList = Readonly<Record<string, string>>;

/** Fills what containers leave out and notes it on the pod (`PodMutateLimitFunc`). */
export function setContainerDefaults(pod: corev1.Pod, range: corev1.LimitRange): void {
  const limits: Record<string, string> = {};
  const requests: Record<string, string> = {};
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const notes: string[] = [];
  for (const container of pod.spec?.containers ?? []) fill(container, 'container', limits, requests, notes);
  for (const container of pod.spec?.initContainers ?? []) fill(container, 'init container', limits, requests, notes);
  if (notes.length > 0) (pod.metadata.annotations ??= {})[annotation] = `LimitRanger plugin set: ${notes.join('; ')}`;
}

function fill(
  container: corev1.Container,
  kind: string,
  limits: ResourceList,
  requests: ResourceList,
  notes: string[],
): void {
  const resources = (container.resources ??= {});
  const setLimits = missingFrom(resources.limits, limits);
  const setRequests = missingFrom(resources.requests, requests);
  if (setLimits.length > 0) resources.limits = { ...limits, ...resources.limits };
  if (setRequests.length > 0) resources.requests = { ...requests, ...resources.requests };
  if (setRequests.length > 0) notes.push(`${setRequests.join(', ')} request for ${kind} ${container.name}`);
  if (setLimits.length > 0) notes.push(`${setLimits.join(', ')} limit for ${kind} ${container.name}`);
}

const missingFrom = (present: ResourceList | undefined, defaults: ResourceList): string[] =>
  Object.keys(defaults)
    .filter((name) => !Object.hasOwn(present ?? {}, name))
    .sort();
