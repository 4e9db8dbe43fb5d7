import type { corev1 } from '@reckon/api/types';

type Spec = corev1.PersistentVolumeSpec;
interface Named {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** Where a volume names a Secret that its kubelet needs (pkg/api/v1/persistentvolume `VisitPVSecretNames`). */
const places: readonly ((spec: Spec) => Named | undefined)[] = [
  ({ azureFile: a }) => a && { name: a.secretName, namespace: a.secretNamespace },
  ({ cephfs }) => cephfs?.secretRef,
  ({ cinder }) => cinder?.secretRef,
  ({ flexVolume }) => flexVolume?.secretRef,
  ({ rbd }) => rbd?.secretRef,
  ({ scaleIO }) => scaleIO?.secretRef,
  ({ iscsi }) => iscsi?.secretRef,
  ({ storageos }) => storageos?.secretRef,
  ({ csi }) => csi?.nodePublishSecretRef,
  ({ csi }) => csi?.nodeStageSecretRef,
  ({ csi }) => csi?.nodeExpandSecretRef,
];

/** Without a namespace of its own a Secret is of the claim's. */
export function volumeSecrets(spec: Spec, claimNamespace: string): SecretName[] {
  return places.flatMap((place) => {
    const { name = '', namespace = '' } = place(spec) ?? {};
    return name === '' ? [] : [{ name, namespace: namespace === '' ? claimNamespace : namespace }];
  });
}
