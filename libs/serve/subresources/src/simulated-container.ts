import { StatusError, failure, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ResourceStore } from '@reckon/registry/generic';
import type { ConnectHandler } from '@reckon/serve/http';
import { containerOf } from './container-of';

/**
 * `exec`, `attach` and `portforward` reach into a process, and a simulated container has none: after what upstream would refuse anyhow,
 * the Status says so.
 */
export function simulatedContainerHandler(pods: ResourceStore): ConnectHandler {
  return async (call) => {
    const stored = await pods.get(call.namespace, call.name, { resourceVersion: '' });
    const pod = stored.parse() as unknown as corev1.Pod;
    if (call.subresource !== 'portforward') containerOf(pod, call.query.get('container') ?? '');
    if ((pod.spec?.nodeName ?? '') === '')
      throw statusErrors.badRequest(`pod ${call.name} does not have a host assigned`);
    throw new StatusError(
      failure({
        reason: 'NotImplemented',
        message: `${call.subresource} needs a process, and the containers of pod "${call.name}" are simulated: there is none to reach`,
        details: { name: call.name, kind: 'pods' },
      }),
    );
  };
}
