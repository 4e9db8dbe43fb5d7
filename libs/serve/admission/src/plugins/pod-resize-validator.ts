import {
  type Quantity,
  compareQuantities,
  goQuote,
  quantityMilliValue,
  quantityValue,
  semanticEqual,
  zeroQuantity,
} from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { amountsOf, podRequests } from '@reckon/api/quota';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const nodes = { group: '', resource: 'nodes' };
const osLabel = 'kubernetes.io/os';

/** What is compared, and in which unit it is shown. */
const compared: readonly (readonly [resource: string, shown: (amount: Quantity) => bigint])[] = [
  ['cpu', quantityMilliValue],
  ['memory', quantityValue],
];

/** No pod is resized to more than its node has, nor on a node that is not Linux (plugin/pkg/admission/podresize). */
export function podResizeValidator(objects: ObjectReader): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    handles: (operation) => operation === 'UPDATE',
    validate(attributes) {
      if (attributes.subresource !== 'resize' || !isAbout(attributes, '', 'pods')) return;
      const pod = attributes.object as corev1.Pod;
      const old = attributes.oldObject as corev1.Pod;
      const nodeName = pod.spec?.nodeName ?? '';
      // Upstream compares generations, which say the same: they grow with the spec.
      if (nodeName === '' || semanticEqual(pod.spec, old.spec)) return;
      const node = objects.get<corev1.Node>(nodes, '', nodeName);
      if (node === undefined) throw admissionForbidden(attributes, `node ${goQuote(nodeName)} not found`);
      demandLinux(attributes, node, nodeName);
      demandRoom(attributes, pod, node);
    },
  };
}

function demandLinux(attributes: AdmissionAttributes, { metadata }: corev1.Node, name: string): void {
  const os = metadata.labels?.[osLabel];
  if (os === undefined || os === 'linux') return;
  const why = `pod resize is only supported on linux nodes, node ${goQuote(name)} is ${goQuote(os)}`;
  throw admissionForbidden(attributes, why, [{ reason: 'UnsupportedPlatform' }]);
}

/** By what the pod asks for alone: what is in force on the node still is of the time before. */
function demandRoom(attributes: AdmissionAttributes, { spec }: corev1.Pod, { status }: corev1.Node): void {
  const asked = podRequests({ ...(spec === undefined ? {} : { spec }) });
  const allocatable = amountsOf(status?.allocatable);
  const missing = compared.flatMap(([resource, shown]) => {
    const [wants, has] = [asked.get(resource) ?? zeroQuantity, allocatable.get(resource) ?? zeroQuantity];
    return compareQuantities(wants, has) > 0
      ? `${resource}, requested: ${String(shown(wants))}, allocatable: ${String(shown(has))}`
      : [];
  });
  if (missing.length === 0) return;
  const why = `node didn't have enough allocatable resources: ${missing.join('; ')}`;
  throw admissionForbidden(attributes, why, [{ reason: 'NodeCapacity' }]);
}
