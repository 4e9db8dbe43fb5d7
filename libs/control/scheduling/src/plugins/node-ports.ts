import { hostPortsOf } from '../cache/host-ports';
import { UsedPorts } from '../cache/host-ports';
import { isPodEvent } from '../framework/cluster-event';
import type { Plugin } from '../framework/plugin';
import { skip, unschedulable } from '../framework/status';

const name = 'NodePorts';
const rejected = unschedulable(name, "node(s) didn't have free ports for the requested pod ports");

/** Refuses nodes where a host port that the pod claims is taken (plugins/nodeports). */
export const nodePorts = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      helps: ({ hostPorts }, event) => {
        if (!isPodEvent(event) || event.before === undefined) return true;
        const freed = new UsedPorts();
        freed.add(hostPortsOf(event.before));
        return hostPorts.some((port) => freed.collides(port));
      },
    },
    { resource: 'Node', actions: ['Add'] },
  ],
  preFilter: (_, { hostPorts }) => (hostPorts.length === 0 ? { status: skip } : {}),
  filter: (_, { hostPorts }, node) => (hostPorts.some((port) => node.ports.collides(port)) ? rejected : undefined),
});
