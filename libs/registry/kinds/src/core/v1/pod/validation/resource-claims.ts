import { type FieldPath, fieldErrors, validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkText, type Errors } from '../../../../field-checks';

/** `validatePodResourceClaims`: devices that the pod's containers share. */
export function validateResourceClaims(
  errors: Errors,
  path: FieldPath,
  claims: readonly corev1.PodResourceClaim[],
): void {
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const claimPath = path.index(index);
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) errors.push(fieldErrors.required(claimPath.child('name')));
    else if (names.has(name)) errors.push(fieldErrors.duplicate(claimPath.child('name'), name));
    else {
      checkText(errors, claimPath.child('name'), name, validateDns1123Label);
      names.add(name);
    }
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(
        fieldErrors.invalid(
          claimPath,
          shown,
          'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      );
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(
        fieldErrors.invalid(claimPath, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'),
      );
    if (resourceClaimName !== undefined)
      checkText(errors, claimPath.child('resourceClaimName'), resourceClaimName, validateDns1123Subdomain);
    if (resourceClaimTemplateName !== undefined)
      checkText(
        errors,
        claimPath.child('resourceClaimTemplateName'),
        resourceClaimTemplateName,
        validateDns1123Subdomain,
      );
  }
}
