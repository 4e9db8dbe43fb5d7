import { type FieldPath, fieldErrors, validateDns1123Label, validateDns1123Subdomain } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkRequiredText, checkText, type Errors } from '../../../../field-checks';

/** `validatePodExtendedResourceClaimStatus`: the claim that stands for a pod's extended resources, and which request is which. */
export function validateExtendedClaim(
  errors: Errors,
  path: FieldPath,
  status: corev1.PodExtendedResourceClaimStatus,
  spec: corev1.PodSpec,
): void {
  const containers = new Map([...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((c) => [c.name, c]));
  // A client may leave out what the type says is there.
  const mappings: readonly Partial<corev1.ContainerExtendedResourceRequest>[] = status.requestMappings ?? [];
  const mappingsPath = path.child('requestMappings');
  if (mappings.length === 0)
    errors.push(fieldErrors.required(mappingsPath, 'at least one request mapping is required'));
  const seen = new Set<string>();
  for (const [index, mapping] of mappings.entries()) {
    const { containerName = '', resourceName = '', requestName = '' } = mapping;
    const mappingPath = mappingsPath.index(index);
    const container = containers.get(containerName);
    if (container === undefined)
      errors.push(
        fieldErrors.invalid(
          mappingPath.child('containerName'),
          containerName,
          'must match the name of an entry in spec.initContainers.name or spec.containers.name',
        ),
      );
    else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName))
      errors.push(
        fieldErrors.invalid(
          mappingPath.child('resourceName'),
          resourceName,
          'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
        ),
      );
    // Upstream reports these at the status, not at the mapping.
    checkText(errors, path.child('requestName'), requestName, validateDns1123Label);
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key))
      for (const [field, value] of Object.entries({ containerName, resourceName, requestName }))
        errors.push(fieldErrors.duplicate(mappingPath.child(field), value));
    seen.add(key);
  }
  checkRequiredText(errors, path.child('resourceClaimName'), status.resourceClaimName, validateDns1123Subdomain);
}
