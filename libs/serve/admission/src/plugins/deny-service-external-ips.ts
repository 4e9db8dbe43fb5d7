import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

/** External addresses of Services let traffic be stolen: none are added (plugin/pkg/admission/network/denyserviceexternalips). */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
  validate(attributes) {
    if (attributes.subresource !== '' || !isAbout(attributes, '', 'services')) return;
    const now = (attributes.object as corev1.Service | undefined)?.spec?.externalIPs ?? [];
    const before = new Set((attributes.oldObject as corev1.Service | undefined)?.spec?.externalIPs);
    if (!now.every((address) => before.has(address)))
      throw admissionForbidden(attributes, 'Use of external IPs is denied by admission control');
  },
};
