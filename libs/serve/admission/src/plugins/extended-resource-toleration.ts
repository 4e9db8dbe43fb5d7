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
    const spec = podOf(attributes)?.spec;
    if (spec === undefined) return;
    const names = new Set<string>();
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])])
      for (const name of Object.keys(resources?.requests ?? {})) if (isExtended(name)) names.add(name);
    tolerate(spec, names);
  },
};

/** `IsExtendedResourceName`: of a domain that is not Kubernetes' own. */
const isExtended = (name: string): boolean =>
  name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');

/** Each once: a pod may come with thousands of both. */
function tolerate(spec: corev1.PodSpec, keys: ReadonlySet<string>): void {
  const known = new Set<string>();
  for (const { key = '', operator, effect, value = '' } of spec.tolerations ?? [])
    if (operator === 'Exists' && effect === 'NoSchedule' && value === '') known.add(key);
  for (const key of [...keys].sort())
    if (!known.has(key)) (spec.tolerations ??= []).push({ key, operator: 'Exists', effect: 'NoSchedule' });
}
