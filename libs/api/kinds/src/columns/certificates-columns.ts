import { humanDuration } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

/** Upstream describes the columns by the beta's fields, whose words are other than those of v1. */
const signerDescription = [
  'Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:',
  " 1. If it's a kubelet client certificate, it is assigned",
  '    "kubernetes.io/kube-apiserver-client-kubelet".',
  " 2. If it's a kubelet serving certificate, it is assigned",
  '    "kubernetes.io/kubelet-serving".',
  ' 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".',
  'Distribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
].join('\n');

export const certificateSigningRequestColumns = columns<certificatesv1.CertificateSigningRequest>([
  nameColumn,
  ageColumn,
  {
    name: 'SignerName',
    description: signerDescription,
    cell: ({ spec }) => spec.signerName || '<none>',
  },
  {
    name: 'Requestor',
    description: 'Base64-encoded PKCS#10 CSR data',
    cell: ({ spec }) => spec.username ?? '',
  },
  {
    name: 'RequestedDuration',
    description: ['certificates/v1.CertificateSigningRequestSpec', 'expirationSeconds'],
    cell: ({ spec }) =>
      spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
  },
  {
    name: 'Condition',
    description: 'Conditions applied to the request, such as approval or denial.',
    cell: ({ status }) => {
      const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type);
      const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
      return `${decision}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
    },
  },
]);
