import { fieldErrors, fieldPath, statusErrors, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import type { Errors } from '../../../field-checks';

const bindingResource = { group: '', resource: 'pods/binding' };

/** ValidatePodBinding: pods are bound to nodes, by name. */
export function validateBinding(binding: corev1.Binding): Errors {
  const errors: Errors = [];
  const { kind = '', name = '' } = binding.target ?? {};
  if (kind !== '' && kind !== 'Node')
    errors.push(fieldErrors.notSupported(fieldPath('target', 'kind'), kind, ['Node', '<empty>']));
  if (name === '') errors.push(fieldErrors.required(fieldPath('target', 'name')));
  return errors;
}

/**
 * Binds `pod` (a copy of the newest state, which is changed) to the node that `binding` names, or throws why not
 * (BindingREST.setPodNodeAndMetadata in pkg/registry/core/pod/storage). A pod is bound once and for all.
 */
export function applyBinding(ctx: Pick<RequestContext, 'nowMs'>, pod: corev1.Pod, binding: corev1.Binding): void {
  const { metadata } = pod;
  const name = metadata.name ?? '';
  const errors = validateBinding(binding);
  if (errors.length > 0)
    throw statusErrors.invalid({ group: '', kind: 'Binding' }, binding.metadata.name ?? '', errors);
  const conflict = (why: string): never => {
    throw statusErrors.conflict(bindingResource, name, why);
  };
  const { uid, resourceVersion, labels, annotations } = binding.metadata;
  if (uid && uid !== metadata.uid)
    conflict(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`);
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    conflict(
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion ?? ''}`,
    );
  if (metadata.deletionTimestamp !== undefined) conflict(`pod ${name} is being deleted, cannot be assigned to a host`);
  const spec = (pod.spec ??= { containers: [] });
  if (spec.nodeName) conflict(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  if ((spec.schedulingGates ?? []).length > 0) conflict(`pod ${name} has non-empty .spec.schedulingGates`);
  spec.nodeName = binding.target.name ?? '';
  for (const key of Object.keys(annotations ?? {}))
    setOwn((metadata.annotations ??= {}), key, annotations?.[key] ?? '');
  for (const key of Object.keys(labels ?? {})) setOwn((metadata.labels ??= {}), key, labels?.[key] ?? '');
  const status = (pod.status ??= {});
  // A nomination has served its purpose.
  delete status.nominatedNodeName;
  setScheduled(ctx, status);
}

/** A key of the client's must not reach the prototype. */
function setOwn(map: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
}

function setScheduled(ctx: Pick<RequestContext, 'nowMs'>, status: corev1.PodStatus): void {
  const conditions = (status.conditions ??= []);
  const index = conditions.findIndex(({ type }) => type === 'PodScheduled');
  const before = conditions[index];
  const condition: corev1.PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    // A time that was never set: Go writes it all the same.
    lastProbeTime: null as unknown as string,
    lastTransitionTime:
      before?.status === 'True' && before.lastTransitionTime ? before.lastTransitionTime : timeText(ctx.nowMs),
  };
  if (index < 0) conditions.push(condition);
  else conditions[index] = condition;
}
