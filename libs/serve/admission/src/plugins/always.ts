import { admissionForbidden } from '../admission-forbidden';
import type { AdmissionPlugin } from '../plugin';

/** Has no objection to anything (k8s.io/apiserver: plugin/pkg/admission/admit). */
export const alwaysAdmit: AdmissionPlugin = {
  name: 'AlwaysAdmit',
  handles: () => true,
};

/** Objects to everything (plugin/pkg/admission/deny). */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  handles: () => true,
  admit(attributes) {
    throw admissionForbidden(attributes, 'admission control is denying all modifications');
  },
  validate(attributes) {
    throw admissionForbidden(attributes, 'admission control is denying all modifications');
  },
};
