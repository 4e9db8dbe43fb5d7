import { goQuote } from '@reckon/api/machinery';
import { featuresToChange, undeclaredFeatures } from '@reckon/api/node-declared-features';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const nodes = { group: '', resource: 'nodes' };

/**
 * No pod on a node is changed in a way that its node does not know yet (plugin/pkg/admission/nodedeclaredfeatures `validatePod`). What
 * upstream asks of ResourceSlices besides waits for a feature that is alpha in v1.36.
 */
export function nodeDeclaredFeatureValidator(objects: ObjectReader): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    handles: (operation) => operation === 'UPDATE',
    validate(attributes) {
      if (!isAbout(attributes, '', 'pods')) return;
      if (attributes.subresource !== '' && attributes.subresource !== 'resize') return;
      const { spec } = attributes.object as corev1.Pod;
      const { spec: before } = attributes.oldObject as corev1.Pod;
      const nodeName = spec?.nodeName ?? '';
      if (nodeName === '') return;
      // None where the spec stays as it was, for which upstream looks at the generation first.
      const needed = featuresToChange(before, spec);
      if (needed.length === 0) return;
      const node = objects.get<corev1.Node>(nodes, '', nodeName);
      if (node === undefined) throw admissionForbidden(attributes, `node ${goQuote(nodeName)} not found`);
      const missing = undeclaredFeatures(needed, node.status?.declaredFeatures);
      if (missing.length === 0) return;
      const why = `pod update requires features ${missing.join(', ')} which are not available on node ${goQuote(nodeName)}`;
      throw admissionForbidden(attributes, why);
    },
  };
}
