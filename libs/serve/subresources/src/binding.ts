import type { KubeObject } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ResourceStore } from '@reckon/registry/generic';
import { applyBinding } from '@reckon/registry/kinds';
import type { SubresourceHandler } from '@reckon/serve/http';

/**
 * `pods/binding` and the older `bindings`: gives the pod its node (registry/core/pod/storage.BindingREST). The pod's name is in the
 * path of the first and in the body of the second.
 */
export function bindingHandler(pods: ResourceStore): SubresourceHandler {
  return async (call) => {
    const binding = call.object as KubeObject & corev1.Binding;
    const name = call.name === '' ? (binding.metadata.name ?? '') : call.name;
    await call.options.admission.mutate(binding, undefined);
    await pods.update(
      call.ctx,
      call.namespace,
      name,
      'binding',
      {
        next: (current) => {
          if (current === undefined) throw new Error('the store updates what exists');
          applyBinding(call.ctx, current as corev1.Pod, binding);
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
    return {
      code: 201,
      object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    };
  };
}
