import type { corev1 } from '@reckon/api/types';
import { podReferences } from '@reckon/serve/authz';

type Projection = NonNullable<NonNullable<corev1.Volume['projected']>['sources']>[number];
type Source = Exclude<keyof corev1.Volume, 'name'>;

/** What each kind of volume has a kubelet read of the API: every one has a row, so that a new one is thought of. */
const bySource = {
  awsElasticBlockStore: undefined,
  azureDisk: undefined,
  azureFile: 'secrets (via azureFile volumes)',
  cephfs: undefined,
  cinder: undefined,
  configMap: 'configmaps (via configmap volumes)',
  csi: 'csidrivers (via CSI volumes)',
  downwardAPI: undefined,
  emptyDir: undefined,
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
  fc: undefined,
  flexVolume: undefined,
  flocker: undefined,
  gcePersistentDisk: undefined,
  gitRepo: undefined,
  glusterfs: 'endpoints (via glusterFS volumes)',
  hostPath: undefined,
  image: undefined,
  iscsi: undefined,
  nfs: undefined,
  persistentVolumeClaim: 'persistentvolumeclaims',
  photonPersistentDisk: undefined,
  portworxVolume: undefined,
  projected: undefined,
  quobyte: undefined,
  rbd: undefined,
  scaleIO: undefined,
  secret: 'secrets (via secret volumes)',
  storageos: undefined,
  vsphereVolume: undefined,
} as const satisfies Record<Source, string | undefined>;

const byProjection = {
  clusterTrustBundle: 'clustertrustbundles',
  configMap: 'configmaps (via projected volumes)',
  downwardAPI: undefined,
  podCertificate: 'podcertificates',
  secret: 'secrets (via projected volumes)',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
} as const satisfies Record<keyof Projection, string | undefined>;

/**
 * What of the API a pod refers to, in the words of pkg/api/pod `HasAPIObjectReference`; undefined where it stands by itself, as a
 * static pod must. Of several the first in upstream's order.
 */
export function apiReference(pod: corev1.Pod): string | undefined {
  const { spec } = pod;
  if ((spec?.serviceAccountName ?? '') !== '') return 'serviceaccounts';
  const { secrets, configMaps } = podReferences(pod);
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  if ((spec?.resourceClaims ?? []).length > 0) return 'resourceclaims';
  for (const volume of spec?.volumes ?? []) {
    const reference = namedIn(volume, bySource) ?? projectedIn(volume);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function projectedIn({ projected }: corev1.Volume): string | undefined {
  for (const source of projected?.sources ?? []) {
    const reference = namedIn(source, byProjection);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function namedIn(object: object, table: Readonly<Record<string, string | undefined>>): string | undefined {
  const entry = Object.entries(object).find(([key, value]) => value !== undefined && table[key] !== undefined);
  return entry === undefined ? undefined : table[entry[0]];
}
