import { aggregateMessage, deepCopy } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';
import { claimProblems, podProblems } from './limit-problems';
import { setContainerDefaults } from './set-container-defaults';

const limitRanges = { group: '', resource: 'limitranges' };

/** Defaults and bounds of what pods and claims of a namespace may ask for (plugin/pkg/admission/limitranger). */
export function limitRanger(objects: ObjectReader): AdmissionPlugin {
  const rangesOf = ({ namespace }: AdmissionAttributes): corev1.LimitRange[] =>
    objects.list<corev1.LimitRange>(limitRanges, namespace);

  return {
    name: 'LimitRanger',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit(attributes) {
      if (targetOf(attributes) !== 'pod') return;
      const pod = attributes.object as corev1.Pod;
      // A patch that has left the spec alone has left it the stored pod's.
      if (pod.spec !== undefined && pod.spec === (attributes.oldObject as corev1.Pod | undefined)?.spec)
        pod.spec = deepCopy(pod.spec);
      for (const range of rangesOf(attributes)) setContainerDefaults(pod, range);
    },
    validate(attributes) {
      const target = targetOf(attributes);
      if (target === undefined) return;
      for (const range of rangesOf(attributes)) {
        const problems =
          target === 'pod'
            ? podProblems(attributes.object as corev1.Pod, range)
            : claimProblems(attributes.object as corev1.PersistentVolumeClaim, range);
        if (problems.length > 0) throw admissionForbidden(attributes, aggregateMessage(problems));
      }
    },
  };
}

/** Resources of a pod are settled when it is made, and changed by `resize` only. */
function targetOf(attributes: AdmissionAttributes): 'pod' | 'claim' | undefined {
  const { object, subresource, operation } = attributes;
  if (object === undefined) return undefined;
  if (isAbout(attributes, '', 'pods'))
    return subresource === (operation === 'CREATE' ? '' : 'resize') ? 'pod' : undefined;
  return subresource === '' && isAbout(attributes, '', 'persistentvolumeclaims') ? 'claim' : undefined;
}
