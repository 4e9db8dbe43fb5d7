import { statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { plainFailure } from '@reckon/registry/generic';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { podOf } from '../../target';
import type { NodeSelectors } from './pod-node-selector-configuration';
import { selectorLabels } from './selector-labels';

const namespaces = { group: '', resource: 'namespaces' };
const pods = { group: '', resource: 'pods' };
const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

/** The pods of a namespace run on the nodes that its annotation names (plugin/pkg/admission/podnodeselector). */
export function podNodeSelector(objects: ObjectReader, selectors: NodeSelectors): AdmissionPlugin {
  const refuse = (pod: corev1.Pod, why: string): never => {
    throw statusErrors.forbidden(pods, pod.metadata.name ?? '', why);
  };

  function selectorOf(name: string): ReadonlyMap<string, string> {
    const namespace = objects.get<corev1.Namespace>(namespaces, '', name);
    if (namespace === undefined) throw statusErrors.notFound(namespaces, name);
    const annotations = namespace.metadata.annotations ?? {};
    const own = Object.hasOwn(annotations, annotation) ? annotations[annotation] : undefined;
    const text = own ?? selectors.get('clusterDefaultNodeSelector') ?? '';
    const labels = selectorLabels(text);
    if (labels === undefined) throw plainFailure(`invalid selector: ${text}`);
    return labels;
  }

  /** What the namespace asks for, if the pod asks for nothing else. */
  function agreed(pod: corev1.Pod, namespace: string): ReadonlyMap<string, string> {
    const wanted = selectorOf(namespace);
    const own = pod.spec?.nodeSelector ?? {};
    if ([...wanted].some(([key, value]) => Object.hasOwn(own, key) && own[key] !== value))
      refuse(pod, 'pod node label selector conflicts with its namespace node label selector');
    return wanted;
  }

  function validate(attributes: AdmissionAttributes): void {
    const pod = podOf(attributes);
    if (pod === undefined) return;
    agreed(pod, attributes.namespace);
    const allowed = selectorLabels(selectors.get(attributes.namespace) ?? '') ?? new Map<string, string>();
    if (allowed.size === 0) return;
    if (Object.entries(pod.spec?.nodeSelector ?? {}).some(([key, value]) => allowed.get(key) !== value))
      refuse(pod, 'pod node label selector labels conflict with its namespace whitelist');
  }

  return {
    name: 'PodNodeSelector',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      const pod = podOf(attributes);
      if (pod?.spec === undefined) return;
      const wanted = agreed(pod, attributes.namespace);
      if (wanted.size > 0) pod.spec.nodeSelector = { ...Object.fromEntries(wanted), ...pod.spec.nodeSelector };
      validate(attributes);
    },
    validate,
  };
}
