import type { corev1 } from '@reckon/api/types';
import { isExternallyAccessible } from './service-type';

/** core.DefaultClientIPServiceAffinitySeconds: three hours. */
const affinitySeconds = 10_800;

/** SetDefaults_Service. Which addresses and ports it gets is decided later (`service-allocation.ts`). */
export function setServiceDefaults(service: corev1.Service): void {
  const spec = (service.spec ??= {});
  setAffinityDefaults(spec);
  if (!spec.type) spec.type = 'ClusterIP';
  for (const port of spec.ports ?? []) {
    if (!port.protocol) port.protocol = 'TCP';
    if (!port.targetPort && port.targetPort !== port.port) port.targetPort = port.port;
  }
  if (!spec.externalTrafficPolicy && isExternallyAccessible(spec)) spec.externalTrafficPolicy = 'Cluster';
  if (spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer')
    spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

function setAffinityDefaults(spec: corev1.ServiceSpec): void {
  if (!spec.sessionAffinity) spec.sessionAffinity = 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
}
