import type { Plugin } from '../framework/plugin';
import { unresolvable } from '../framework/status';

const name = 'NodeName';
const rejected = unresolvable(name, "node(s) didn't match the requested node name");

/** A pod that names its node fits that one only (plugins/nodename). */
export const nodeName = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add'],
      helps: ({ pod }, event) => event.resource !== 'Node' || event.after?.metadata.name === pod.spec?.nodeName,
    },
  ],
  filter: (_, { pod }, node) => {
    const wanted = pod.spec?.nodeName;
    return wanted === undefined || wanted === '' || wanted === node.name ? undefined : rejected;
  },
});
