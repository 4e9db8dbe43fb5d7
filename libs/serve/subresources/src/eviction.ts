import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { parseObject } from '@reckon/api/kinds';
import type { DeleteOptions, ResourceStore } from '@reckon/registry/generic';
import { markEvicted } from '@reckon/registry/kinds';
import type { SubresourceCall, SubresourceHandler } from '@reckon/serve/http';
import { createdStatus } from './created-status';

/** Admission is asked about the Eviction; what follows from it passes none of its own. */
const unasked = { mutate: () => undefined, validate: () => undefined };

/**
 * `pods/eviction`: notes on the pod why it goes, then deletes it with the options of the Eviction (registry/core/pod/storage
 * `EvictionREST`). No kind that could forbid it is served yet: a PodDisruptionBudget, once there, is asked here and its status moves in
 * the same append.
 */
export function evictionHandler(pods: ResourceStore): SubresourceHandler {
  return async (call) => {
    const eviction = call.object as (KubeObject & { deleteOptions?: DeleteOptions }) | undefined;
    await call.options.admission.mutate(eviction, undefined);
    if (eviction?.metadata.name !== call.name)
      throw statusErrors.badRequest('name in URL does not match name in Eviction object');
    const deleteOptions = { ...eviction.deleteOptions };
    const dryRun = call.options.dryRun || (deleteOptions.dryRun ?? []).includes('All');
    await call.options.admission.validate(eviction, undefined);

    if (!dryRun) {
      const marked = await mark(call, pods, deleteOptions.preconditions ?? {});
      // The version that the client named has just been followed by ours.
      if (deleteOptions.preconditions?.resourceVersion)
        deleteOptions.preconditions = { ...deleteOptions.preconditions, resourceVersion: marked };
    }
    await pods.delete(call.ctx, call.namespace, call.name, deleteOptions, {
      ...call.options,
      dryRun,
      admission: unasked,
    });
    return createdStatus;
  };
}

/** Adds the condition DisruptionTarget to the newest state of the pod; answers its resourceVersion. */
async function mark(
  { ctx, namespace, name, options }: SubresourceCall,
  pods: ResourceStore,
  wanted: NonNullable<DeleteOptions['preconditions']>,
): Promise<string> {
  const next = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new Error('the store updates what exists');
    const { uid = '', resourceVersion = '' } = current.metadata;
    for (const [what, given, own, fate] of [
      ['UID', wanted.uid, uid, 'deleted and then recreated'],
      ['ResourceVersion', wanted.resourceVersion, resourceVersion, 'modified'],
    ] as const)
      if (given && given !== own)
        throw statusErrors.conflict(
          { group: '', resource: 'Pod' },
          name,
          `the ${what} in the precondition (${given}) does not match the ${what} in record (${own}). The object might have been ${fate}`,
        );
    markEvicted(ctx, current);
    return current;
  };
  const intent = { next, operation: 'Update', mayCreate: false } as const;
  const { bytes } = await pods.update(ctx, namespace, name, 'eviction', intent, { ...options, admission: unasked });
  return parseObject(bytes).metadata.resourceVersion ?? '';
}
