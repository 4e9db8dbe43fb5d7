import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabels,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOneOf, checkRequired, checkText, type Errors } from '../../../field-checks';
import { checkPortNumber, checkPortNumberOrName, portProtocols } from '../../../port-checks';
import { legacyCidrMessages, legacyIpMessages } from '../../../networking/v1/ip-format';
import { checkNotSpecialAddress } from '../special-address';
import { validateClusterIps } from './cluster-ips';
import { isExternallyAccessible, isHeadless, needsHealthCheckPort } from './service-type';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const trafficPolicies = ['Cluster', 'Local'];
const trafficDistributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const sourceRangesKey = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

/** ValidateService, in its order. Addresses and networks that `old` has may stay as they are. */
export function validateService(errors: Errors, service: corev1.Service, old: corev1.Service | undefined): Errors {
  const spec = service.spec ?? {};
  const path = fieldPath('spec');
  validateTopologyAnnotations(errors, service);
  if ((spec.ports ?? []).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName')
    errors.push(fieldErrors.required(path.child('ports')));
  validateType(errors, spec, path);
  validatePorts(errors, spec, path.child('ports'));
  if (spec.selector) errors.push(...validateLabels(spec.selector, path.child('selector')));
  validateAffinity(errors, spec, path);
  errors.push(...validateClusterIps(spec, old?.spec));
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const ipPath = path.child('externalIPs').index(index);
    const before = errors.length;
    checkText(errors, ipPath, ip, (text) => legacyIpMessages(text, old?.spec?.externalIPs));
    if (errors.length === before) checkNotSpecialAddress(errors, ipPath, ip);
  }
  checkOneOf(errors, path.child('type'), spec.type, types);
  validateNodePorts(errors, spec, path.child('ports'));
  validateSourceRanges(errors, service, spec, old);
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer')
    errors.push(
      fieldErrors.forbidden(
        path.child('allocateLoadBalancerNodePorts'),
        "may only be used when `type` is 'LoadBalancer'",
      ),
    );
  validateLoadBalancerClass(errors, spec);
  validateExternalTraffic(errors, spec, path);
  validateInternalTraffic(errors, spec, path);
  if (spec.trafficDistribution !== undefined && !trafficDistributions.includes(spec.trafficDistribution))
    errors.push(
      fieldErrors.notSupported(path.child('trafficDistribution'), spec.trafficDistribution, trafficDistributions),
    );
  return errors;
}

function validateTopologyAnnotations(errors: Errors, { metadata }: corev1.Service): void {
  const annotations = metadata.annotations ?? {};
  if (!Object.hasOwn(annotations, topologyHints) || !Object.hasOwn(annotations, topologyMode)) return;
  if (annotations[topologyHints] !== annotations[topologyMode])
    errors.push(
      fieldErrors.invalid(
        fieldPath('metadata', 'annotations').key(topologyMode),
        annotations[topologyMode],
        `must match annotations[${topologyHints}] when both are specified`,
      ),
    );
}

function validateType(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (isHeadless(spec))
      errors.push(
        fieldErrors.invalid(
          path.child('clusterIPs').index(0),
          'None',
          `may not be set to 'None' for ${spec.type} services`,
        ),
      );
    return;
  }
  if (spec.type !== 'ExternalName') return;
  const foreign = (field: string): void => {
    errors.push(fieldErrors.forbidden(path.child(field), 'may not be set for ExternalName services'));
  };
  if ((spec.clusterIPs ?? []).length > 0) foreign('clusterIPs');
  if ((spec.ipFamilies ?? []).length > 0) foreign('ipFamilies');
  if (spec.ipFamilyPolicy !== undefined) foreign('ipFamilyPolicy');
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(fieldErrors.required(path.child('externalName')));
  else checkText(errors, path.child('externalName'), name, validateDns1123Subdomain);
}

function validatePorts(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  const ports = spec.ports ?? [];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const portPath = path.index(index);
    if (port.name) {
      checkText(errors, portPath.child('name'), port.name, validateDns1123Label);
      if (names.has(port.name)) errors.push(fieldErrors.duplicate(portPath.child('name'), port.name));
      names.add(port.name);
    } else if (ports.length > 1) errors.push(fieldErrors.required(portPath.child('name')));
    checkPortNumber(errors, portPath.child('port'), port.port);
    checkOneOf(errors, portPath.child('protocol'), port.protocol, portProtocols);
    checkPortNumberOrName(errors, portPath.child('targetPort'), port.targetPort);
    if (port.appProtocol !== undefined)
      checkText(errors, portPath.child('appProtocol'), port.appProtocol, validateQualifiedName);
  }
}

