import type { corev1 } from '@reckon/api/types';
import type { Storage } from '@reckon/store/contract';
import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

/** Where a node is. */
const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Pods learn where they run by labels that they get with their node (plugin/pkg/admission/podtopologylabels). */
export function podTopologyLabels(storage: Pick<Storage, 'newest'>): AdmissionPlugin {
  function copy(node: string | undefined, metadata: { labels?: Record<string, string> }): void {
    if (node === undefined || node === '') return;
    const labels = storage.newest({ group: '', resource: 'nodes', namespace: '', name: node })?.labels ?? {};
    for (const key of copied) {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (value !== undefined) (metadata.labels ??= {})[key] = value;
    }
  }

  return {
    name: 'PodTopologyLabels',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      const { object, subresource } = attributes;
      if (object === undefined || !isAbout(attributes, '', 'pods')) return;
      if (subresource === '') copy((object as corev1.Pod).spec?.nodeName, object.metadata);
      if (subresource !== 'binding') return;
      const { target } = object as unknown as corev1.Binding;
      if (target?.kind === 'Node') copy(target.name, object.metadata);
    },
  };
}
