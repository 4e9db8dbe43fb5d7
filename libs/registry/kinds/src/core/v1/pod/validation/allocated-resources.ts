import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';

const healths = ['Healthy', 'Unhealthy', 'Unknown'];

/** What a kubelet reports of devices (validateContainerStatusAllocatedResourcesStatus). */
export function validateAllocatedResources(
  errors: Errors,
  path: FieldPath,
  status: corev1.PodStatus,
  spec: corev1.PodSpec,
): void {
  validateList(errors, path.child('containerStatuses'), status.containerStatuses ?? [], spec.containers ?? []);
  validateList(
    errors,
    path.child('initContainerStatuses'),
    status.initContainerStatuses ?? [],
    spec.initContainers ?? [],
  );
  for (const [index, { allocatedResourcesStatus }] of (status.ephemeralContainerStatuses ?? []).entries())
    if ((allocatedResourcesStatus ?? []).length > 0)
      errors.push(
        fieldErrors.forbidden(
          path.child('ephemeralContainerStatuses').index(index).child('allocatedResourcesStatus'),
          'must not be specified in container status',
        ),
      );
}

function validateList(
  errors: Errors,
  path: FieldPath,
  statuses: readonly corev1.ContainerStatus[],
  containers: readonly corev1.Container[],
): void {
  for (const [index, status] of statuses.entries()) {
    if (status.allocatedResourcesStatus === undefined) continue;
    const container = containers.find(({ name }) => name === status.name);
    for (const [i, resource] of status.allocatedResourcesStatus.entries()) {
      const resourcePath = path.index(index).child('allocatedResourcesStatus').index(i);
      if (container) checkKnown(errors, resourcePath.child('name'), resource.name, container);
      validateHealth(errors, resourcePath.child('resources'), resource.resources ?? []);
    }
  }
}

function checkKnown(errors: Errors, path: FieldPath, name: string, { resources }: corev1.Container): void {
  if (name.startsWith('claim:')) {
    const known = (resources?.claims ?? []).map((claim) =>
      claim.request ? `claim:${claim.name}/${claim.request}` : `claim:${claim.name}`,
    );
    if (!known.includes(name))
      errors.push(
        fieldErrors.invalid(
          path,
          name,
          "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
        ),
      );
  } else if (!Object.hasOwn(resources?.requests ?? {}, name))
    errors.push(fieldErrors.invalid(path, name, "must match one of the container's resource requests"));
}

function validateHealth(errors: Errors, path: FieldPath, resources: readonly corev1.ResourceHealth[]): void {
  const seen = new Set<string>();
  for (const [index, { resourceID, health }] of resources.entries()) {
    if (!healths.includes(health ?? ''))
      errors.push(fieldErrors.notSupported(path.index(index).child('health'), health ?? '', healths));
    if (seen.has(resourceID)) errors.push(fieldErrors.duplicate(path.index(index).child('resourceID'), resourceID));
    seen.add(resourceID);
  }
}
