import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { DeleteOptions, ResourceStore } from '@reckon/registry/generic';
import type { SubresourceHandler } from '@reckon/serve/http';

/**
 * `pods/eviction`: deletes the pod with the options of the Eviction (registry/core/pod/storage.EvictionREST). No kind that could
 * forbid it is served yet: a PodDisruptionBudget, once there, is asked here and its status moves in the same append.
 */
export function evictionHandler(pods: ResourceStore): SubresourceHandler {
  return async (call) => {
    const eviction = call.object as (KubeObject & { deleteOptions?: DeleteOptions }) | undefined;
    const named = eviction?.metadata.name ?? '';
    if (named !== '' && named !== call.name)
      throw statusErrors.badRequest('name in URL does not match name in Eviction object');
    const options = eviction?.deleteOptions ?? {};
    await call.options.admission.mutate(eviction, undefined);
    await call.options.admission.validate(eviction, undefined);
    await pods.delete(call.ctx, call.namespace, call.name, options, {
      ...call.options,
      dryRun: call.options.dryRun || (options.dryRun ?? []).includes('All'),
      // Admission of the Eviction was asked above; upstream's deletion below it passes no admission of its own.
      admission: { mutate: () => undefined, validate: () => undefined },
    });
    return {
      code: 201,
      object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    };
  };
}
