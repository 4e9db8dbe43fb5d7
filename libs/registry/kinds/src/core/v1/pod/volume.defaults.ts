import type { corev1 } from '@reckon/api/types';
import { defaultPullPolicy } from '../image-reference';
import { roundResourceList } from '../resource-list';

/** 0644, what files of secrets, config maps, downward and projected volumes get. */
const fileMode = 0o644;

/** A volume without any source is an emptyDir (SetDefaults_Volume); then the defaults of its source. */
export function setVolumeDefaults(volume: corev1.Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= fileMode;
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode;
  if (volume.projected) setProjectedDefaults(volume.projected);
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= fileMode;
    setDownwardFileDefaults(volume.downwardAPI.items);
  }
  if (volume.ephemeral?.volumeClaimTemplate?.spec) {
    const claim = volume.ephemeral.volumeClaimTemplate.spec;
    claim.volumeMode ??= 'Filesystem';
    roundResourceList(claim.resources?.limits);
    roundResourceList(claim.resources?.requests);
  }
  if (volume.image && !volume.image.pullPolicy) volume.image.pullPolicy = defaultPullPolicy(volume.image.reference);
  setVolumeSourceDefaults(volume);
}

function hasSource(volume: corev1.Volume): boolean {
  for (const field in volume) if (field !== 'name' && volume[field as keyof corev1.Volume] != null) return true;
  return false;
}

function setProjectedDefaults(projected: corev1.ProjectedVolumeSource): void {
  projected.defaultMode ??= fileMode;
  for (const source of projected.sources ?? []) {
    // Behind gates that are off (ClusterTrustBundleProjection, PodCertificateRequest): taken and forgotten, as upstream does.
    delete source.clusterTrustBundle;
    delete source.podCertificate;
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    if (source.downwardAPI) setDownwardFileDefaults(source.downwardAPI.items);
  }
}

function setDownwardFileDefaults(items: corev1.DownwardAPIVolumeFile[] | undefined): void {
  for (const file of items ?? []) if (file.fieldRef && !file.fieldRef.apiVersion) file.fieldRef.apiVersion = 'v1';
}

type SharedSource = 'hostPath' | 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO';

/** Sources that volumes of pods and of the cluster have alike, most of them drivers that only the API remembers. */
export function setVolumeSourceDefaults(volume: Pick<corev1.PersistentVolumeSpec | corev1.Volume, SharedSource>): void {
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.iscsi && !volume.iscsi.iscsiInterface) volume.iscsi.iscsiInterface = 'default';
  if (volume.rbd) {
    if (!volume.rbd.pool) volume.rbd.pool = 'rbd';
    if (!volume.rbd.user) volume.rbd.user = 'admin';
    if (!volume.rbd.keyring) volume.rbd.keyring = '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    if (!volume.scaleIO.storageMode) volume.scaleIO.storageMode = 'ThinProvisioned';
    if (!volume.scaleIO.fsType) volume.scaleIO.fsType = 'xfs';
  }
}
