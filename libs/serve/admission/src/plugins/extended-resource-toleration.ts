import type { corev1 } from '@reckon/api/types';
import type { AdmissionPlugin } from '../plugin';
import { podOf } from '../target';

/**
 * Pods that ask for a device may run where its nodes are kept for such pods (plugin/pkg/admission/extendedresourcetoleration): they
 * tolerate a taint of the resource's name.
 */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
  admit(attributes) {
    const pod = podOf(attributes);
    if (pod?.spec === undefined) return;
    const { spec } = pod;
    const names = new Set<string>();
    // Validation comes later: it may have none.
    const { containers = [], initContainers = [] } = spec as Partial<corev1.PodSpec>;
    for (const { resources } of [...containers, ...initContainers])
      for (const name of Object.keys(resources?.requests ?? {})) if (isExtended(name)) names.add(name);
    pod.spec = tolerating(spec, names);
  },
};

/** `IsExtendedResourceName`: of a domain that is not Kubernetes' own. */
const isExtended = (name: string): boolean =>
  name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');

/** Each once: a pod may come with thousands of both. The spec itself where it tolerates them all already. */
function tolerating(spec: corev1.PodSpec, keys: ReadonlySet<string>): corev1.PodSpec {
  const known = new Set<string>();
  for (const { key = '', operator, effect, value = '' } of spec.tolerations ?? [])
    if (operator === 'Exists' && effect === 'NoSchedule' && value === '') known.add(key);
  const missing = [...keys].filter((key) => !known.has(key)).sort();
  if (missing.length === 0) return spec;
  const more = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }));
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...more] };
}
