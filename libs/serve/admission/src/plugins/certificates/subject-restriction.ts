import type { certificatesv1 } from '@reckon/api/types';
import { CertificateProblem, type InspectedRequest, inspectCertificateRequest } from '@reckon/pki';
import { admissionForbidden } from '../../admission-forbidden';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';

const signer = 'kubernetes.io/kube-apiserver-client';
const masters = 'system:masters';

/** Nobody becomes an administrator by a certificate request (plugin/pkg/admission/certificates/subjectrestriction). */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: (operation) => operation === 'CREATE',
  validate(attributes) {
    if (attributes.subresource !== '' || !isAbout(attributes, 'certificates.k8s.io', 'certificatesigningrequests'))
      return;
    const { spec } = attributes.object as unknown as certificatesv1.CertificateSigningRequest;
    if (spec.signerName !== signer) return;
    if (inspected(attributes, spec.request).organizations.includes(masters))
      throw admissionForbidden(attributes, `use of ${signer} signer with ${masters} group is not allowed`);
  },
};

function inspected(attributes: AdmissionAttributes, request: string | undefined): InspectedRequest {
  try {
    return inspectCertificateRequest(Buffer.from(request ?? '', 'base64').toString('utf8'));
  } catch (error) {
    if (error instanceof CertificateProblem)
      throw admissionForbidden(attributes, `failed to parse CSR: ${error.message}`);
    throw error;
  }
}
