import { aggregateMessage } from '@reckon/api/machinery';
import type { corev1, storagev1 } from '@reckon/api/types';
import type { ObjectReader } from '../../object-reader';

/** `problem`: it could not be told, because of something that is not there. */
export type AudienceUse = 'used' | 'unused' | { readonly problem: string };

const drivers = { group: 'storage.k8s.io', resource: 'csidrivers' };
const claims = { group: '', resource: 'persistentvolumeclaims' };
const volumes = { group: '', resource: 'persistentvolumes' };

class MissingError extends Error {
  readonly code = 'Missing';

  constructor(kind: string, name: string) {
    super(`${kind} "${name}" not found`);
    this.name = 'MissingError';
  }
}

/** Whether a pod mounts a token for the audience, itself or through a CSI driver that asks for one (`podReferencesAudience`). */
export function audienceUse(objects: ObjectReader, pod: corev1.Pod, audience: string): AudienceUse {
  const problems: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const sources = volume.projected?.sources ?? [];
    if (sources.some(({ serviceAccountToken: token }) => token !== undefined && (token.audience ?? '') === audience))
      return 'used';
    try {
      if (driverAudiences(objects, pod, volume).includes(audience)) return 'used';
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      problems.push(error.message);
    }
  }
  return problems.length === 0 ? 'unused' : { problem: aggregateMessage(problems) };
}

function driverAudiences(objects: ObjectReader, pod: corev1.Pod, volume: corev1.Volume): string[] {
  const name = driverOf(objects, pod, volume);
  if (name === '') return [];
  const driver = objects.get<storagev1.CSIDriver>(drivers, '', name);
  if (driver === undefined) throw new MissingError('csidriver.storage.k8s.io', name);
  return (driver.spec.tokenRequests ?? []).map((request) => request.audience);
}

/** '' for a volume that is not a driver's. */
function driverOf(objects: ObjectReader, pod: corev1.Pod, volume: corev1.Volume): string {
  if (volume.csi !== undefined) return volume.csi.driver;
  const { name: podName = '', namespace = '' } = pod.metadata;
  const claimName =
    volume.ephemeral === undefined ? volume.persistentVolumeClaim?.claimName : `${podName}-${volume.name}`;
  if (claimName === undefined) return '';
  const claim = objects.get<corev1.PersistentVolumeClaim>(claims, namespace, claimName);
  if (claim === undefined) throw new MissingError('persistentvolumeclaim', claimName);
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName === '') return '';
  const bound = objects.get<corev1.PersistentVolume>(volumes, '', volumeName);
  if (bound === undefined) throw new MissingError('persistentvolume', volumeName);
  return bound.spec?.csi?.driver ?? '';
}
