import { type FieldPath, fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import type { Errors } from '../../../field-checks';
import { keepStatus } from '../../../status-keeping';
import { setPodDefaults } from './pod.defaults';
import { countPodChange } from './pod.strategy';
import { qosClassOf } from './qos-class';
import { keepMetaForStatus } from './subresource-meta';
import { mirrorKey } from './validation/annotations';
import { validatePod } from './validation/pod';
import { toleratedIn } from './validation/tolerated';

/** CPU and memory of a running pod's containers, without a restart (podResizeStrategy). */
export const resizeStrategy: Strategy<corev1.Pod> = {
  defaults: setPodDefaults,
  resetFields: [['status']],
  prepareForUpdate: (_ctx, pod, old) => {
    keepAllButResources(pod, old);
    countPodChange(pod, old);
  },
  validateUpdate: (_ctx, pod, old) => validateResize(pod, old),
};

/** Containers that came, went or moved are left as they are, for validation to refuse. */
function keepAllButResources(pod: corev1.Pod, old: corev1.Pod): void {
  const before = old.spec ?? { containers: [] };
  const containers = withResources(pod.spec?.containers, before.containers);
  const initContainers = withResources(pod.spec?.initContainers, before.initContainers);
  if (containers === undefined || initContainers === undefined) return;
  const whole = pod.spec?.resources;
  pod.spec = { ...before, containers };
  if (whole === undefined) delete pod.spec.resources;
  else pod.spec.resources = whole;
  if (before.initContainers !== undefined) pod.spec.initContainers = initContainers;
  keepStatus(pod, old);
  keepMetaForStatus(pod.metadata, old.metadata);
}

function withResources(
  containers: readonly corev1.Container[] | undefined,
  old: readonly corev1.Container[] | undefined,
): corev1.Container[] | undefined {
  const before = old ?? [];
  if ((containers ?? []).length !== before.length) return undefined;
  const result: corev1.Container[] = [];
  for (const [index, container] of (containers ?? []).entries()) {
    const was = before[index];
    if (was === undefined || was.name !== container.name) return undefined;
    const next = { ...was };
    if (container.resources === undefined) delete next.resources;
    else next.resources = container.resources;
    if (container.resizePolicy === undefined) delete next.resizePolicy;
    else next.resizePolicy = container.resizePolicy;
    result.push(next);
  }
  return result;
}

const alone = (text: string): Errors => [fieldErrors.forbidden(fieldPath('[]'), text)];

/** ValidatePodResize. */
function validateResize(pod: corev1.Pod, old: corev1.Pod): Errors {
  const spec = pod.spec ?? { containers: [] };
  const before = old.spec ?? { containers: [] };
  if (Object.hasOwn(old.metadata.annotations ?? {}, mirrorKey)) return alone('static pods cannot be resized');
  if (before.os?.name === 'windows') return alone('windows pods cannot be resized');
  const errors: Errors = [];
  const path = fieldPath('spec');
  validatePod(errors, pod, toleratedIn(old));
  if ((old.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(spec))
    errors.push(
      fieldErrors.invalid(path, pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'),
    );
  const running = (old.status?.containerStatuses ?? []).find(({ state }) => state?.running);
  if (running && !running.resources)
    errors.push(fieldErrors.forbidden(path, 'Pod running on node without support for resize'));
  if (asksAsAWhole(spec) || asksAsAWhole(before)) validateWhole(errors, path, spec.resources, before.resources);
  if (old.status?.nodeAllocatableResourceClaimStatuses?.length)
    errors.push(fieldErrors.forbidden(path, 'pods with node allocatable resource claims cannot be resized'));
  const count = errors.length;
  for (const field of ['containers', 'initContainers'] as const)
    checkSameContainers(errors, path, field, spec[field] ?? [], before[field] ?? []);
  if (errors.length === count) validateContainers(errors, path, spec, before);
  return errors;
}

function asksAsAWhole({ resources }: corev1.PodSpec): boolean {
  return Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;
}

/** What the pod asks for as a whole (validatePodLevelResourcesResize). */
function validateWhole(
  errors: Errors,
  path: FieldPath,
  resources: corev1.ResourceRequirements | undefined,
  old: corev1.ResourceRequirements | undefined,
): void {
  const wholePath = path.child('resources');
  if (old !== undefined && resources === undefined) {
    errors.push(fieldErrors.forbidden(wholePath, 'pod-level resources cannot be removed'));
    return;
  }
  checkNothingRemoved(errors, wholePath, resources, old, 'pod-level resource');
  if (!semanticEqual(withoutCompute(resources, old), old))
    errors.push(fieldErrors.forbidden(path, 'only cpu and memory resources are mutable at pod-level'));
}

function checkSameContainers(
  errors: Errors,
  path: FieldPath,
  field: 'containers' | 'initContainers',
  containers: readonly corev1.Container[],
  old: readonly corev1.Container[],
): void {
  const listPath = path.child(field);
  if (containers.length !== old.length)
    errors.push(fieldErrors.forbidden(listPath, `${field} may not be added or removed on resize`));
  else
    for (const [index, { name }] of old.entries())
      if (containers[index]?.name !== name)
        errors.push(
          fieldErrors.forbidden(
            listPath.index(index).child('name'),
            `${field} may not be renamed or reordered on resize`,
          ),
        );
}

function validateContainers(errors: Errors, path: FieldPath, spec: corev1.PodSpec, old: corev1.PodSpec): void {
  for (const field of ['initContainers', 'containers'] as const)
    for (const [index, before] of (old[field] ?? []).entries())
      checkNothingRemoved(
        errors,
        path.child(field).index(index).child('resources'),
        spec[field]?.[index]?.resources,
        before.resources,
        'resource',
      );
  for (const [index, before] of (old.containers ?? []).entries())
    if (!isSameButCompute(spec.containers[index], before))
      errors.push(fieldErrors.forbidden(path, 'only cpu and memory resources are mutable'));
  for (const [index, before] of (old.initContainers ?? []).entries()) {
    const container = spec.initContainers?.[index];
    const containerPath = path.child('initContainers').index(index);
    if (!isSameButCompute(container, before))
      errors.push(
        fieldErrors.forbidden(
          containerPath,
          'only cpu and memory resources for init or sidecar containers are mutable',
        ),
      );
    const restarts = container?.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer');
    if (restarts === true && container?.restartPolicy !== 'Always' && !semanticEqual(container, before))
      errors.push(
        fieldErrors.forbidden(
          containerPath,
          'non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
        ),
      );
  }
}

function isSameButCompute(container: corev1.Container | undefined, old: corev1.Container): boolean {
  const rest = { ...container };
  const resources = withoutCompute(container?.resources, old.resources);
  if (resources === undefined) delete rest.resources;
  else rest.resources = resources;
  return semanticEqual(rest, old);
}

/** Removing a number is not a change of it (validateContainerResize). */
function checkNothingRemoved(
  errors: Errors,
  path: FieldPath,
  resources: corev1.ResourceRequirements | undefined,
  old: corev1.ResourceRequirements | undefined,
  what: string,
): void {
  for (const list of ['requests', 'limits'] as const) {
    const names = resources?.[list] ?? {};
    if (Object.keys(old?.[list] ?? {}).some((name) => !Object.hasOwn(names, name)))
      errors.push(fieldErrors.forbidden(path.child(list), `${what} ${list} cannot be removed`));
  }
}

/** The resources with CPU and memory put back to what they were. */
function withoutCompute(
  resources: corev1.ResourceRequirements | undefined,
  old: corev1.ResourceRequirements | undefined,
): corev1.ResourceRequirements | undefined {
  const rest: corev1.ResourceRequirements = { ...resources };
  for (const list of ['requests', 'limits'] as const) {
    const was = old?.[list];
    const next: Record<string, string> = { ...rest[list] };
    for (const name of ['cpu', 'memory']) {
      delete next[name];
      if (was?.[name] !== undefined) next[name] = was[name];
    }
    if (was === undefined && Object.keys(next).length === 0) delete rest[list];
    else rest[list] = next;
  }
  return old === undefined && Object.keys(rest).length === 0 ? undefined : rest;
}
