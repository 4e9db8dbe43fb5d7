import { stringifyJson } from '@reckon/api/machinery';
import type { MatchedResource } from '../matching/rule-matching';
import { admissionRequest } from '../expressions/request-variables';
import type { VersionedRequest } from '../versioned-request';

/**
 * The body for a webhook: an AdmissionReview with the object in the version that its rule named (plugin/webhook/request
 * `CreateAdmissionObjects`). v1 and v1beta1 differ in nothing but the version.
 */
export function admissionReview(
  request: VersionedRequest,
  matched: MatchedResource,
  { uid, version }: { readonly uid: string; readonly version: 'v1' | 'v1beta1' },
): string {
  return stringifyJson({
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      ...admissionRequest(request, matched),
      object: request.objectIn(matched.kind) ?? null,
      oldObject: request.oldObjectIn(matched.kind) ?? null,
    },
  });
}
