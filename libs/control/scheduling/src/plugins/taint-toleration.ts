import type { corev1 } from '@reckon/api/types';
import { stateKey } from '../framework/cycle-state';
import type { Plugin } from '../framework/plugin';
import { skip, unresolvable } from '../framework/status';
import { normalizeByHighest } from './normalize';
import { anyTolerates, untoleratedTaint } from '@reckon/control/runtime';

const name = 'TaintToleration';
const rejected = unresolvable(name, 'node(s) had untolerated taint(s)');
const preferred = stateKey<readonly corev1.Toleration[]>(name);
const isSoft = (taint: corev1.Taint): boolean => taint.effect === 'PreferNoSchedule';

/** Refuses nodes with taints that the pod does not tolerate, and prefers those with fewer PreferNoSchedule ones (plugins/tainttoleration). */
export const taintToleration = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeTaint'],
      helps: ({ pod }, event) => {
        if (event.resource !== 'Node') return true;
        const tolerations = pod.spec?.tolerations;
        if (untoleratedTaint(event.after?.spec?.taints, tolerations) !== undefined) return false;
        return event.before === undefined || untoleratedTaint(event.before.spec?.taints, tolerations) !== undefined;
      },
    },
    { resource: 'TargetPod', actions: ['UpdatePodToleration'] },
  ],
  filter: (_, { pod }, node) => {
    const taints = node.node?.spec?.taints;
    if (taints === undefined || taints.length === 0) return undefined;
    return untoleratedTaint(taints, pod.spec?.tolerations) === undefined ? undefined : rejected;
  },
  preScore: (state, { pod }, nodes) => {
    if (!nodes.some((n) => n.node?.spec?.taints?.some(isSoft))) return skip;
    state.write(
      preferred,
      (pod.spec?.tolerations ?? []).filter(
        (t) => t.effect === undefined || t.effect === '' || t.effect === 'PreferNoSchedule',
      ),
    );
    return undefined;
  },
  score: (state, _, node) => {
    const tolerations = state.read(preferred);
    let intolerable = 0;
    for (const taint of node.node?.spec?.taints ?? [])
      if (isSoft(taint) && !anyTolerates(tolerations, taint)) intolerable++;
    return intolerable;
  },
  normalize: (_state, _pod, scores) => {
    normalizeByHighest(scores, 'less is better');
  },
});
