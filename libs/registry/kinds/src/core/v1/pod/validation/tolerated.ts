import { fieldPath, validateLabelSelector, validateLabelValue } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { isHugePages } from '../../resource-names';
import { isDeletionCost } from './annotations';
import { forEachContainer } from './each-container';
import { checkUnreservedPath } from './paths';
import type { Tolerated } from './pod-context';
import { isWholePages } from './resources';
import { sysctlNamespace } from './security-context';

/** What the stored pod already has wrong, by rules that came after it (GetValidationOptionsFromPodSpecAndMeta). */
export function toleratedIn(old: corev1.Pod): Tolerated {
  const spec = old.spec ?? { containers: [] };
  const cost = old.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  return {
    badSelectorValues: affinitySelectors(spec).some((selector) => isBadSelector(selector)),
    badNodeAffinityValues: hasBadNodeValues(spec),
    badSpreadSelectors: (spec.topologySpreadConstraints ?? []).some(({ labelSelector }) =>
      isBadSelector(labelSelector),
    ),
    deletionCost: cost !== undefined && !isDeletionCost(cost),
    indivisibleHugePages: hasIndivisibleHugePages(spec),
    tokenPaths: hasBadTokenPath(spec),
    userNamespaceDevices: spec.hostUsers === false && hasDevices(spec),
    mountOptionLabels: spec.securityContext?.seLinuxChangePolicy !== undefined,
    addresses: [...(spec.dnsConfig?.nameservers ?? []), ...(spec.hostAliases ?? []).map(({ ip }) => ip)],
    hostSysctls: (spec.securityContext?.sysctls ?? []).some(({ name }) => {
      const namespace = sysctlNamespace(name);
      return (spec.hostNetwork === true && namespace === 'net') || (spec.hostIPC === true && namespace === 'ipc');
    }),
  };
}

type Selector = corev1.PodAffinityTerm['labelSelector'];

function affinitySelectors(spec: corev1.PodSpec): Selector[] {
  return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].flatMap((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ].flatMap((term) => [term.labelSelector, term.namespaceSelector]),
  );
}

const isBadSelector = (selector: Selector): boolean =>
  validateLabelSelector(selector, fieldPath('labelSelector')).length > 0;

function hasBadNodeValues(spec: corev1.PodSpec): boolean {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions }) =>
    (matchExpressions ?? []).some(({ values }) => (values ?? []).some((value) => validateLabelValue(value).length > 0)),
  );
}

function hasIndivisibleHugePages(spec: corev1.PodSpec): boolean {
  let found = false;
  forEachContainer(spec, fieldPath('spec'), ({ resources }) => {
    for (const list of [resources?.limits, resources?.requests])
      for (const name of Object.keys(list ?? {}))
        if (isHugePages(name) && !isWholePages(name, list?.[name] ?? '0')) found = true;
  });
  return found;
}

function hasDevices(spec: corev1.PodSpec): boolean {
  let found = false;
  forEachContainer(spec, fieldPath('spec'), ({ volumeDevices }) => {
    if ((volumeDevices ?? []).length > 0) found = true;
  });
  return found;
}

function hasBadTokenPath(spec: corev1.PodSpec): boolean {
  const errors: Errors = [];
  for (const { projected } of spec.volumes ?? [])
    for (const { serviceAccountToken } of projected?.sources ?? [])
      if (serviceAccountToken) checkUnreservedPath(errors, fieldPath('path'), serviceAccountToken.path);
  return errors.length > 0;
}
