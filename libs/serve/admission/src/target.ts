import type { corev1 } from '@reckon/api/types';
import type { AdmissionAttributes } from './plugin';

/** Whether a request is about this resource of this group; any version, any subresource. */
export const isAbout = ({ row }: AdmissionAttributes, group: string, resource: string): boolean =>
  row.resource === resource && row.group === group;

/** The pod of a request about a pod itself, not one of its subresources. */
export function podOf(attributes: AdmissionAttributes): corev1.Pod | undefined {
  if (attributes.subresource !== '' || !isAbout(attributes, '', 'pods')) return undefined;
  return attributes.object;
}

/** The claim of a request about a claim itself, not its status. */
export function claimOf(attributes: AdmissionAttributes): corev1.PersistentVolumeClaim | undefined {
  if (attributes.subresource !== '' || !isAbout(attributes, '', 'persistentvolumeclaims')) return undefined;
  return attributes.object;
}
