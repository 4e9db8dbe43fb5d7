import { parseCidr, parseIp } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';

type Spec = corev1.ServiceSpec;

/** Claims about a service that follow from its type (pkg/api/service and pkg/registry/core/service). */
export const needsClusterIp = (spec: Spec): boolean => spec.type !== 'ExternalName';

export const needsNodePort = (spec: Spec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** A load balancer that sends traffic only to nodes with endpoints asks them on this port. */
export const needsHealthCheckPort = (spec: Spec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

export const isExternallyAccessible = (spec: Spec): boolean =>
  needsNodePort(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

export const isHeadless = (spec: Spec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';

export const sameTexts = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  (a ?? []).length === (b ?? []).length && (a ?? []).every((text, index) => text === b?.[index]);

export const sameClusterIps = (a: Spec, b: Spec): boolean => sameTexts(a.clusterIPs, b.clusterIPs);

export type IpFamily = 'IPv4' | 'IPv6';

/** Of an address or a network. An IPv4 address written as IPv6 is IPv4; what is neither counts as IPv4. */
export const familyOf = (text: string): IpFamily =>
  (parseIp(text) ?? parseCidr(text)?.ip)?.family === 6 ? 'IPv6' : 'IPv4';
