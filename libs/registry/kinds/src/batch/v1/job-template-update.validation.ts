import { type FieldPath, fieldErrors, isConditionTrue, semanticEqual } from '@reckon/api/machinery';
import type { batchv1, corev1 } from '@reckon/api/types';
import { type Errors, immutableMessage } from '../../field-checks';
import { internalForm } from '../../core/v1/pod/internal-form';
import { internalTemplate } from './internal-batch';

/**
 * The template of a job never changes, with two exceptions for a suspended one (validatePodTemplateUpdate): where its pods may run,
 * and, once the controller has confirmed that none of them is left, what they ask for.
 */
export function validateTemplateUpdate(errors: Errors, job: batchv1.Job, old: batchv1.Job, path: FieldPath): void {
  const template = job.spec?.template ?? {};
  let before = old.spec?.template ?? {};
  const isSuspended = old.spec?.suspend === true;
  const isQuiet =
    isSuspended && isConditionTrue(old.status?.conditions, 'Suspended') && (old.status?.active ?? 0) === 0;
  const neverStarted = old.status?.startTime === undefined;
  if (isSuspended && (neverStarted || isQuiet)) before = withDirectivesOf(before, template);
  if (!isQuiet) {
    if (!semanticEqual(template, before))
      errors.push(fieldErrors.invalid(path.child('template'), internalTemplate(template), immutableMessage));
    return;
  }
  // Upstream compares the pod alone then, whatever became of its metadata.
  const pod = template.spec ?? { containers: [] };
  if (!semanticEqual(pod, withResourcesOf(before.spec ?? { containers: [] }, pod)))
    errors.push(fieldErrors.invalid(path.child('template', 'spec'), internalForm('PodSpec', pod), immutableMessage));
}

/** `before`, but with the scheduling directives of `template`. */
function withDirectivesOf(before: corev1.PodTemplateSpec, template: corev1.PodTemplateSpec): corev1.PodTemplateSpec {
  const spec = template.spec ?? { containers: [] };
  const oldSpec = before.spec ?? { containers: [] };
  const metadata = { ...before.metadata };
  const next: corev1.PodSpec = { ...oldSpec };
  take(next, spec, ['nodeSelector', 'tolerations', 'schedulingGates']);
  take(metadata, template.metadata ?? {}, ['annotations', 'labels']);
  const affinity = affinityOf(oldSpec.affinity, spec.affinity);
  if (affinity === undefined) delete next.affinity;
  else next.affinity = affinity;
  return { ...before, metadata, spec: next };
}

function take<T extends object>(target: T, source: T, fields: readonly (keyof T)[]): void {
  for (const field of fields) {
    if (source[field] === undefined) Reflect.deleteProperty(target, field);
    else target[field] = source[field];
  }
}

/** Affinity to nodes is free; affinity to pods is not, so it may only vanish where there was none. */
function affinityOf(old: corev1.Affinity | undefined, given: corev1.Affinity | undefined): corev1.Affinity | undefined {
  const rest: corev1.Affinity = { ...old };
  delete rest.nodeAffinity;
  if (given === undefined) return Object.keys(rest).length === 0 ? undefined : rest;
  return given.nodeAffinity === undefined ? rest : { ...rest, nodeAffinity: given.nodeAffinity };
}

/** validatePodResourceUpdatesOnly: containers that are the same by place and name may ask for something else. */
function withResourcesOf(before: corev1.PodSpec, pod: corev1.PodSpec): corev1.PodSpec {
  const next = { ...before, containers: resourcesOf(before.containers, pod.containers ?? []) };
  if (before.initContainers !== undefined && pod.initContainers !== undefined)
    next.initContainers = resourcesOf(before.initContainers, pod.initContainers);
  return next;
}

function resourcesOf(before: readonly corev1.Container[], given: readonly corev1.Container[]): corev1.Container[] {
  if (before.length !== given.length) return [...before];
  return before.map((container, i) => {
    const other = given[i];
    if (other?.name !== container.name) return container;
    const copy = { ...container };
    take(copy, other, ['resources']);
    return copy;
  });
}
