import type { corev1 } from '@reckon/api/types';

const ofVolume = (volume: corev1.Volume): readonly (string | undefined)[] => [
  volume.secret?.secretName,
  volume.azureFile?.secretName,
  volume.cephfs?.secretRef?.name,
  volume.cinder?.secretRef?.name,
  volume.flexVolume?.secretRef?.name,
  volume.rbd?.secretRef?.name,
  volume.scaleIO?.secretRef?.name,
  volume.iscsi?.secretRef?.name,
  volume.storageos?.secretRef?.name,
  volume.csi?.nodePublishSecretRef?.name,
  ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
];

const ofContainer = ({ env, envFrom }: Pick<corev1.Container, 'env' | 'envFrom'>): readonly (string | undefined)[] => [
  ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ...(envFrom ?? []).map(({ secretRef }) => secretRef?.name),
];

/** Names of the Secrets that a pod mentions, wherever they stand (pkg/api/v1/pod `VisitPodSecretNames`). */
export function podSecrets({ spec }: Pick<corev1.Pod, 'spec'>): ReadonlySet<string> {
  const containers = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  const names = [
    ...(spec?.imagePullSecrets ?? []).map(({ name }) => name),
    ...containers.flatMap(ofContainer),
    ...(spec?.volumes ?? []).flatMap(ofVolume),
  ];
  return new Set(names.filter((name) => name !== undefined).filter((name) => name !== ''));
}
