import { featuresToRun, undeclaredFeatures } from '@reckon/api/node-declared-features';
import { semanticEqual } from '@reckon/api/machinery';
import { stateKey } from '../framework/cycle-state';
import type { Plugin } from '../framework/plugin';
import { skip, unresolvable } from '../framework/status';

const name = 'NodeDeclaredFeatures';
const rejected = unresolvable(name, "node(s) didn't match Pod's required features");
const needed = stateKey<readonly string[]>(name);

/** Keeps a pod from nodes that do not declare a feature which it needs to run (plugins/nodedeclaredfeatures). */
export const nodeDeclaredFeatures = (): Plugin => ({
  name,
  hints: [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeDeclaredFeature'],
      helps: (_, event) =>
        event.resource !== 'Node' ||
        event.before === undefined ||
        !semanticEqual(event.before.status?.declaredFeatures ?? [], event.after?.status?.declaredFeatures ?? []),
    },
    {
      resource: 'TargetPod',
      actions: [
        'Update',
        'UpdatePodLabel',
        'UpdatePodScaleDown',
        'UpdatePodToleration',
        'UpdatePodSchedulingGatesEliminated',
        'UpdatePodGeneratedResourceClaim',
      ],
      helps: (_, event) =>
        event.resource !== 'TargetPod' ||
        !semanticEqual(featuresToRun(event.before?.spec), featuresToRun(event.after?.spec)),
    },
  ],
  preFilter(state, { pod }) {
    const features = featuresToRun(pod.spec);
    if (features.length === 0) return { status: skip };
    state.write(needed, features);
    return {};
  },
  filter: (state, _, { node }) =>
    undeclaredFeatures(state.read(needed) ?? [], node?.status?.declaredFeatures).length > 0 ? rejected : undefined,
});
