import type { KubeObject } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import type { ResourceRef } from '@reckon/client/rest';
import { type InspectedRequest, inspectCertificateRequest } from '@reckon/pki';

export type CertificateRequest = certificatesv1.CertificateSigningRequest & KubeObject;
export type RequestCondition = certificatesv1.CertificateSigningRequestCondition;

export const certificateRequests: ResourceRef = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
};

/** Whose rights all controllers of requests have. */
export const certificateAccount = 'certificate-controller';

/** A request that cannot be signed yet, or must not be approved, is looked at again after this at first (pkg/controller/certificates). */
export const requestBackoff = { baseMs: 200, mostMs: 1_000_000 };

const conditionsOf = ({ status }: CertificateRequest): readonly RequestCondition[] => status?.conditions ?? [];

/** Whether the request has such a condition, whatever it says: decisions are always `True`. */
export const hasCondition = (request: CertificateRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean =>
  conditionsOf(request).some((condition) => condition.type === type);

export const conditionsOfType = (request: CertificateRequest, type: string): readonly RequestCondition[] =>
  conditionsOf(request).filter((condition) => condition.type === type);

export const isIssued = ({ status }: CertificateRequest): boolean => (status?.certificate ?? '') !== '';

/** The request with one more condition; the informer's object stays as it is. */
export const withCondition = (request: CertificateRequest, condition: RequestCondition): CertificateRequest => ({
  ...request,
  status: { ...request.status, conditions: [...conditionsOf(request), condition] },
});

/** What is asked for. Throws `CertificateProblem`. */
export const readRequest = ({ spec }: CertificateRequest): InspectedRequest =>
  inspectCertificateRequest(Buffer.from(spec.request ?? '', 'base64').toString('utf8'));
