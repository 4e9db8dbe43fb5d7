import { StatusError, failure } from '@reckon/api/machinery';
import type { ResourceStore } from '@reckon/registry/generic';
import type { ConnectHandler } from '@reckon/serve/http';

/** `exec`, `attach` and `portforward` reach into a process, and a simulated container has none: the Status says so. */
export function simulatedContainerHandler(pods: ResourceStore): ConnectHandler {
  return async (call) => {
    await pods.get(call.namespace, call.name, { resourceVersion: '' });
    throw new StatusError(
      failure({
        reason: 'NotImplemented',
        message: `${call.subresource} needs a process, and the containers of pod "${call.name}" are simulated: there is none to reach`,
        details: { name: call.name, kind: 'pods' },
      }),
    );
  };
}
