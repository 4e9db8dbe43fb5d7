import {
  type FieldPath,
  fieldErrors,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabels,
  validateQualifiedName,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkOneOf, checkText, type Errors } from '../../../../field-checks';
import { legacyIpMessages } from '../../../../networking/v1/ip-format';
import { preemptionPolicies } from '../../../../scheduling/v1/priority-class.strategy';
import { validateAffinity } from './affinity';
import { validateContainers, validateInitContainers } from './containers';
import { validateDns } from './dns';
import { checkKeyFileVolumes } from './env';
import { validateEphemeralContainers } from './ephemeral-containers';
import { validateHostProcess, validateHostUsers, validateOperatingSystem } from './operating-system';
import type { PodContext, Tolerated } from './pod-context';
import { validatePodLevelResources } from './pod-level-resources';
import { validateResourceClaims } from './resource-claims';
import { validateResources } from './resources';
import { validatePodSecurityContext } from './security-context';
import { validateTolerations } from './tolerations';
import { validateTopologySpread } from './topology-spread';
import { validateVolumes } from './volumes';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const maxInt32 = 2_147_483_647;

export interface PodSpecUse {
  readonly isPod: boolean;
  readonly podName: string;
  readonly tolerated: Tolerated;
}

/** ValidatePodSpec, in its order: clients read the first messages first. */
export function validatePodSpec(errors: Errors, path: FieldPath, spec: corev1.PodSpec, use: PodSpecUse): void {
  if (spec.terminationGracePeriodSeconds === undefined)
    errors.push(fieldErrors.required(path.child('terminationGracePeriodSeconds')));
  const volumes = spec.volumes ? validateVolumes(errors, path.child('volumes'), spec.volumes, use) : noVolumes;
  const context: PodContext = {
    ...use,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    restartPolicy: spec.restartPolicy ?? '',
    sharesHostUsers: spec.hostUsers ?? true,
    volumes,
    claimNames: spec.resourceClaims ? new Set(spec.resourceClaims.map(({ name }) => name)) : noNames,
  };
  if (spec.resourceClaims) validateResourceClaims(errors, path.child('resourceClaims'), spec.resourceClaims);
  const containers = spec.containers ?? [];
  validateContainers(errors, path.child('containers'), containers, context);
  if (spec.initContainers)
    validateInitContainers(errors, path.child('initContainers'), spec.initContainers, containers, context);
  validateEphemeralContainers(errors, path.child('ephemeralContainers'), spec, context);
  if (spec.resources) validatePodLevelResources(errors, path.child('resources'), spec, context);
  if (spec.hostNetwork === true) validateHostPorts(errors, path.child('containers'), containers, use);
  checkOneOf(errors, path.child('restartPolicy'), spec.restartPolicy, restartPolicies);
  checkOneOf(errors, path.child('dnsPolicy'), spec.dnsPolicy, dnsPolicies);
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')));
  validatePodSecurityContext(errors, path.child('securityContext'), spec, context);
  if (spec.affinity) validateAffinity(errors, path.child('affinity'), spec.affinity, use.tolerated);
  validateDns(errors, path.child('dnsConfig'), spec, use.tolerated);
  validateGates(errors, path, spec);
  if (spec.topologySpreadConstraints)
    validateTopologySpread(errors, path.child('topologySpreadConstraints'), spec.topologySpreadConstraints, context);
  validateHostProcess(errors, path, spec);
  validateHostUsers(errors, path, spec, use.tolerated);
  checkKeyFileVolumes(errors, path, spec);
  validateNames(errors, path, spec, use.tolerated);
  if (spec.overhead) validateResources(errors, path.child('overhead'), { limits: spec.overhead }, context);
  validateOperatingSystem(errors, path, spec);
}

const noVolumes: ReadonlyMap<string, corev1.Volume> = new Map();
const noNames: ReadonlySet<string> = new Set();

/** A host's port is the container's, or (in a template) not yet said. */
function validateHostPorts(
  errors: Errors,
  path: FieldPath,
  containers: readonly corev1.Container[],
  use: PodSpecUse,
): void {
  for (const [index, container] of containers.entries())
    for (const [portIndex, { hostPort = 0, containerPort }] of (container.ports ?? []).entries())
      if ((use.isPod || hostPort !== 0) && hostPort !== containerPort)
        errors.push(
          fieldErrors.invalid(
            path.index(index).child('ports').index(portIndex).child('hostPort'),
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
}

function validateGates(errors: Errors, path: FieldPath, spec: corev1.PodSpec): void {
  for (const [index, { conditionType }] of (spec.readinessGates ?? []).entries())
    checkText(
      errors,
      path.child('readinessGates').index(index).child('conditionType'),
      conditionType,
      validateQualifiedName,
    );
  const seen = new Set<string>();
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    const gatePath = path.child('schedulingGates').index(index);
    checkText(errors, gatePath, name, validateQualifiedName);
    if (seen.has(name)) errors.push(fieldErrors.duplicate(gatePath, name));
    seen.add(name);
  }
}

/** The many fields that name something or are one number. */
function validateNames(errors: Errors, path: FieldPath, spec: corev1.PodSpec, tolerated: Tolerated): void {
  const named = (field: 'serviceAccountName' | 'nodeName' | 'priorityClassName'): void => {
    const name = spec[field];
    if (name) checkText(errors, path.child(field), name, validateDns1123Subdomain);
  };
  named('serviceAccountName');
  named('nodeName');
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32))
    errors.push(
      fieldErrors.invalid(
        path.child('activeDeadlineSeconds'),
        deadline,
        `must be between 1 and ${String(maxInt32)}, inclusive`,
      ),
    );
  if (spec.hostname) checkText(errors, path.child('hostname'), spec.hostname, validateDns1123Label);
  if (spec.subdomain) checkText(errors, path.child('subdomain'), spec.subdomain, validateDns1123Label);
  if (spec.hostnameOverride !== undefined) validateHostnameOverride(errors, path, spec, spec.hostnameOverride);
  if (spec.tolerations) validateTolerations(errors, path.child('tolerations'), spec.tolerations);
  for (const [index, alias] of (spec.hostAliases ?? []).entries()) {
    const aliasPath = path.child('hostAliases').index(index);
    checkText(errors, aliasPath.child('ip'), alias.ip ?? '', (text) => legacyIpMessages(text, tolerated.addresses));
    for (const [i, name] of (alias.hostnames ?? []).entries())
      checkText(errors, aliasPath.child('hostnames').index(i), name, validateDns1123Subdomain);
  }
  named('priorityClassName');
  if (spec.runtimeClassName !== undefined)
    checkText(errors, path.child('runtimeClassName'), spec.runtimeClassName, validateDns1123Subdomain);
  if (spec.preemptionPolicy !== undefined)
    checkOneOf(errors, path.child('preemptionPolicy'), spec.preemptionPolicy, preemptionPolicies);
}

/** The kernel's limit on a host name. */
const longestHostname = 64;

function validateHostnameOverride(errors: Errors, path: FieldPath, spec: corev1.PodSpec, name: string): void {
  const namePath = path.child('hostnameOverride');
  if (name.length > longestHostname) errors.push(fieldErrors.tooLong(namePath, longestHostname));
  checkText(errors, namePath, name, validateDns1123Subdomain);
  if (spec.setHostnameAsFQDN === true)
    errors.push(
      fieldErrors.forbidden(path.child('setHostnameAsFQDN'), 'may not be true when `hostnameOverride` is specified'),
    );
  if (spec.hostNetwork === true)
    errors.push(fieldErrors.forbidden(namePath, 'may not be specified when `hostNetwork` is true'));
}
