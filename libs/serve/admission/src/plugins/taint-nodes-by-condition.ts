import type { corev1 } from '@reckon/api/types';
import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const key = 'node.kubernetes.io/not-ready';
const effect = 'NoSchedule';

/** A new node takes no pods until it is found ready (plugin/pkg/admission/nodetaint). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: (operation) => operation === 'CREATE',
  admit(attributes) {
    if (attributes.subresource !== '' || !isAbout(attributes, '', 'nodes')) return;
    const node = attributes.object as corev1.Node;
    const taints = ((node.spec ??= {}).taints ??= []);
    if (!taints.some((taint) => taint.key === key && taint.effect === effect)) taints.push({ key, effect });
  },
};
