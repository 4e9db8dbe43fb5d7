import type { ResourceRow } from '@reckon/api/kinds';

const exempt: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/**
 * Policies judge neither policies, or a bad one could not be taken away, nor what is asked to find out who may do what
 * (kubeapiserver/admission/exclusion `Excluded`).
 */
export const isExemptFromPolicies = ({ group, resource }: ResourceRow): boolean => exempt.has(`${group}/${resource}`);
