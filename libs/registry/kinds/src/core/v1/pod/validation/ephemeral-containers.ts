import { type FieldPath, fieldErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../../field-checks';
import { checkImageOfPod, validateAnyContainer } from './containers';
import type { PodContext } from './pod-context';

/** A debugger in a running pod must not become something that the pod needs. In the order of the Go struct. */
const forbidden = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const satisfies readonly (keyof corev1.EphemeralContainer)[];

const notAllowed = 'cannot be set for an Ephemeral Container';

/** `validateEphemeralContainers`. */
export function validateEphemeralContainers(
  errors: Errors,
  path: FieldPath,
  spec: corev1.PodSpec,
  context: PodContext,
): void {
  const containers = spec.ephemeralContainers ?? [];
  if (containers.length === 0) return;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  for (const [index, container] of containers.entries()) {
    const containerPath = path.index(index);
    validateAnyContainer(errors, containerPath, container, context);
    checkImageOfPod(errors, containerPath, container);
    if (names.has(container.name)) errors.push(fieldErrors.duplicate(containerPath.child('name'), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target))
      errors.push(fieldErrors.notFound(containerPath.child('targetContainerName'), target));
    for (const field of forbidden)
      // Resources are no pointer in Go: none at all and an empty struct are the same.
      if (field === 'resources' ? Object.keys(container.resources ?? {}).length > 0 : container[field] !== undefined)
        errors.push(fieldErrors.forbidden(containerPath.child(field), notAllowed));
    for (const [i, mount] of (container.volumeMounts ?? []).entries())
      for (const field of ['subPath', 'subPathExpr'] as const)
        if (mount[field])
          errors.push(fieldErrors.forbidden(containerPath.child('volumeMounts').index(i).child(field), notAllowed));
  }
}
