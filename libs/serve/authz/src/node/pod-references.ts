import type { corev1 } from '@reckon/api/types';

/** Names of the objects of its own namespace that a pod cannot run without. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  /** Made from a template or named. */
  readonly claims: ReadonlySet<string>;
}

type Volume = corev1.Volume;
type Container = Pick<corev1.Container, 'env' | 'envFrom'>;

/** Where volumes name a Secret, by pkg/api/v1/pod `VisitPodSecretNames`. */
const volumeSecrets: readonly ((volume: Volume) => string | undefined)[] = [
  (v) => v.secret?.secretName,
  (v) => v.azureFile?.secretName,
  (v) => v.cephfs?.secretRef?.name,
  (v) => v.cinder?.secretRef?.name,
  (v) => v.flexVolume?.secretRef?.name,
  (v) => v.rbd?.secretRef?.name,
  (v) => v.scaleIO?.secretRef?.name,
  (v) => v.iscsi?.secretRef?.name,
  (v) => v.storageos?.secretRef?.name,
  (v) => v.csi?.nodePublishSecretRef?.name,
];

/** All of them, in whichever container or volume they stand. */
export function podReferences(pod: Pick<corev1.Pod, 'metadata' | 'spec'>): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const claims = new Set<string>();
  const add = (names: Set<string>, name: string | undefined): void => {
    if (name !== undefined && name !== '') names.add(name);
  };
  const { spec } = pod;
  for (const { name } of spec?.imagePullSecrets ?? []) add(secrets, name);
  for (const { env, envFrom } of containersOf(spec)) {
    for (const { valueFrom } of env ?? []) {
      add(secrets, valueFrom?.secretKeyRef?.name);
      add(configMaps, valueFrom?.configMapKeyRef?.name);
    }
    for (const { secretRef, configMapRef } of envFrom ?? []) {
      add(secrets, secretRef?.name);
      add(configMaps, configMapRef?.name);
    }
  }
  for (const volume of spec?.volumes ?? []) {
    for (const nameIn of volumeSecrets) add(secrets, nameIn(volume));
    for (const { secret, configMap } of volume.projected?.sources ?? []) {
      add(secrets, secret?.name);
      add(configMaps, configMap?.name);
    }
    add(configMaps, volume.configMap?.name);
    add(claims, volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral !== undefined) add(claims, `${pod.metadata.name ?? ''}-${volume.name}`);
  }
  return { secrets, configMaps, claims };
}

const containersOf = (spec: corev1.PodSpec | undefined): readonly Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
  ...(spec?.ephemeralContainers ?? []),
];
