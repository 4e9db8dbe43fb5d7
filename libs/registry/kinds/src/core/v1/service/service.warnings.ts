import { fieldPath } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { cidrWarnings, ipWarnings } from '../../../networking/v1/ip-format';
import { heldAddresses } from './address-objects';

const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

/** What is accepted and does not do what it seems to (pkg/api/service.GetWarningsForService). */
export function serviceWarnings(service: corev1.Service): string[] {
  const warnings: string[] = [];
  const spec = service.spec ?? {};
  if (Object.hasOwn(service.metadata.annotations ?? {}, topologyHints))
    warnings.push(`annotation ${topologyHints} is deprecated, please use ${topologyMode} instead`);
  const path = fieldPath('spec');
  const externalIps = (spec.externalIPs ?? []).length > 0;
  if (heldAddresses(spec).length > 0)
    for (const [index, ip] of (spec.clusterIPs ?? []).entries())
      warnings.push(...ipWarnings(path.child('clusterIPs').index(index), ip));
  const isHeadless = spec.type === 'ClusterIP' && spec.clusterIP === 'None';
  if (isHeadless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIps) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [index, ip] of (spec.externalIPs ?? []).entries())
    warnings.push(...ipWarnings(path.child('externalIPs').index(index), ip));
  if (externalIps && !isHeadless && spec.type !== 'ExternalName') warnings.push('spec.externalIPs is deprecated');
  if (spec.loadBalancerIP) warnings.push(...ipWarnings(path.child('loadBalancerIP'), spec.loadBalancerIP));
  for (const [index, cidr] of (spec.loadBalancerSourceRanges ?? []).entries())
    warnings.push(...cidrWarnings(path.child('loadBalancerSourceRanges').index(index), cidr));
  if (spec.type === 'ExternalName' && externalIps)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && spec.externalName)
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}

/** Addresses of load balancers that are written oddly (serviceStatusStrategy.WarningsOnUpdate). */
export const statusWarnings = (service: corev1.Service): string[] =>
  (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
    ip ? ipWarnings(fieldPath('status', 'loadBalancer', 'ingress').index(index), ip) : [],
  );
