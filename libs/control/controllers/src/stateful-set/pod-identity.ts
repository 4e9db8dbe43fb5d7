import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { podFromTemplate } from '../ownership/owned-pods';
import type { Pod } from '../replica-set/pod-state';
import { claimName } from './claim-templates';
import { type StatefulSet, nameParts, revisionLabel } from './stateful-set';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** The pod of a number, made of the template of a revision (statefulset `newStatefulSetPod`). */
export function podOf(
  set: StatefulSet,
  ordinal: number,
  made: { readonly template: corev1.PodTemplateSpec | undefined; readonly revision: string },
): Pod {
  const name = `${set.metadata.name ?? ''}-${String(ordinal)}`;
  const pod = podFromTemplate(set, refs.statefulSets, made.template);
  const { serviceName = '' } = set.spec ?? {};
  const spec: corev1.PodSpec = {
    containers: [],
    ...pod.spec,
    hostname: name,
    ...(serviceName === '' ? {} : { subdomain: serviceName }),
  };
  const named = { ...pod, metadata: { ...pod.metadata, name }, spec };
  const { metadata } = withIdentity(set, named);
  return withStorage(set, {
    ...named,
    metadata: { ...metadata, labels: { ...metadata.labels, [revisionLabel]: made.revision } },
  });
}

/** Whether the pod is who its name says: a pod that was adopted may lack the label. */
export function identityMatches(set: StatefulSet, { metadata }: Pod): boolean {
  const { ordinal } = nameParts({ metadata });
  return (
    metadata.name === `${set.metadata.name ?? ''}-${String(ordinal)}` &&
    metadata.labels?.[podNameLabel] === metadata.name
  );
}

export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const ordinal = String(nameParts(pod).ordinal);
  const name = `${set.metadata.name ?? ''}-${ordinal}`;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      labels: { ...pod.metadata.labels, [podNameLabel]: name, [podIndexLabel]: ordinal },
    },
  };
}

/** Whether every claim template has its volume in the pod, on the pod's own claim. */
export function storageMatches(set: StatefulSet, pod: Pod): boolean {
  const { ordinal } = nameParts(pod);
  return (set.spec?.volumeClaimTemplates ?? []).every((template) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, template, ordinal);
  });
}

/** The volumes of the claim templates take the place of those of the same names (statefulset `updateStorage`). */
export function withStorage(set: StatefulSet, pod: Pod): Pod {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  if (templates.length === 0) return pod;
  const { ordinal } = nameParts(pod);
  const claimed = templates.map((template): corev1.Volume => ({
    name: template.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  const own = (pod.spec?.volumes ?? []).filter(({ name }) => !claimed.some((volume) => volume.name === name));
  return { ...pod, spec: { containers: [], ...pod.spec, volumes: [...claimed, ...own] } };
}
