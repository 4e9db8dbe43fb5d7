import type { corev1 } from '@reckon/api/types';
import type { Plugin } from '../framework/plugin';
import { unresolvable } from '../framework/status';
import { anyTolerates } from '@reckon/control/runtime';

const name = 'NodeUnschedulable';
const rejected = unresolvable(name, 'node(s) were unschedulable');
const cordoned: corev1.Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Refuses cordoned nodes, unless the pod tolerates the taint that stands for it (plugins/nodeunschedulable). */
export const nodeUnschedulable = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeTaint'],
      helps: (_, event) =>
        event.resource !== 'Node' ||
        (event.after?.spec?.unschedulable !== true &&
          (event.before === undefined || event.before.spec?.unschedulable === true)),
    },
    {
      resource: 'TargetPod',
      actions: ['UpdatePodToleration'],
      helps: ({ pod }) => anyTolerates(pod.spec?.tolerations, cordoned),
    },
  ],
  filter: (_, { pod }, node) =>
    node.node?.spec?.unschedulable === true && !anyTolerates(pod.spec?.tolerations, cordoned) ? rejected : undefined,
});
