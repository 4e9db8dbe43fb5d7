import type { corev1 } from '@reckon/api/types';

/** What becomes of a volume's data when its claim is gone. */
export type Disposal =
  /** There was nothing to keep, and there is nothing left. */
  | { readonly kind: 'done' }
  /** A program outside sees to it. */
  | { readonly kind: 'external' }
  | { readonly kind: 'failed'; readonly message: string };

/** Drivers that have taken over what was built in (k8s.io/csi-translation-lib/plugins). */
const successors: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'],
  ['kubernetes.io/azure-disk', 'disk.csi.azure.com'],
  ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'],
  ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'],
  ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
  ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'],
]);
const migratedSources = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cinder',
  'gcePersistentDisk',
  'portworxVolume',
  'vsphereVolume',
] as const satisfies readonly (keyof corev1.PersistentVolumeSpec)[];

/** Of the plugins that kube-controller-manager has, those that cannot delete (cmd/kube-controller-manager/app/plugins.go). */
const keepers = ['csi', 'local', 'nfs'] as const satisfies readonly (keyof corev1.PersistentVolumeSpec)[];

const hostPath = 'kubernetes.io/host-path';
const unableToMake = new Set(['kubernetes.io/csi', 'kubernetes.io/local-volume', 'kubernetes.io/nfs']);

/** Who makes volumes of a class. */
export type Maker =
  | { readonly kind: 'external'; readonly name: string }
  /** Ours by name; `isAsked`: the claim is marked with the name before the refusal. */
  | { readonly kind: 'none'; readonly message: string; readonly isAsked: boolean };

/** `findProvisionablePlugin`. No plugin that is built in makes volumes: the one that could is for tests, and off by default. */
export function makerOf(provisioner: string): Maker {
  const successor = successors.get(provisioner);
  if (successor !== undefined) return { kind: 'external', name: successor };
  if (!provisioner.startsWith('kubernetes.io/')) return { kind: 'external', name: provisioner };
  if (provisioner === hostPath)
    return {
      kind: 'none',
      message: `Failed to create provisioner: provisioning in volume plugin "${hostPath}" is disabled`,
      isAsked: true,
    };
  const message = unableToMake.has(provisioner)
    ? 'no provisionable volume plugin matched'
    : `no volume plugin matched name: ${provisioner}`;
  return { kind: 'none', message, isAsked: false };
}

/**
 * `doDeleteVolume`, with upstream's answers for what nobody here can delete. A host path below /tmp is the one thing that is deleted:
 * its directory would be on a node, and the nodes are not real ones.
 */
export function dispose(name: string, spec: corev1.PersistentVolumeSpec, provisionedBy: string): Disposal {
  if (provisionedBy !== '' && provisionedBy !== hostPath) {
    if (successors.has(provisionedBy) || !provisionedBy.startsWith('kubernetes.io/')) return { kind: 'external' };
    return {
      kind: 'failed',
      message: unableToMake.has(provisionedBy)
        ? 'no deletable volume plugin matched'
        : `no volume plugin matched name: ${provisionedBy}`,
    };
  }
  if (spec.hostPath !== undefined) {
    const { path } = spec.hostPath;
    if (/\/tmp\/.+/u.test(path)) return { kind: 'done' };
    return { kind: 'failed', message: `host_path deleter only supports /tmp/.+ but received provided ${path}` };
  }
  if (migratedSources.some((source) => spec[source] !== undefined)) return { kind: 'external' };
  const what = keepers.some((source) => spec[source] !== undefined) ? 'deletable volume plugin' : 'volume plugin';
  return { kind: 'failed', message: `error getting deleter volume plugin for volume "${name}": no ${what} matched` };
}

/** Whether a volume can be wiped and used again, which is out of date but still there. */
export const isRecyclable = ({ hostPath: path, nfs }: corev1.PersistentVolumeSpec): boolean =>
  path !== undefined || nfs !== undefined;
