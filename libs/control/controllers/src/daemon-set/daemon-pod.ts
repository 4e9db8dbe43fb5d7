import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { podFromTemplate } from '../ownership/owned-pods';
import type { Pod } from '../replica-set/pod-state';
import { type DaemonSet, generationLabel, hashLabel, templateGeneration } from './daemon-set';

const nodeNameField = 'metadata.name';

const always = (key: string, effect: string): corev1.Toleration => ({ key, operator: 'Exists', effect });

/** A daemon stays on its node whatever befalls that, and comes before the node is ready (`AddOrUpdateDaemonPodTolerations`). */
const tolerated: readonly corev1.Toleration[] = [
  always('node.kubernetes.io/not-ready', 'NoExecute'),
  always('node.kubernetes.io/unreachable', 'NoExecute'),
  always('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  always('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  always('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  always('node.kubernetes.io/unschedulable', 'NoSchedule'),
];
/** It needs no network of its own. */
const toleratedOnHostNetwork = always('node.kubernetes.io/network-unavailable', 'NoSchedule');

/** The tolerations of the template and those that every daemon has. */
export function daemonTolerations(spec: corev1.PodSpec | undefined): corev1.Toleration[] {
  let all = spec?.tolerations ?? [];
  for (const added of spec?.hostNetwork === true ? [...tolerated, toleratedOnHostNetwork] : tolerated)
    all = withToleration(all, added);
  return all;
}

/** In the place of those that say the same for a limited time, else at the end (`AddOrUpdateTolerationInPodSpec`). */
function withToleration(all: corev1.Toleration[], added: corev1.Toleration): corev1.Toleration[] {
  const isLike = (t: corev1.Toleration): boolean =>
    t.key === added.key && t.effect === added.effect && t.operator === added.operator && (t.value ?? '') === '';
  const like = all.filter(isLike);
  if (like.length === 0) return [...all, added];
  if (like.some((t) => semanticEqual(t, added))) return all;
  return all.map((t) => (isLike(t) ? added : t));
}

/** The pod of one node: it is the scheduler that binds it, and can bind it to no other. */
export function podOf(set: DaemonSet, hash: string, nodeName: string): Pod {
  const pod = podFromTemplate(set, refs.daemonSets, set.spec?.template);
  const generation = templateGeneration(set);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        ...(generation === undefined ? {} : { [generationLabel]: generation }),
        [hashLabel]: hash,
      },
    },
    spec: {
      containers: [],
      ...pod.spec,
      tolerations: daemonTolerations(pod.spec),
      affinity: pinnedTo(nodeName, pod.spec?.affinity),
    },
  };
}

/** Nothing but the node's name counts any more of what was required of it (`ReplaceDaemonSetPodNodeNameNodeAffinity`). */
const pinnedTo = (nodeName: string, affinity: corev1.Affinity = {}): corev1.Affinity => ({
  ...affinity,
  nodeAffinity: {
    ...affinity.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: nodeNameField, operator: 'In', values: [nodeName] }] }],
    },
  },
});

/** The node that a pod is on or is meant for, undefined if it does not say (daemon/util.GetTargetNodeName). */
export function nodeOf({ spec }: Pod): string | undefined {
  const bound = spec?.nodeName ?? '';
  if (bound !== '') return bound;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms)
    for (const { key, operator, values = [] } of matchFields)
      if (key === nodeNameField && operator === 'In') return values.length === 1 ? values[0] : undefined;
  return undefined;
}
