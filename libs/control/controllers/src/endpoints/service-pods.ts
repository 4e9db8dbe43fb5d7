import { type KubeObject, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Informer, type Lister, objectKey } from '@reckon/client/cache';
import { type Pod, isReady } from '../replica-set/pod-state';

export type Service = corev1.Service & KubeObject;

type Labels = Readonly<Record<string, string>> | undefined;

/** A Service without a selector, or with an empty one, selects nothing: whoever made it also makes its endpoints. */
export function selectorOf(service: Service): Readonly<Record<string, string>> | undefined {
  const selector = service.spec?.selector;
  return selector === undefined || Object.keys(selector).length === 0 ? undefined : selector;
}

/** True when these controllers keep its endpoints. */
export const isServed = (service: Service): boolean =>
  service.spec?.type !== 'ExternalName' && selectorOf(service) !== undefined;

function selects(service: Service, labels: Labels): boolean {
  const selector = selectorOf(service);
  if (selector === undefined) return false;
  for (const [key, value] of Object.entries(selector))
    if (labels === undefined || !Object.hasOwn(labels, key) || labels[key] !== value) return false;
  return true;
}

/** The pods that a Service selects. */
export const podsOf = (service: Service, pods: Lister<Pod>): Pod[] =>
  pods.list(service.metadata.namespace ?? '').filter((pod) => selects(service, pod.metadata.labels));

/** The first address counts as well as the list: an old kubelet sets only `podIP`. */
export function podIps(pod: Pod): string[] {
  const { podIPs = [], podIP = '' } = pod.status ?? {};
  const ips = podIPs.map((entry) => entry.ip);
  return ips.length > 0 || podIP === '' ? ips : [podIP];
}

/** k8s.io/endpointslice/util.ShouldPodBeInEndpoints. */
export function belongsInEndpoints(pod: Pod, options: { readonly evenTerminating: boolean }): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return false;
  if (podIps(pod).length === 0) return false;
  return options.evenTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** The name under which the pod is found in a headless Service's domain; undefined if it asks for none there. */
export function hostnameIn(service: Service, pod: Pod): string | undefined {
  const { hostname = '', subdomain = '' } = pod.spec ?? {};
  return hostname !== '' && subdomain === service.metadata.name ? hostname : undefined;
}

/** The pod's number for a Service's port: named ports of containers and sidecars; undefined if it has none of that name. */
export function targetPortOf(pod: Pod, port: corev1.ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const sidecars = initContainers.filter((c) => c.restartPolicy === 'Always');
  for (const container of [...containers, ...sidecars])
    for (const { name, protocol = 'TCP', containerPort } of container.ports ?? [])
      if (name === target && protocol === (port.protocol ?? 'TCP')) return containerPort;
  return undefined;
}

/** Whether a pod's change can matter to the endpoints of Services that select it before and after. */
function endpointsChanged(old: Pod, pod: Pod): boolean {
  return (
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    old.status?.phase !== pod.status?.phase ||
    isReady(old) !== isReady(pod) ||
    !semanticEqual(podIps(old), podIps(pod))
  );
}

/** Calls `enqueue` with the key of every Service whose endpoints a pod's coming, change or going may alter. */
export function onPodChange(
  pods: Informer<Pod>,
  services: Lister<Service>,
  enqueue: (serviceKey: string) => void,
): void {
  const forEachService = (pod: Pod, visit: (service: Service) => void): void => {
    for (const service of services.list(pod.metadata.namespace ?? '')) visit(service);
  };
  const enqueueServices = (pod: Pod): void => {
    forEachService(pod, (service) => {
      if (selects(service, pod.metadata.labels)) enqueue(objectKey(service));
    });
  };
  pods.addHandler({
    add: enqueueServices,
    update: (old, pod) => {
      const isChanged = endpointsChanged(old, pod);
      const isRenamed = old.spec?.hostname !== pod.spec?.hostname || old.spec?.subdomain !== pod.spec?.subdomain;
      if (!isChanged && !isRenamed && semanticEqual(old.metadata.labels, pod.metadata.labels)) return;
      forEachService(pod, (service) => {
        const was = selects(service, old.metadata.labels);
        const is = selects(service, pod.metadata.labels);
        if (isChanged || isRenamed ? was || is : was !== is) enqueue(objectKey(service));
      });
    },
    delete: enqueueServices,
  });
}
