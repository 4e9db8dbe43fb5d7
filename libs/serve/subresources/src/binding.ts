import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ResourceStore } from '@reckon/registry/generic';
import { applyBinding } from '@reckon/registry/kinds';
import type { SubresourceHandler } from '@reckon/serve/http';
import { createdStatus } from './created-status';

/**
 * `pods/binding` and the older `bindings`: gives the pod its node (registry/core/pod/storage.BindingREST). The pod's name is in the
 * path and the body of the first, and in the body of the second.
 */
export function bindingHandler(pods: ResourceStore): SubresourceHandler {
  return async (call) => {
    const binding = call.object as KubeObject & corev1.Binding;
    await call.options.admission.mutate(binding, undefined);
    const name = binding.metadata.name ?? '';
    if (call.name !== '' && call.name !== name)
      throw statusErrors.badRequest('name in URL does not match name in Binding object');
    await pods.update(
      call.ctx,
      call.namespace,
      name,
      'binding',
      {
        next: (current) => {
          if (current === undefined) throw new Error('the store updates what exists');
          applyBinding(call.ctx, current, binding);
          return current;
        },
        operation: 'Update',
        mayCreate: false,
      },
      {
        ...call.options,
        admission: { mutate: () => undefined, validate: () => call.options.admission.validate(binding, undefined) },
      },
    );
    return createdStatus;
  };
}
