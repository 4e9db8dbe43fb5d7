import type { corev1 } from '@reckon/api/types';

const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

/** What is accepted and does not do what it seems to (pkg/api/service.GetWarningsForService). */
export function serviceWarnings(service: corev1.Service): string[] {
  const warnings: string[] = [];
  const spec = service.spec ?? {};
  if (Object.hasOwn(service.metadata.annotations ?? {}, topologyHints))
    warnings.push(`annotation ${topologyHints} is deprecated, please use ${topologyMode} instead`);
  const externalIps = (spec.externalIPs ?? []).length > 0;
  if (spec.type === 'ClusterIP' && spec.clusterIP === 'None') {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIps) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  if (spec.type === 'ExternalName' && externalIps)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && spec.externalName)
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}
