import type { Plugin } from '../framework/plugin';
import { unresolvable } from '../framework/status';

const name = 'SchedulingGates';

/** Keeps pods with `spec.schedulingGates` out of the queue (plugins/schedulinggates). */
export const schedulingGates = (): Plugin => ({
  name,
  hints: [{ resource: 'TargetPod', actions: ['UpdatePodSchedulingGatesEliminated'] }],
  preEnqueue: ({ pod }) => {
    const gates = pod.spec?.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return unresolvable(name, `waiting for scheduling gates: [${gates.map((g) => g.name).join(' ')}]`);
  },
});
