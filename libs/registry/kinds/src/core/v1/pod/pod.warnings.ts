import { type FieldPath, fieldPath, goQuote, parseQuantity, quantityMilliValue } from '@reckon/api/machinery';
import type { corev1, metav1 } from '@reckon/api/types';
import type { AnyContainer } from './container.defaults';
import { portWarnings } from './port.warnings';
import { appArmorPrefix, seccompContainerPrefix, seccompPodKey } from './validation/annotations';
import { forEachContainer } from './validation/each-container';
import { ipWarnings } from '../../../networking/v1/ip-format';
import { nodeLabelMessage, nodeLabelWarnings } from './node-label.warnings';
import { overlapWarnings } from './overlapping-paths.warnings';
import { volumeWarnings } from './volume.warnings';

const deprecatedAnnotations = [
  {
    key: 'scheduler.alpha.kubernetes.io/critical-pod',
    message: 'non-functional in v1.16+; use the "priorityClassName" field instead',
  },
  {
    key: 'security.alpha.kubernetes.io/sysctls',
    message: 'non-functional in v1.11+; use the "sysctls" field instead',
  },
  {
    key: 'security.alpha.kubernetes.io/unsafe-sysctls',
    message: 'non-functional in v1.11+; use the "sysctls" field instead',
  },
] as const;

const noPod = 'a null labelSelector results in matching no pod';

/** What is accepted in a pod and does not do what it seems to (pkg/api/pod.GetWarningsForPod). */
export function podWarnings(pod: corev1.Pod): string[] {
  return warningsOf(pod.spec ?? { containers: [] }, pod.metadata, fieldPath());
}

/** The same for a template, whose path stands before each field (GetWarningsForPodTemplate). */
export function podTemplateWarnings(template: corev1.PodTemplateSpec, path: FieldPath): string[] {
  const spec = template.spec ?? { containers: [] };
  const metadata = template.metadata ?? {};
  const warnings = warningsOf(spec, metadata, path);
  const annotations = metadata.annotations ?? {};
  forEachContainer(spec, path.child('spec'), (container) => {
    const key = appArmorPrefix + container.name;
    if (spec.securityContext?.appArmorProfile || container.securityContext?.appArmorProfile) return;
    if (Object.hasOwn(annotations, key))
      warnings.push(
        `${path.child('metadata', 'annotations').key(key).toString()}: deprecated since v1.30; use the "appArmorProfile" field instead`,
      );
  });
  return warnings;
}

function warningsOf(spec: corev1.PodSpec, metadata: metav1.ObjectMeta, path: FieldPath): string[] {
  const warnings: string[] = [];
  const specPath = path.child('spec');
  const warn = (at: FieldPath, text: string): void => {
    warnings.push(`${at.toString()}: ${text}`);
  };
  nodeLabelWarnings(spec, specPath, warn);
  for (const [index, { labelSelector, topologyKey }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = specPath.child('topologySpreadConstraints').index(index);
    const message = nodeLabelMessage(topologyKey);
    if (message !== undefined) warn(at.child('topologyKey'), `${topologyKey} is ${message}`);
    if (!labelSelector) warn(at.child('labelSelector'), noPod);
  }
  const annotations = metadata.annotations ?? {};
  for (const { key, message } of deprecatedAnnotations)
    if (Object.hasOwn(annotations, key)) warn(path.child('metadata', 'annotations').key(key), message);
  if (spec.volumes) {
    volumeWarnings(spec.volumes, specPath.child('volumes'), warn);
    warnings.push(...overlapWarnings(spec.volumes));
  }
  repetitionWarnings(spec, specPath, warn);
  for (const name of ['memory', 'ephemeral-storage'])
    warnOfFraction(specPath.child('overhead'), spec.overhead, name, warn);
  if (!spec.securityContext?.seccompProfile && Object.hasOwn(annotations, seccompPodKey))
    warn(
      path.child('metadata', 'annotations').key(seccompPodKey),
      'non-functional in v1.27+; use the "seccompProfile" field instead',
    );
  forEachContainer(spec, specPath, (container, containerPath) => {
    const key = seccompContainerPrefix + container.name;
    if (!container.securityContext?.seccompProfile && Object.hasOwn(annotations, key))
      warn(
        path.child('metadata', 'annotations').key(key),
        'non-functional in v1.27+; use the "seccompProfile" field instead',
      );
    containerWarnings(container, containerPath, warn);
  });
  portWarnings(spec, specPath, warn);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warn(
      specPath.child('terminationGracePeriodSeconds'),
      'must be >= 0; negative values are invalid and will be treated as 1',
    );
  affinityWarnings(spec, specPath, warn);
  for (const [index, ip] of (spec.dnsConfig?.nameservers ?? []).entries())
    warnings.push(...ipWarnings(specPath.child('dnsConfig', 'nameservers').index(index), ip));
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries())
    warnings.push(...ipWarnings(specPath.child('hostAliases').index(index).child('ip'), ip));
  return warnings;
}

export type Warn = (at: FieldPath, text: string) => void;

function repetitionWarnings(spec: corev1.PodSpec, path: FieldPath, warn: Warn): void {
  const ips = new Set<string>();
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    if (ips.has(ip)) warn(path.child('hostAliases').index(index).child('ip'), `duplicate ip ${goQuote(ip)}`);
    ips.add(ip);
  }
  const names = new Set<string>();
  for (const [index, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    const namePath = path.child('imagePullSecrets').index(index).child('name');
    if (names.has(name)) warn(namePath, `duplicate name ${goQuote(name)}`);
    names.add(name);
  }
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    if (!name) warn(path.child('imagePullSecrets').index(index).child('name'), 'invalid empty name ""');
}

function containerWarnings(container: AnyContainer, path: FieldPath, warn: Warn): void {
  for (const name of ['memory', 'ephemeral-storage'])
    for (const list of ['limits', 'requests'] as const)
      warnOfFraction(path.child('resources', list), container.resources?.[list], name, warn);
  const names = new Set<string>();
  for (const [index, { name, value = '', valueFrom }] of (container.env ?? []).entries()) {
    const reference = `$(${name})`;
    // Building on the earlier value is what the repetition is for.
    if (names.has(name) && (valueFrom || value === reference || !value.includes(reference)))
      warn(
        path.child('env').index(index),
        `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`,
      );
    names.add(name);
  }
}

/** `100m` of memory is a tenth of a byte; whoever writes it meant `100M`. */
function warnOfFraction(path: FieldPath, list: Record<string, string> | undefined, name: string, warn: Warn): void {
  const quantity = list?.[name];
  if (quantity === undefined || !quantity.endsWith('m')) return;
  if (quantityMilliValue(parseQuantity(quantity)) % 1000n !== 0n)
    warn(path.key(name), `fractional byte value ${goQuote(quantity)} is invalid, must be an integer`);
}

function affinityWarnings(spec: corev1.PodSpec, path: FieldPath, warn: Warn): void {
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[field];
    const affinityPath = path.child('affinity', field);
    for (const [index, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      if (!term.labelSelector)
        warn(
          affinityPath.child('requiredDuringSchedulingIgnoredDuringExecution').index(index).child('labelSelector'),
          noPod,
        );
    for (const [index, term] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      if (!term.podAffinityTerm.labelSelector)
        warn(
          affinityPath
            .child('preferredDuringSchedulingIgnoredDuringExecution')
            .index(index)
            .child('podAffinityTerm', 'labelSelector'),
          noPod,
        );
  }
}
