import { deepCopy, type FieldPath, fieldErrors, fieldPath, semanticEqual } from '@reckon/api/machinery';
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
  pod.spec = { ...before, containers };
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
  if (hasResources(spec.resources) || hasResources(before.resources))
    return alone('pods with pod-level resources cannot be resized');
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
  validateContainers(errors, path.child('initContainers'), spec.initContainers, before.initContainers, 'init');
  validateContainers(errors, path.child('containers'), spec.containers, before.containers, 'regular');
  return errors;
}

const hasResources = (resources: corev1.ResourceRequirements | undefined): boolean =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;

function validateContainers(
  errors: Errors,
  path: FieldPath,
  containers: readonly corev1.Container[] | undefined,
  old: readonly corev1.Container[] | undefined,
  sort: 'init' | 'regular',
): void {
  const specPath = fieldPath('spec');
  for (const [index, before] of (old ?? []).entries()) {
    const container = containers?.[index];
    if (container === undefined) continue;
    if (sort === 'init' && before.restartPolicy !== 'Always') {
      if (!semanticEqual(container, before))
        errors.push(fieldErrors.forbidden(specPath, 'resources for non-sidecar init containers are immutable'));
      continue;
    }
    validateChange(errors, path.index(index).child('resources'), container, before);
    const rest = deepCopy(container);
    putBackCompute(rest, before);
    if (before.resizePolicy === undefined) delete rest.resizePolicy;
    else rest.resizePolicy = before.resizePolicy;
    if (!semanticEqual(rest, before))
      errors.push(
        fieldErrors.forbidden(
          specPath,
          sort === 'init'
            ? 'only cpu and memory resources for sidecar containers are mutable'
            : 'only cpu and memory resources are mutable',
        ),
      );
  }
}

/** Removing a number is not a change of it (validateContainerResize). */
function validateChange(errors: Errors, path: FieldPath, container: corev1.Container, before: corev1.Container): void {
  for (const list of ['requests', 'limits'] as const) {
    const now = container.resources?.[list] ?? {};
    if (Object.keys(before.resources?.[list] ?? {}).some((name) => !Object.hasOwn(now, name)))
      errors.push(fieldErrors.forbidden(path.child(list), `resource ${list} cannot be removed`));
  }
}

function putBackCompute(container: corev1.Container, before: corev1.Container): void {
  for (const list of ['requests', 'limits'] as const) {
    const was = before.resources?.[list];
    const now = (container.resources ??= {});
    if (was === undefined) {
      delete now[list];
      continue;
    }
    const next: Record<string, string> = { ...now[list] };
    for (const name of ['cpu', 'memory']) {
      delete next[name];
      if (was[name] !== undefined) next[name] = was[name];
    }
    now[list] = next;
  }
  if (!before.resources && Object.keys(container.resources ?? {}).length === 0) delete container.resources;
}
