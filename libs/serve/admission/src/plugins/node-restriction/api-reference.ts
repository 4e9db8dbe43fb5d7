import { goQuote } from '@reckon/api/machinery';
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

/** What a pod refers to, or what of it is not known to refer to nothing. */
export type ApiReference = { readonly reference: string } | { readonly unknown: string };

/**
 * What of the API a pod refers to, in the words of pkg/api/pod `HasAPIObjectReference`; undefined where it stands by itself, as a
 * static pod must. Of several the first in upstream's order.
 */
export function apiReference(pod: corev1.Pod): ApiReference | undefined {
  const { spec } = pod;
  if ((spec?.serviceAccountName ?? '') !== '') return { reference: 'serviceaccounts' };
  const { secrets, configMaps } = podReferences(pod);
  if (secrets.size > 0) return { reference: 'secrets' };
  if (configMaps.size > 0) return { reference: 'configmaps' };
  if ((spec?.resourceClaims ?? []).length > 0) return { reference: 'resourceclaims' };
  for (const volume of spec?.volumes ?? []) {
    const found = inVolume(volume);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inVolume(volume: corev1.Volume): ApiReference | undefined {
  const reference = namedIn(volume, bySource);
  if (reference !== undefined) return { reference };
  if (!hasKnown(volume, bySource)) return { unknown: `unknown volume type for volume  ${goQuote(volume.name)}` };
  for (const source of volume.projected?.sources ?? []) {
    const projected = namedIn(source, byProjection);
    if (projected !== undefined) return { reference: projected };
    if (!hasKnown(source, byProjection))
      return { unknown: `unknown source for projected volume ${goQuote(volume.name)}` };
  }
  return undefined;
}

const hasKnown = (object: object, table: object): boolean =>
  Object.entries(object).some(([key, value]) => value != null && Object.hasOwn(table, key));

function namedIn(object: object, table: Readonly<Record<string, string | undefined>>): string | undefined {
  const entry = Object.entries(object).find(([key, value]) => value != null && table[key] !== undefined);
  return entry === undefined ? undefined : table[entry[0]];
}
