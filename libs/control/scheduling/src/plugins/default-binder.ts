import type { RestClient } from '@reckon/client/rest';
import { refs } from '@reckon/client/rest';
import type { Plugin } from '../framework/plugin';
import { errorStatus } from '../framework/status';

const name = 'DefaultBinder';

/** Binds through `POST pods/<name>/binding` (plugins/defaultbinder). */
export function defaultBinder(rest: RestClient): Plugin {
  const pods = rest.resource(refs.pods);
  return {
    name,
    async bind(_, { pod }, nodeName) {
      const { namespace = '', name: podName = '', uid } = pod.metadata;
      try {
        await pods.post(namespace, podName, 'binding', {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: podName, namespace, ...(uid === undefined ? {} : { uid }) },
          target: { kind: 'Node', name: nodeName },
        });
        return undefined;
      } catch (error) {
        return errorStatus(name, error);
      }
    },
  };
}
