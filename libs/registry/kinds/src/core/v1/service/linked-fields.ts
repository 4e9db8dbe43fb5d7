import type { corev1 } from '@reckon/api/types';
import {
  isExternallyAccessible,
  needsClusterIp,
  needsHealthCheckPort,
  needsNodePort,
  sameClusterIps,
  sameTexts,
} from './service-type';

type Spec = corev1.ServiceSpec;

/** On create, a client that knows only `clusterIP` means both fields (normalizeClusterIPs in pkg/registry/core/service/storage). */
export function linkClusterIps(spec: Spec): void {
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
}

/** On update, the field that the client did not touch follows the one it did. */
export function relinkClusterIps(spec: Spec, old: Spec): void {
  const before = old.clusterIP ?? '';
  const now = spec.clusterIP ?? '';
  if ((old.clusterIPs ?? []).length > 0 && (spec.clusterIPs ?? []).length === 0 && before === now)
    spec.clusterIPs = [...(old.clusterIPs ?? [])];
  if (before === now || !sameClusterIps(old, spec)) return;
  if (before !== '' && now === '') delete spec.clusterIPs;
  else spec.clusterIPs = [now];
}

/** A PUT of what was posted must not lose what the server gave since then: addresses and ports. */
export function keepAllocated(spec: Spec, old: Spec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP && old.clusterIPs)
      spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePort(old) && needsNodePort(spec)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort && old.healthCheckNodePort)
    spec.healthCheckNodePort = old.healthCheckNodePort;
}

/** Ports are known by name; a number that another port of the service took over is not given twice. */
function keepNodePorts(spec: Spec, old: Spec): void {
  const now = nodePortsOf(spec);
  const used = new Set([...nodePortsOf(old)].filter((port) => now.has(port)));
  const byName = new Map((old.ports ?? []).map((port) => [port.name ?? '', port.nodePort ?? 0]));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = byName.get(port.name ?? '') ?? 0;
    if (before === 0 || used.has(before)) continue;
    port.nodePort = before;
    used.add(before);
  }
}

export function nodePortsOf(spec: Spec): Set<number> {
  const ports = new Set<number>();
  for (const port of spec.ports ?? []) if (port.nodePort) ports.add(port.nodePort);
  return ports;
}

/**
 * When the type changes, fields that it no longer has go away by themselves, if the client did not also change them
 * (then validation shall tell it). Only on update (dropTypeDependentFields in pkg/registry/core/service).
 */
export function dropFieldsOfOldType(service: corev1.Service, old: Spec): void {
  const spec = (service.spec ??= {});
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if ((old.clusterIP ?? '') === (spec.clusterIP ?? '') && sameClusterIps(old, spec)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameTexts(old.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if (old.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(spec)) {
    const before = nodePortsOf(old);
    if ([...nodePortsOf(spec)].every((port) => before.has(port)))
      for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec) && old.healthCheckNodePort === spec.healthCheckNodePort)
    delete spec.healthCheckNodePort;
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (old.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts;
    if (old.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (
    isExternallyAccessible(old) &&
    !isExternallyAccessible(spec) &&
    old.externalTrafficPolicy === spec.externalTrafficPolicy
  )
    delete spec.externalTrafficPolicy;
  if (spec.type !== 'LoadBalancer' && service.status) service.status.loadBalancer = {};
}