/** The defaults see to it that clients who stick have a time, and others no configuration. */
function validateAffinity(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  checkOneOf(errors, path.child('sessionAffinity'), spec.sessionAffinity, ['ClientIP', 'None']);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity !== 'ClientIP' || seconds === undefined) return;
  if (seconds <= 0 || seconds > 86_400)
    errors.push(
      fieldErrors.invalid(
        path.child('sessionAffinityConfig', 'clientIP', 'timeoutSeconds'),
        seconds,
        'must be greater than 0 and less than 86400',
      ),
    );
}

/** What may not be said twice: a node port, or a port, per protocol. */
function validateNodePorts(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP')
    for (const [index, port] of ports.entries())
      if (port.nodePort)
        errors.push(
          fieldErrors.forbidden(path.index(index).child('nodePort'), "may not be used when `type` is 'ClusterIP'"),
        );
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort) continue;
    const key = `${port.protocol ?? ''}/${String(port.nodePort)}`;
    if (nodePorts.has(key)) errors.push(fieldErrors.duplicate(path.index(index).child('nodePort'), port.nodePort));
    nodePorts.add(key);
  }
  const seen = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const key = `${port.protocol ?? ''}/${String(port.port)}`;
    if (seen.has(key))
      errors.push(
        fieldErrors.duplicate(path.index(index), {
          Name: '',
          Protocol: port.protocol ?? '',
          AppProtocol: null,
          Port: port.port,
          TargetPort: 0,
          NodePort: 0,
        }),
      );
    seen.add(key);
  }
}

function validateSourceRanges(
  errors: Errors,
  service: corev1.Service,
  spec: corev1.ServiceSpec,
  old: corev1.Service | undefined,
): void {
  const check = (path: FieldPath, range: string, existing: readonly string[]): void =>
    checkText(errors, path, range.trim(), (text) => legacyCidrMessages(text, existing));
  const onlyForLoadBalancers = (path: FieldPath): void => {
    if (spec.type !== 'LoadBalancer')
      errors.push(fieldErrors.forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
  };
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    // Upstream writes this path with a capital.
    const path = fieldPath('spec', 'LoadBalancerSourceRanges');
    onlyForLoadBalancers(path);
    const existing = (old?.spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    for (const [index, range] of ranges.entries()) check(path.index(index), range, existing);
    return;
  }
  const text = annotatedRanges(service);
  if (text === undefined) return;
  const path = fieldPath('metadata', 'annotations').key(sourceRangesKey);
  onlyForLoadBalancers(path);
  // What an older version took may stay.
  if (text === annotatedRanges(old) || text.trim() === '') return;
  for (const range of text.trim().split(',')) check(path, range, []);
}

function annotatedRanges(service: corev1.Service | undefined): string | undefined {
  const annotations = service?.metadata.annotations ?? {};
  return Object.hasOwn(annotations, sourceRangesKey) ? annotations[sourceRangesKey] : undefined;
}

/** `validateLoadBalancerClassField`. */
export function validateLoadBalancerClass(errors: Errors, spec: corev1.ServiceSpec): void {
  if (spec.loadBalancerClass === undefined) return;
  const path = fieldPath('spec', 'loadBalancerClass');
  if (spec.type === 'LoadBalancer') checkText(errors, path, spec.loadBalancerClass, validateQualifiedName);
  else errors.push(fieldErrors.forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
}

function validateExternalTraffic(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  const policyPath = path.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) checkOneOf(errors, policyPath, spec.externalTrafficPolicy, trafficPolicies);
  else if (spec.externalTrafficPolicy)
    errors.push(
      fieldErrors.invalid(policyPath, spec.externalTrafficPolicy, 'may only be set for externally-accessible services'),
    );
  const port = spec.healthCheckNodePort;
  // A port that is needed and not chosen is given later, so its absence is no error here.
  if (!port) return;
  const portPath = path.child('healthCheckNodePort');
  if (needsHealthCheckPort(spec)) checkPortNumber(errors, portPath, port);
  else
    errors.push(
      fieldErrors.invalid(
        portPath,
        port,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
}

function validateInternalTraffic(errors: Errors, spec: corev1.ServiceSpec, path: FieldPath): void {
  const policyPath = path.child('internalTrafficPolicy');
  const policy = spec.internalTrafficPolicy;
  if (policy !== undefined) {
    if (!trafficPolicies.includes(policy)) errors.push(fieldErrors.notSupported(policyPath, policy, trafficPolicies));
  } else if (spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer')
    checkRequired(errors, policyPath, policy);
}
