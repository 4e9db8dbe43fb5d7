import { fieldErrors, fieldPath, parseIp, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors, immutableMessage } from '../../../field-checks';
import { legacyIpMessages } from '../../../networking/v1/ip-format';
import { validateClusterIpsUpdate, validateIpFamiliesUpdate } from './cluster-ips';
import { validateLoadBalancerClass, validateService } from './service.validation';
import { needsHealthCheckPort } from './service-type';

/** ValidateServiceUpdate: what may not change, then everything that a new service must keep to. */
export function validateServiceUpdate(service: corev1.Service, old: corev1.Service): Errors {
  const errors: Errors = [];
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  validateClusterIpsUpdate(errors, spec, before);
  validateIpFamiliesUpdate(errors, spec, before);
  if (
    before.type === 'LoadBalancer' &&
    spec.type === 'LoadBalancer' &&
    before.loadBalancerClass !== spec.loadBalancerClass
  )
    errors.push(
      fieldErrors.invalid(fieldPath('spec', 'loadBalancerClass'), spec.loadBalancerClass, 'may not change once set'),
    );
  // Said once here and once with all the rest.
  validateLoadBalancerClass(errors, spec);
  if (
    needsHealthCheckPort(before) &&
    needsHealthCheckPort(spec) &&
    before.healthCheckNodePort !== spec.healthCheckNodePort
  )
    errors.push(fieldErrors.forbidden(fieldPath('spec', 'healthCheckNodePort'), immutableMessage));
  return validateService(errors, service, old);
}

const ipModes = ['Proxy', 'VIP'];

/** ValidateLoadBalancerStatus. */
export function validateServiceStatus(service: corev1.Service, old: corev1.Service): Errors {
  const errors: Errors = [];
  const path = fieldPath('status', 'loadBalancer', 'ingress');
  const ingresses = service.status?.loadBalancer?.ingress ?? [];
  if (ingresses.length > 0 && service.spec?.type !== 'LoadBalancer') {
    errors.push(fieldErrors.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return errors;
  }
  const existing = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  for (const [index, ingress] of ingresses.entries()) {
    const ingressPath = path.index(index);
    const modePath = ingressPath.child('ipMode');
    if (ingress.ip) checkText(errors, ingressPath.child('ip'), ingress.ip, (text) => legacyIpMessages(text, existing));
    if (ingress.ipMode === undefined) {
      if (ingress.ip) errors.push(fieldErrors.required(modePath, 'must be specified when `ip` is set'));
    } else if (!ingress.ip) errors.push(fieldErrors.forbidden(modePath, 'may not be specified when `ip` is not set'));
    else if (!ipModes.includes(ingress.ipMode))
      errors.push(fieldErrors.notSupported(modePath, ingress.ipMode, ipModes));
    if (ingress.hostname) {
      const hostPath = ingressPath.child('hostname');
      checkText(errors, hostPath, ingress.hostname, validateDns1123Subdomain);
      if (parseIp(ingress.hostname) !== undefined)
        errors.push(fieldErrors.invalid(hostPath, ingress.hostname, 'must be a DNS name, not an IP address'));
    }
  }
  return errors;
}
